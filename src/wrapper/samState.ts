/** What sam is told, and what it keeps. */
import type { Params } from '../rule/leaf.js'

/**
 * Options of {@link sam}.
 *
 * @category Wrappers
 */
export interface SamOptions {
  /**
   * How many steps there are for one step of the optimizer; all others are adversarial. A positive integer. Default
   * 2.
   */
  readonly syncPeriod?: number
  /** Whether the adversarial optimizer starts anew after each step of the optimizer. Default true. */
  readonly resetState?: boolean
  /** Whether all adversarial steps are made inside of one `update`. Default false. */
  readonly opaqueMode?: boolean
}

/**
 * What `update` of {@link sam} in opaque mode needs besides gradients, state and parameters.
 *
 * @category Wrappers
 */
export interface SamExtraArgs {
  /**
   * The gradients at some parameters, after the adversarial step `i` (from 0). It borrows the parameters; what it
   * returns must be new, and `update` frees it. It may return a promise for `updateAsync`.
   */
  gradFn(params: Params, i: number): Params | PromiseLike<Params>
}

/**
 * State of {@link sam}.
 *
 * @category Wrappers
 */
export interface SamState<O, A> {
  /** Adversarial steps since the optimizer's last one; 0 in opaque mode. */
  readonly stepsSinceSync: number
  /** The optimizer's state. */
  readonly optState: O
  /** The adversarial optimizer's state. */
  readonly advState: A
  /** The parameters that the optimizer will step from; `null` in opaque mode. */
  readonly cache: Params
}

/** How often the optimizer steps, and whether its adversary remembers. */
export interface Cadence {
  readonly syncPeriod: number
  readonly resetState: boolean
}
