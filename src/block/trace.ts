/** trace: momentum. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { checkRanges, share } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { zeros } from '../rule/slot.js'
import { fromRule } from '../transform/fromRule.js'
import type { GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link trace}.
 *
 * @category Building blocks
 */
export interface TraceOptions {
  /** Whether to look one step ahead (Nesterov). Default false. */
  readonly nesterov?: boolean
}

/**
 * State of {@link trace}.
 *
 * @category Building blocks
 */
export interface TraceState {
  /** The decaying sum of updates, shaped like the parameters. */
  readonly trace: Params
}

/**
 * A decaying sum of updates: momentum. Unlike {@link ema}, the new update counts in full.
 *
 * {@rule trace(0.9)}
 *
 * With `nesterov`:
 *
 * {@rule `trace(0.9, { nesterov: true })`}
 *
 * `decay` is in [0, 1]; 0 is the identity, 1 a sum.
 *
 * @category Building blocks
 * @see Sutskever et al., On the importance of initialization and momentum in deep learning, 2013; Optax, `trace`
 * @example
 * ```ts
 * import { trace } from 'gradpipe'
 *
 * const tx = trace(0.5)
 * const [first, state] = tx.update(1, tx.init(0))
 * assert.deepEqual([first, tx.update(1, state)[0]], [1, 1.5])
 * ```
 */
export const trace = (decay: number, given?: TraceOptions): GradientTransformation<TraceState> => {
  checkRanges('trace', { decay }, { decay: share })
  const { nesterov } = hyperparameters('trace', { nesterov: false }, given)
  return fromRule({
    call: ['trace', decay, given],
    slots: { trace: zeros },
    scalars: { decay },
    step: ({ g, trace }, { decay }) => {
      const next = g.add(decay.mul(trace))
      return { update: nesterov ? g.add(decay.mul(next)) : next, trace: next }
    },
  })
}
