/** Masks and labels ask for a weight of a LayersModel by its layer, and by what it is there. */
import * as tf from '@tensorflow/tfjs'
import {
  adam,
  adamw,
  dispose,
  freeze,
  type Mask,
  muon,
  partition,
  selectiveTransform,
  setToZero,
} from 'gradpipe'
import { modelToTree, toOptimizer, trainStep } from 'gradpipe/tfjs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { numbers, useBackend } from '../backends.js'
import { thrown } from '../thrown.js'

let before = 0

beforeEach(async () => {
  await useBackend('cpu')
  before = tf.memory().numTensors
})

afterEach(() => {
  expect(tf.memory().numTensors).toBe(before)
})

type Tx = Parameters<typeof toOptimizer>[0] & Parameters<typeof trainStep>[1]

const ones = { kernelInitializer: 'ones', biasInitializer: 'ones' } as const

/** A model of two layers, all of whose weights are 1 and have a gradient above 0. */
const make = (): tf.Sequential =>
  tf.sequential({
    layers: [
      tf.layers.dense({ name: 'hidden', inputShape: [1], units: 1, ...ones }),
      tf.layers.dense({ name: 'out', units: 1, ...ones }),
    ],
  })

type Weights = Readonly<Record<string, number>>

const weightsOf = (tree: Readonly<Record<string, tf.Tensor>>): Weights =>
  Object.fromEntries(Object.entries(tree).map(([name, tensor]) => [name, numbers(tensor)[0] ?? Number.NaN]))

/** The weights after a step, in a model that is not the first one of its names in the process. */
const byOptimizer = (tx: Tx): Weights => {
  const [earlier, model, x, y] = [make(), make(), tf.ones([1, 1]), tf.zeros([1, 1])]
  const optimizer = toOptimizer(tx)
  try {
    expect(model.weights[0]?.name).toMatch(/^hidden\/kernel_\d+$/)
    optimizer.minimize(() => tf.losses.meanSquaredError(y, model.apply(x) as tf.Tensor) as tf.Scalar)
    const { trainable } = modelToTree(model)
    const found = weightsOf(trainable)
    dispose(trainable)
    return found
  } finally {
    optimizer.dispose()
    model.dispose()
    earlier.dispose()
    tf.dispose([x, y])
  }
}

const byTrainStep = (tx: Tx): Weights => {
  const [model, x, y] = [make(), tf.ones([1, 1]), tf.zeros([1, 1])]
  const params = modelToTree(model)
  try {
    const state = tx.init(params.trainable)
    const [next, after, loss] = trainStep(model, tx, { loss: 'meanSquaredError' })(params, state, x, y)
    const found = weightsOf(next.trainable)
    dispose(state, next, after, loss)
    return found
  } finally {
    dispose(params)
    model.dispose()
    tf.dispose([x, y])
  }
}

const near = (value: number): unknown => expect.closeTo(value, 5)

describe.each([
  ['toOptimizer', byOptimizer],
  ['trainStep', byTrainStep],
] as const)('in %s', (_, step) => {
  test('the mask of the guide leaves biases without weight decay', () => {
    const tx = adamw(0.1, { weightDecay: 0.1, mask: ({ path }) => path.at(-1) !== 'bias' })
    const [kernel, bias] = [near(1 - 0.1 * (1 + 0.1)), near(1 - 0.1)]
    expect(step(tx)).toEqual({
      'hidden/kernel': kernel,
      'hidden/bias': bias,
      'out/kernel': kernel,
      'out/bias': bias,
    })
  })

  const still = { kernel: 1, bias: 1 }

  test.each<readonly [string, () => Tx]>([
    [
      'a function of the path',
      () =>
        partition({ train: adam(0.1), still: setToZero() }, ({ path: [layer] }) =>
          layer === 'out' ? 'train' : 'still',
        ),
    ],
    [
      'a label for each layer',
      () => partition({ train: adam(0.1), still: setToZero() }, { hidden: 'still', out: 'train' }),
    ],
    [
      'a label for each weight, by its name',
      () =>
        partition(
          { train: adam(0.1), still: setToZero() },
          { 'hidden/kernel': 'still', 'hidden/bias': 'still', 'out/kernel': 'train', 'out/bias': 'train' },
        ),
    ],
    [
      'a label for each weight, in layers',
      () =>
        partition(
          { train: adam(0.1), still: setToZero() },
          { hidden: { kernel: 'still', bias: 'still' }, out: 'train' },
        ),
    ],
    ['a mask of what is frozen', () => selectiveTransform(adam(0.1), ({ path }) => path[0] === 'hidden')],
  ])('a partition by layer has %s', (_, tx) => {
    const { 'hidden/kernel': kernel, 'hidden/bias': bias, ...out } = step(tx())
    expect({ kernel, bias }).toEqual(still)
    expect(out).toEqual({ 'out/kernel': near(0.9), 'out/bias': near(0.9) })
  })

  test('what is a matrix may be asked by layer', () => {
    const seen: string[] = []
    step(
      muon(0.1, {
        muonWeightDimensionNumbers: ({ path }) => {
          seen.push(path.join(' '))
          return null
        },
      }),
    )
    expect([...new Set(seen)].sort()).toEqual(['hidden bias', 'hidden kernel', 'out bias', 'out kernel'])
  })

  test('a label of no layer, and a layer without a label, are errors', () => {
    const by =
      (labels: Mask): (() => unknown) =>
      () =>
        step(freeze(labels))
    expect(thrown(by({ hidden: true, out: true, other: true }))).toMatchObject({
      _tag: 'TreeMismatch',
      path: 'mask.other',
    })
    expect(thrown(by({ hidden: true }))).toMatchObject({ _tag: 'TreeMismatch', path: 'mask.out/bias' })
    expect(thrown(by({ hidden: { kernel: true }, out: true }))).toMatchObject({
      _tag: 'TreeMismatch',
      path: 'mask.hidden/bias',
    })
  })
})

test('keys that are no names of weights stay what they are', () => {
  const tx = freeze({ '/a': false, 'b/': true })
  expect(tx.update({ '/a': 1, 'b/': 1 }, tx.init({ '/a': 0, 'b/': 0 }))[0]).toEqual({ '/a': 1, 'b/': 0 })
  const byPath = freeze(({ path }) => path.at(-1) === '/a')
  expect(byPath.update({ '/a': 1, b: 1 }, byPath.init({ '/a': 0, b: 0 }))[0]).toEqual({ '/a': 0, b: 1 })
})
