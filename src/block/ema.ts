/** ema: an exponential moving average of updates. */
import { hyperparameters, usual } from '../declare/hyperparameters.js'
import { called } from '../options.js'
import { checkRanges } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { slot } from '../rule/slot.js'
import { mix } from '../rule/term.js'
import { fromRule } from '../transform/fromRule.js'
import type { Reach } from '../transform/measure.js'
import type { GradientTransformation } from '../transform/transformation.js'
import { debias } from './debias.js'

/**
 * Options of {@link ema}.
 *
 * @category Building blocks
 */
export interface EmaOptions {
  /** Whether to correct the bias of the start at zero, by dividing by $1 - d^t$. Default true. */
  readonly debias?: boolean
}

/**
 * State of {@link ema}.
 *
 * @category Building blocks
 */
export interface EmaState {
  /** Updates made. */
  readonly count: number
  /** The average before bias correction, shaped like the parameters. */
  readonly ema: Params
}

/**
 * Replaces updates by their exponential moving average.
 *
 * {@rule ema(0.9)}
 *
 * `decay` is in [0, 1). Given parameters in place of gradients, it averages weights.
 *
 * @category Building blocks
 * @see Optax, `ema`
 * @example
 * ```ts
 * import { ema } from 'gradpipe'
 *
 * const tx = ema(0.9)
 * const [first, state] = tx.update(5, tx.init(0))
 * assert.ok(Math.abs(first - 5) < 1e-12)
 * assert.ok(Math.abs(tx.update(5, state)[0] - 5) < 1e-12)
 * ```
 */
export const ema = (decay: number, given?: EmaOptions): GradientTransformation<EmaState> => {
  checkRanges('ema', { decay }, usual)
  const { debias } = hyperparameters('ema', { debias: true }, given)
  return called(['ema', decay, given], averaging('element', decay, debias))
}

/**
 * The average of updates that reach as far as `scope`: of what is one number for the tree, one number is kept.
 *
 * @internal
 */
export const averaging = (
  scope: Reach,
  decay: number,
  corrected: boolean,
): GradientTransformation<EmaState> =>
  fromRule({
    slots: { ema: slot(scope, 0) },
    scalars: ({ t }) => ({ decay, t }),
    step: ({ g, ema }, { decay, t }) => {
      const next = mix(decay, ema, g)
      return { update: corrected ? debias(next, decay, t) : next, ema: next }
    },
  })
