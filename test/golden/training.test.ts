/**
 * Training on real data: the loss of every step, with TensorFlow.js's automatic differentiation.
 */
import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, test } from 'vitest'
import { tidily } from '../../laws/tensor.js'
import * as gradpipe from '../../src/index.js'
import {
  assertAgreement,
  compare,
  decode,
  encode,
  type GoldenCase,
  type GoldenTree,
  readGoldens,
  tensor,
} from './golden.js'
import { transformationOf } from './trajectory.js'

interface Run {
  readonly library: 'objax' | 'optax'
  readonly model: 'logistic' | 'mlp'
  readonly batch: number | null
  readonly optimizer: Pick<GoldenCase, 'name' | 'args' | 'config'>
  readonly weights: string
  readonly losses: readonly number[]
  readonly final_loss: number
  readonly accuracy: number
  readonly final_norms: Readonly<Record<string, number>>
  readonly f32_dev: number
}

interface Training {
  readonly steps: number
  readonly weights: Readonly<Record<string, GoldenTree>>
  readonly cases: readonly Run[]
}

interface Digits {
  readonly rows: readonly (readonly number[])[]
  readonly labels: readonly number[]
  readonly scale: number
  readonly classes: number
}

type Weights = Readonly<Record<string, tf.Tensor>>

const { steps, weights, cases } = readGoldens<Training>('training')
const { rows, labels, scale, classes } = readGoldens<Digits>('digits')

const layer = (p: Weights, x: tf.Tensor, w: string, b: string): tf.Tensor => {
  const [matrix, bias] = [p[w], p[b]]
  if (matrix === undefined || bias === undefined) throw new Error(`the model has no ${w}, ${b}`)
  return tf.add(tf.matMul(x, matrix), bias)
}

const models = {
  logistic: (p: Weights, x: tf.Tensor) => layer(p, x, 'w', 'b'),
  mlp: (p: Weights, x: tf.Tensor) => layer(p, tf.tanh(layer(p, x, 'w1', 'b1')), 'w2', 'b2'),
}

beforeAll(async () => {
  await tf.setBackend('cpu')
  expect(tf.getBackend()).toBe('cpu')
})

const runs = cases.filter(({ library }) => library === 'optax')

describe('on handwritten digits', () => {
  test.each(runs.map((run) => [run.optimizer.name, run.model, run.batch ?? 'all', run] as const))(
    '%s trains the %s model in batches of %s rows as Optax does',
    (_, model, __, run) => {
      const alive = tf.memory().numTensors
      const start = weights[run.weights]
      if (start === undefined) throw new Error(`there are no weights ${run.weights}`)
      tidily(() => {
        const images = tf.mul(tf.tensor2d(rows.map((row) => [...row])), scale)
        const wanted = tf.oneHot(tf.tensor1d([...labels], 'int32'), classes)
        const loss = (p: Weights, x: tf.Tensor, y: tf.Tensor): tf.Scalar =>
          tf.losses.softmaxCrossEntropy(y, models[model](p, x))
        const numbers = decode(start)
        const tx = transformationOf(gradpipe, run.optimizer, numbers, tensor)
        // the tree of weights is a record of tensors
        let params = encode(tensor, numbers) as Weights
        let state = tx.init(params)
        const batch = run.batch ?? labels.length
        const losses: number[] = []
        for (let i = 0; i < steps; i++) {
          const indices = Array.from({ length: batch }, (_, j) => (i * batch + j) % labels.length)
          const chosen = tf.tensor1d(indices, 'int32')
          const [x, y] = [tf.gather(images, chosen), tf.gather(wanted, chosen)]
          const names = Object.keys(params)
          const { value, grads } = tf.valueAndGrads((...tensors) =>
            loss(Object.fromEntries(names.map((name, k) => [name, tensors[k] as tf.Tensor])), x, y),
          )(Object.values(params))
          const gradients = Object.fromEntries(names.map((name, k) => [name, grads[k] as tf.Tensor]))
          const [updates, next] = tx.update(gradients, state, params)
          params = gradpipe.applyUpdates(params, updates as Weights)
          state = next
          losses.push(value.dataSync()[0] ?? Number.NaN)
        }
        const hit = tf.equal(tf.argMax(models[model](params, images), 1), tf.argMax(wanted, 1))
        const leaf = (data: readonly number[]) => ({ shape: [data.length], data })
        const tolerance = tensor.tolerance(run.f32_dev)
        assertAgreement(run.optimizer.name, [
          ...compare('losses', leaf(run.losses), Float64Array.from(losses), tolerance),
          ...compare('final loss', leaf([run.final_loss]), loss(params, images, wanted), tolerance),
          ...Object.entries(run.final_norms).flatMap(([name, norm]) =>
            compare(`norm of ${name}`, leaf([norm]), tf.norm(params[name] ?? tf.scalar(0)), tolerance),
          ),
        ])
        expect(tf.mean(hit).dataSync()[0]).toBeCloseTo(run.accuracy, 6)
      })
      expect(tf.memory().numTensors).toBe(alive)
    },
  )

  test('every run of Optax is compared', () => {
    expect(runs).toHaveLength(7)
  })
})
