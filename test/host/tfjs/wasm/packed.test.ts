/** What the WASM backend's own kernels keep of a tensor is of the numbers that the tensor has now. */
import * as tf from '@tensorflow/tfjs-core'
import { beforeEach, expect, test } from 'vitest'
import { dispose, sgd, step } from '../../../../src/index.js'
import { numbers, useBackend } from '../../../backends.js'

type Weights = { readonly w: tf.Tensor; readonly b: tf.Tensor }

interface Layer {
  readonly name: string
  readonly shape: readonly number[]
  readonly of: (weights: Weights) => tf.Tensor
}

const layers: readonly Layer[] = [
  {
    name: 'matMul',
    shape: [3, 2],
    of: ({ w }) => tf.matMul(tf.ones([4, 3]), tf.reshape<tf.Rank.R2>(w, [3, 2])),
  },
  {
    name: 'fused.matMul',
    shape: [3, 2],
    of: ({ w, b }) => tf.fused.matMul({ a: tf.ones([4, 3]), b: w, bias: b }),
  },
  {
    name: 'conv2d',
    shape: [2, 2, 1, 2],
    of: ({ w }) =>
      tf.conv2d(tf.ones<tf.Rank.R4>([1, 5, 5, 1]), tf.reshape<tf.Rank.R4>(w, [2, 2, 1, 2]), 1, 'valid'),
  },
  {
    name: 'fused.conv2d',
    shape: [2, 2, 1, 2],
    of: ({ w, b }) =>
      tf.fused.conv2d({
        x: tf.ones<tf.Rank.R4>([1, 5, 5, 1]),
        filter: tf.reshape<tf.Rank.R4>(w, [2, 2, 1, 2]),
        strides: 1,
        pad: 'valid',
        bias: b,
      }),
  },
  {
    name: 'depthwiseConv2d',
    shape: [2, 2, 1, 2],
    of: ({ w }) =>
      tf.depthwiseConv2d(
        tf.ones<tf.Rank.R4>([1, 5, 5, 1]),
        tf.reshape<tf.Rank.R4>(w, [2, 2, 1, 2]),
        1,
        'valid',
      ),
  },
]

beforeEach(() => useBackend('wasm'))

test.each(layers)('$name sees the numbers of a step in place', ({ name, shape, of }) => {
  const { numTensors } = tf.memory()
  const tx = sgd(1)
  const inPlace = step(tx, { donate: true })
  let weights: Weights = { w: tf.ones([...shape]), b: tf.ones([2]) }
  let state = tx.init(weights)
  const { dataId } = weights.w
  const stepBy = (w: number, b: number): void => {
    ;[weights, state] = inPlace(weights, state, { w: tf.fill([...shape], w), b: tf.fill([2], b) })
    expect(weights.w.dataId).toBe(dataId)
  }
  const now = (): readonly number[] => {
    const result = tf.tidy(() => of(weights))
    const seen = [...new Set(numbers(result))]
    result.dispose()
    return seen
  }
  const sum = shape.length === 2 ? 3 : 4
  const bias = name.startsWith('fused') ? 1 : 0
  expect(now()).toEqual([sum + bias])
  // the bias alone, then the rest
  stepBy(0, 1)
  expect(now()).toEqual([sum])
  stepBy(1, 0)
  expect(now()).toEqual([0])
  dispose(weights, state)
  expect(tf.memory().numTensors).toBe(numTensors)
})
