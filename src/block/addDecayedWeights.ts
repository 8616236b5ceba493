/** addDecayedWeights: decoupled weight decay. */
import { hyperparameters, usual } from '../declare/hyperparameters.js'
import { type Mask, masks } from '../declare/labelling.js'
import { called } from '../options.js'
import { inRanges } from '../range.js'
import { select } from '../rule/term.js'
import type { Schedule } from '../schedule/schedule.js'
import { fromRule } from '../transform/fromRule.js'
import { identity } from '../transform/identity.js'
import { type MaskedState, maskedRule } from '../transform/maskedRules.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'
import type { CountState } from './scale.js'

/**
 * Options of {@link addDecayedWeights}.
 *
 * @category Building blocks
 */
export interface AddDecayedWeightsOptions {
  /** Which leaves decay. All by default. */
  readonly mask?: Mask
  /** Whether a parameter decays only while the update does not make it larger by itself. Default false. */
  readonly cautious?: boolean
}

/**
 * State of {@link addDecayedWeights}: a count if the decay is a schedule, and a mask's wrapping.
 *
 * @category Building blocks
 */
export type AddDecayedWeightsState = EmptyState | CountState | MaskedState<EmptyState | CountState>

/**
 * Adds a share of the parameters to the updates.
 *
 * {@rule addDecayedWeights(0.01)}
 *
 * Before an adaptive scaling this is L2 regularization, after it the decoupled decay of AdamW. A constant decay
 * of zero is the identity. Otherwise needs the parameters.
 *
 * With `cautious`, after an adaptive scaling, decay never works against the step: a parameter decays where the step
 * moves it towards zero, and is left alone where the step moves it away.
 *
 * {@rule `addDecayedWeights(0.01, { cautious: true })`}
 *
 * @category Building blocks
 * @see Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019; Chen et al., Cautious Weight Decay, 2025;
 * Optax, `add_decayed_weights`
 * @example
 * ```ts
 * import { addDecayedWeights } from 'gradpipe'
 *
 * const tx = addDecayedWeights(0.5)
 * assert.equal(tx.update(1, tx.init(4), 4)[0], 3)
 * ```
 */
export const addDecayedWeights = (
  weightDecay: number | Schedule = 0,
  given?: AddDecayedWeightsOptions,
): GradientTransformation<AddDecayedWeightsState> => {
  const { weightDecay: checked } = inRanges('addDecayedWeights', { weightDecay }, usual)
  const { mask, cautious } = hyperparameters(
    'addDecayedWeights',
    { mask: undefined, cautious: false },
    given,
    { mask: masks },
  )
  const everywhere: GradientTransformation<EmptyState | CountState> =
    checked === 0
      ? identity()
      : fromRule({
          slots: {},
          scalars:
            typeof checked === 'function'
              ? ({ count }) => ({ weightDecay: checked(count) })
              : { weightDecay: checked },
          step: ({ g, p }, { weightDecay }) => {
            const update = g.add(weightDecay.mul(p))
            return { update: cautious ? select(g.mul(p).lt(0), g, update) : update }
          },
        })
  return called(
    ['addDecayedWeights', weightDecay, given],
    mask === undefined ? everywhere : maskedRule(everywhere, mask),
  )
}
