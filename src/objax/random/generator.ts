/** Random number generators as modules. */

import type * as tf from '@tensorflow/tfjs-core'
import { foldIn, type Key, key as keyOf } from '../../random/key.js'
import { Module } from '../module.js'
import { keyOfTensor, keyTensor, RandomState } from '../randomState.js'
import { reprInstance } from '../repr.js'
import type { VarCollection } from '../varCollection.js'

/**
 * A random number generator. A call returns a new key and moves on.
 *
 * @category Random numbers
 * @example
 * ```ts keeps-tensors
 * import * as objax from 'gradpipe/objax'
 *
 * const generator = new objax.random.Generator(7)
 * const first = objax.random.uniform([3], { generator }).dataSync()
 * generator.seed(7)
 * assert.deepEqual(objax.random.uniform([3], { generator }).dataSync(), first)
 * assert.deepEqual([...generator.vars().keys()], ['(Generator)._key'])
 * ```
 */
export class Generator extends Module<[], tf.Tensor1D> {
  /** @internal */
  static readonly __qualname__: string = 'objax.random.Generator'
  /** The seed that it started from. */
  initialSeed: number
  private _key: RandomState | null = null
  /** The state until somebody asks for the variable, so random numbers leave no tensor behind. */
  #words: Key

  /**
   * @param seed the first seed
   */
  constructor(seed = 0) {
    super()
    this.initialSeed = seed
    this.#words = keyOf(seed)
  }

  /** The state; it becomes a variable when it is first read. */
  get key(): RandomState {
    if (this._key === null) {
      this._key = new RandomState(this.initialSeed)
      this._key.value = keyTensor(this.#words)
    }
    return this._key
  }

  /** Starts again from a seed. */
  seed(seed = 0): void {
    this.#words = keyOf(seed)
    this._key?.seed(seed)
    this.initialSeed = seed
  }

  override __call__(): tf.Tensor1D {
    const before = this._key === null ? this.#words : keyOfTensor(this._key.value)
    const after = foldIn(before, 0)
    if (this._key === null) this.#words = after
    else this._key.value = keyTensor(after)
    return keyTensor(foldIn(before, 1))
  }

  override vars(scope = ''): VarCollection {
    void this.key
    return super.vars(scope)
  }

  override toString(): string {
    return reprInstance(this, { seed: String(this.initialSeed) })
  }
}

/**
 * The generator that is used if none is given; its seed is 0. `DEFAULT_GENERATOR.seed(n)` makes the weights of new
 * layers and all other random numbers repeatable.
 *
 * @category Random numbers
 * @example
 * ```ts keeps-tensors
 * import * as objax from 'gradpipe/objax'
 *
 * objax.random.DEFAULT_GENERATOR.seed(1)
 * const first = objax.random.normal([2]).dataSync()
 * objax.random.DEFAULT_GENERATOR.seed(1)
 * assert.deepEqual(objax.random.normal([2]).dataSync(), first)
 * ```
 */
export const DEFAULT_GENERATOR: Generator = /* @__PURE__ */ new Generator(0)
