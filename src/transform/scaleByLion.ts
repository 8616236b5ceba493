/** scaleByLion: the sign of an interpolated momentum. */
import { options } from '../options.js'
import type { Params } from '../rule/leaf.js'
import { zeros } from '../rule/slot.js'
import { mix } from '../rule/term.js'
import { fromRule } from './fromRule.js'
import type { GradientTransformation } from './transformation.js'

/**
 * Options of {@link scaleByLion}.
 *
 * @category Building blocks
 */
export interface ScaleByLionOptions {
  /** Share of the momentum in the direction, in [0, 1). Default 0.9. */
  readonly b1?: number
  /** Decay of the momentum, in [0, 1). Default 0.99. */
  readonly b2?: number
}

/**
 * State of {@link scaleByLion}.
 *
 * @category Building blocks
 */
export interface ScaleByLionState {
  /** Updates made. */
  readonly count: number
  /** Momentum, shaped like the parameters. */
  readonly mu: Params
}

/**
 * Replaces updates by the sign of their momentum: every element is −1, 0 or 1.
 *
 * {@rule scaleByLion()}
 *
 * @category Building blocks
 * @see Chen et al., Symbolic Discovery of Optimization Algorithms, 2023; Optax, `scale_by_lion`
 * @example
 * ```ts
 * import { scaleByLion } from 'gradpipe'
 *
 * const tx = scaleByLion()
 * assert.deepEqual(tx.update([0.001, -50, 0], tx.init([0, 0, 0]))[0], [1, -1, 0])
 * ```
 */
export const scaleByLion = (given?: ScaleByLionOptions): GradientTransformation<ScaleByLionState> => {
  const { b1, b2 } = options('scaleByLion', { b1: 0.9, b2: 0.99 }, given)
  return fromRule({
    slots: { mu: zeros },
    // the rule does not read the clock, the state counts all the same, as Optax's does
    scalars: (_clock) => ({ b1, b2 }),
    step: ({ g, mu }, { b1, b2 }) => ({ update: mix(b1, mu, g).sign(), mu: mix(b2, mu, g) }),
  })
}
