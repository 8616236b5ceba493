/** What is thrown by a transformation that refuses, and that it leaves nothing behind. */
import * as tf from '@tensorflow/tfjs-core'
import { expect } from 'vitest'
import type { GradientTransformation, Params } from '../../src/index.js'
import { tensorsLeft } from '../backends.js'
import { thrown } from '../thrown.js'

/** A matrix of two rows. */
export const matrix = (): tf.Tensor =>
  tf.tensor2d([
    [1, 2, 3],
    [4, 5, 7],
  ])

/** What is thrown by an update, and that nothing is left of it. */
export const refusal = (
  tx: GradientTransformation,
  grads: Params,
  state: unknown,
  params?: Params,
): { readonly _tag: string; readonly path: string } => {
  let error: ReturnType<typeof thrown> | undefined
  const left = tensorsLeft(() => {
    error = thrown(() => tx.update(grads, state, params))
  })
  expect(left).toBe(0)
  if (error === undefined) throw new Error('nothing was thrown')
  return { _tag: error._tag, path: error.path }
}
