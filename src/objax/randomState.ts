/** The variable in which a random generator keeps its key. */

import * as tf from '@tensorflow/tfjs-core'
import { foldIn, type Key, key as keyOf } from '../random/key.js'
import { StateVar } from './variable.js'

/** A key as a tensor. */
export const keyTensor = (key: Key): tf.Tensor1D =>
  tf.tensor1d(
    key.map((word) => word | 0),
    'int32',
  )

/** The key that a tensor holds. */
export const keyOfTensor = (key: tf.Tensor): Key => {
  const [high = 0, low = 0] = key.dataSync()
  return [high >>> 0, low >>> 0]
}

/**
 * The key of a random number generator: a tensor of two 32-bit integers. The same seed gives the same numbers as in
 * Objax on JAX (its `threefry2x32`).
 *
 * @throws GradpipeError `InvalidArgument` for a seed that is not an integer
 * @category Variables
 * @example
 * ```ts keeps-tensors
 * import * as tf from '@tensorflow/tfjs-core'
 * import * as objax from 'gradpipe/objax'
 *
 * const state = new objax.RandomState(3)
 * const [a, b] = state.split(2).map(String)
 * state.seed(3)
 * const [again] = state.split(2).map(String)
 * assert.equal(a, again)
 * assert.notEqual(a, b)
 * ```
 */
export class RandomState extends StateVar {
  /** @internal */
  static override readonly __qualname__: string = 'objax.RandomState'

  /**
   * @param seed an integer
   */
  constructor(seed: number) {
    super(keyTensor(keyOf(seed)))
  }

  /** Starts again from a seed. */
  seed(seed: number): void {
    this.value = keyTensor(keyOf(seed))
  }

  /**
   * Makes keys, and moves on.
   *
   * @param n how many
   * @returns new tensors, which the caller disposes
   */
  split(n: number): tf.Tensor1D[] {
    const before = keyOfTensor(this.value)
    this.value = keyTensor(foldIn(before, 0))
    return Array.from({ length: n }, (_, i) => keyTensor(foldIn(before, i + 1)))
  }
}
