/** What donation is tried with on graphics devices, in Node and in a page. */
import * as tf from '@tensorflow/tfjs-core'
import {
  adam,
  chain,
  clipByGlobalNorm,
  fromRule,
  type GradientTransformation,
  lamb,
  normuon,
  type Params,
  parameter,
  slot,
  sm3,
} from '../../src/index.js'

/** Parameters. */
export const p0: readonly number[] = [1, -2, 3, -4, 5, -6, 7]

/** Gradients. */
export const g0: readonly number[] = [0.5, 1, -1.5, 2, 2.5, -3, 0.25]

/** A tensor with its numbers on the device, as a training step leaves it. */
export const resident = (values: readonly number[]): tf.Tensor =>
  tf.tidy(() => tf.mul(tf.tensor1d([...values]), 1))

/** The same as a matrix of one column. */
export const column = (values: readonly number[]): tf.Tensor =>
  tf.tidy(() => tf.reshape(resident(values), [values.length, 1]))

/** Without reductions, with norms of leaves, with one of the tree, with those of rows and columns, with matrices. */
export const transformations: Readonly<Record<string, GradientTransformation>> = {
  adam: adam(0.1),
  lamb: lamb(0.1),
  'clip by global norm, then adam': chain(clipByGlobalNorm(1), adam(0.1)),
  sm3: sm3(0.1),
  normuon: normuon(0.1, { nsSteps: 1 }),
}

/** A slot that keeps the parameter. */
export const keeping: GradientTransformation<{ readonly before: Params }> = fromRule({
  slots: { before: slot('element', parameter) },
  scalars: {},
  step: ({ g, p }) => ({ update: g.neg(), before: p }),
})

/** Slots that change places. */
export const swapping: GradientTransformation<{ readonly a: Params; readonly b: Params }> = fromRule({
  slots: { a: slot('element', 1), b: slot('element', 2) },
  scalars: {},
  step: ({ g, a, b }) => ({ update: g, a: b.mul(10), b: a.mul(100) }),
})
