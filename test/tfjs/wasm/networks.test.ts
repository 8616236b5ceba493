/** Networks are trained on WASM as on cpu, step by step, and nothing is left. */
import * as tf from '@tensorflow/tfjs'
import { adam, dispose, step } from 'gradpipe'
import { toOptimizer, valueAndGrad } from 'gradpipe/tfjs'
import { describe, expect, it } from 'vitest'
import {
  byProduct,
  initialTransformer,
  tokensFor,
  transformerLoss,
} from '../../../docs/examples/muon/transformer.js'
import { backends, tensorsIn, useBackend } from '../../backends.js'
import {
  convolutionalNetwork,
  denseNetwork,
  embeddingNetwork,
  type Network,
  recurrentNetwork,
  separableNetwork,
} from '../networks/layers.js'

/**
 * What may lie between two trainings: the backends round in another order, a few units in the last place of each
 * gradient. Adam divides by the gradient's own size, so that a gradient which is nothing but rounding would become a whole
 * step: its epsilon keeps that small. 3e-6 was seen.
 */
const tolerance = 2e-5
const tx = adam(0.01, { eps: 1e-3 })
const steps = 4

/** The losses of a training, and the weights after it. */
interface Course {
  readonly losses: readonly number[]
  readonly weights: readonly (readonly number[])[]
}

const networks: readonly Network[] = [
  denseNetwork({ units: 12 }),
  convolutionalNetwork({ filters: [3, 4], units: 8 }),
  separableNetwork({ filters: [3, 5] }),
  recurrentNetwork({ units: 5 }),
  embeddingNetwork({ vocabulary: 30, width: 6, length: 5 }),
]

const expectSame = (ours: Course, reference: Course): void => {
  ours.losses.forEach((loss, i) => {
    expect(Math.abs(loss - (reference.losses[i] ?? Number.NaN))).toBeLessThan(tolerance)
  })
  expect(ours.losses.at(-1)).toBeLessThan(ours.losses[0] ?? 0)
  const off = ours.weights.map((weight, i) =>
    Math.max(...weight.map((w, j) => Math.abs(w - (reference.weights[i]?.[j] ?? Number.NaN)))),
  )
  expect(Math.max(...off)).toBeLessThan(tolerance)
}

const courseOf = async ({ make, data }: Network): Promise<Course> => {
  const before = tf.memory().numTensors
  const model = make()
  const optimizer = toOptimizer(tx)
  model.compile({ optimizer, loss: 'categoricalCrossentropy' })
  const { x, y } = data(4)
  const losses: number[] = []
  let tensors = 0
  for (let i = 0; i < steps; i++) {
    losses.push(Number(await model.trainOnBatch(x, y)))
    if (i > 0) expect(tf.memory().numTensors).toBe(tensors)
    tensors = tf.memory().numTensors
  }
  const weights = model.getWeights().map((weight) => [...weight.dataSync()])
  model.dispose()
  optimizer.dispose()
  tf.dispose([x, y])
  expect(tf.memory().numTensors).toBe(before)
  return { losses, weights }
}

describe.each(networks)('a $name', (network) => {
  it('is trained on WASM as on cpu', async () => {
    await useBackend('cpu')
    const reference = await courseOf(network)
    await useBackend('wasm')
    expectSame(await courseOf(network), reference)
  })
})

describe('a transformer in plain tensors', () => {
  const sizes = { layers: 2, width: 8, heads: 2, sequence: 6, vocabulary: 11 }

  const course = (): Course => {
    const before = tf.memory().numTensors
    const lossAndGrad = valueAndGrad(transformerLoss(sizes))
    const train = step(tx, { donate: true })
    let params = initialTransformer(sizes)
    let state = tx.init(params)
    const { words, next } = tokensFor(sizes, 3)
    const losses: number[] = []
    for (let i = 0; i < steps; i++) {
      const { value, grads } = lossAndGrad(params, words, next)
      losses.push(value.dataSync()[0] ?? Number.NaN)
      ;[params, state] = train(params, state, grads)
      value.dispose()
    }
    const weights = tensorsIn(params).map((leaf) => [...leaf.dataSync()])
    dispose(params, state, words, next)
    expect(tf.memory().numTensors).toBe(before)
    return { losses, weights }
  }

  it('is trained on WASM as on cpu', async () => {
    const courses: Course[] = []
    for (const backend of backends) {
      await useBackend(backend)
      courses.push(course())
    }
    const [reference, ours] = courses
    if (reference === undefined || ours === undefined) throw new Error('two backends')
    expectSame(ours, reference)
  })

  it('finds words by gather as by a product', async () => {
    await useBackend('wasm')
    const params = initialTransformer(sizes)
    const { words, next } = tokensFor(sizes, 2)
    const [found, reference] = [transformerLoss(sizes), transformerLoss(sizes, byProduct)].map((loss) =>
      tf.tidy(() => Number(loss(params, words, next).dataSync()[0])),
    )
    expect(found).toBe(reference)
    dispose(params, words, next)
  })
})
