/** scaleByAdamMini: Adam with one second moment for each block of a leaf. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { mean } from '../declare/reduction.js'
import { axes, type Range } from '../range.js'
import { type LeafSpec, otherAxes, type Params } from '../rule/leaf.js'
import { slot, zeros } from '../rule/slot.js'
import { mix } from '../rule/term.js'
import { axesOf, type RowsAndColumns } from '../rule/view.js'
import { fromRule } from '../transform/fromAnyRule.js'
import type { GradientTransformation } from '../transform/transformation.js'
import { debias } from './debias.js'

/**
 * The axes whose indices tell one block of a leaf from the next, negative ones counting from the end: none, and the leaf is
 * one block; all, and every element is one. The same for all leaves, or as a function of the leaf says.
 *
 * @category Building blocks
 */
export type BlockAxes = number | readonly number[] | ((leaf: LeafSpec) => number | readonly number[])

/**
 * Options of {@link scaleByAdamMini}.
 *
 * @category Building blocks
 */
export interface ScaleByAdamMiniOptions {
  /** Decay of the first moment, in [0, 1). Default 0.9. */
  readonly b1?: number
  /** Decay of the second moment, in [0, 1). Default 0.999. */
  readonly b2?: number
  /** Added to the root, so that it is not zero. Default 1e-8. */
  readonly eps?: number
  /** Which axes tell blocks apart. By default none: every leaf is one block. */
  readonly blockAxes?: BlockAxes
}

/**
 * State of {@link scaleByAdamMini}.
 *
 * @category Building blocks
 */
export interface ScaleByAdamMiniState {
  /** Updates made. */
  readonly count: number
  /** First moment, shaped like the parameters. */
  readonly mu: Params
  /** Second moment, one number for each block. */
  readonly nu: Params
}

/** What may be {@link BlockAxes}. */
const axesOfBlocks: Range = [
  'an axis, a list of them, or a function of a leaf',
  (value) => typeof value === 'function' || axes[1](value),
]

/**
 * Adam-mini: Adam whose second moment is the mean over a block of parameters, so that a block has one step size.
 *
 * $$\mu_t = \beta_1 \mu_{t-1} + (1 - \beta_1) g_t \qquad
 * \nu_t = \beta_2 \nu_{t-1} + (1 - \beta_2) \operatorname{mean}_{\text{block}} g_t^2 \qquad
 * u_t = \frac{\hat\mu_t}{\sqrt{\hat\nu_t} + \epsilon}$$
 *
 * It has half of Adam's state. Which parameters make a block is told by the axes that tell blocks apart: of a dense layer's
 * kernel `[in, out]`, `-1` is one block for each neuron; of a query's or key's `[in, heads, width]`, `1` one for each head, as
 * the paper has it; of an embedding `[tokens, width]`, `0` one for each token. With all axes it is Adam.
 *
 * Throws `ShapeMismatch` for a leaf that has not these axes, `InvalidArgument` for an unknown option and one out of range.
 *
 * @category Building blocks
 * @see Zhang et al., Adam-mini: Use Fewer Learning Rates To Gain More, 2024
 * @example
 * ```ts
 * import { ndarray, scaleByAdamMini } from 'gradpipe'
 *
 * // the root mean square of a column's first step is 1
 * const tx = scaleByAdamMini({ blockAxes: -1 })
 * const g = ndarray(Float64Array.of(3, 10, 4, 0), [2, 2])
 * const [u] = tx.update(g, tx.init(g))
 * assert.deepEqual(Array.from(u.data, (x) => x.toFixed(2)), ['0.85', '1.41', '1.13', '0.00'])
 * ```
 */
export const scaleByAdamMini = (
  given?: ScaleByAdamMiniOptions,
): GradientTransformation<ScaleByAdamMiniState> => {
  const { b1, b2, eps, ...rest } = hyperparameters(
    'scaleByAdamMini',
    { b1: 0.9, b2: 0.999, eps: 1e-8, blockAxes: undefined },
    given,
    { blockAxes: axesOfBlocks },
  )
  const { blockAxes = [] } = rest
  return fromRule({
    call: ['scaleByAdamMini', given],
    // a block is a row
    axes: (leaf): RowsAndColumns => {
      const rows = axesOf(leaf, typeof blockAxes === 'function' ? blockAxes(leaf) : blockAxes)
      return { rows, columns: otherAxes(leaf.shape, rows) }
    },
    slots: { mu: zeros, nu: slot('row', 0) },
    scalars: ({ t }) => ({ b1, b2, eps, t }),
    step: ({ g, ...old }, { b1, b2, eps, t }) => {
      const mu = mix(b1, old.mu, g)
      const nu = mix(b2, old.nu, mean(g.square(), 'row'))
      return { update: debias(mu, b1, t).div(debias(nu, b2, t).sqrt().add(eps)), mu, nu }
    },
  })
}
