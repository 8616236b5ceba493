/** scaleByRms and scaleByStddev: updates over the root of their mean square, or over their standard deviation. */
import { hyperparameters } from '../declare/hyperparameters.js'
import type { Clock } from '../declare/ruleSpec.js'
import { notNegative } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { slot, zeros } from '../rule/slot.js'
import { mix, type Term } from '../rule/term.js'
import { fromRule } from '../transform/fromRule.js'
import type { GradientTransformation } from '../transform/transformation.js'
import { debias } from './debias.js'

/**
 * Options of {@link scaleByRms} and {@link scaleByStddev}.
 *
 * @category Building blocks
 */
export interface ScaleByRmsOptions {
  /** Decay of the moments, in [0, 1). Default 0.9. */
  readonly decay?: number
  /** Keeps the divisor from zero. Default 1e-8. */
  readonly eps?: number
  /** First value of the second moment. Default 0. */
  readonly initialScale?: number
  /** Whether `eps` is added inside the root rather than outside. Default true. */
  readonly epsInSqrt?: boolean
  /** Whether the moments are corrected for their start at zero. Default false. */
  readonly biasCorrection?: boolean
}

/**
 * State of {@link scaleByRms}.
 *
 * @category Building blocks
 */
export interface ScaleByRmsState {
  /** Updates made; only with `biasCorrection`. */
  readonly count?: number
  /** Second moment, shaped like the parameters. */
  readonly nu: Params
}

/**
 * State of {@link scaleByStddev}.
 *
 * @category Building blocks
 */
export interface ScaleByStddevState extends ScaleByRmsState {
  /** First moment, shaped like the parameters. */
  readonly mu: Params
}

const defaults = {
  decay: 0.9,
  eps: 1e-8,
  initialScale: 0,
  epsInSqrt: true,
  biasCorrection: false,
} as const

type Chosen = Required<ScaleByRmsOptions>

const over = (
  { epsInSqrt }: Chosen,
  g: Term<'element'>,
  nu: Term<'element'>,
  eps: Term<'host'>,
): Term<'element'> => g.div(epsInSqrt ? nu.add(eps).sqrt() : nu.sqrt().add(eps))

// t is a scalar, and the count part of the state, only where a bias correction reads it
const scalars = ({ decay, eps, biasCorrection }: Chosen) =>
  biasCorrection ? ({ t }: Clock) => ({ decay, eps, t }) : { decay, eps, t: 1 }

const corrected = (
  { biasCorrection }: Chosen,
  m: Term<'element'>,
  decay: Term<'host'>,
  t: Term<'host'>,
): Term<'element'> => (biasCorrection ? debias(m, decay, t) : m)

/**
 * Divides updates by the root of their mean square.
 *
 * {@rule scaleByRms()}
 *
 * @category Building blocks
 * @see Tieleman and Hinton, Lecture 6.5 (RMSProp), 2012; Optax, `scale_by_rms`
 * @example
 * ```ts
 * import { scaleByRms } from 'gradpipe'
 *
 * const tx = scaleByRms({ decay: 0.75, eps: 0 })
 * assert.equal(tx.update(3, tx.init(0))[0], 2)
 * ```
 */
export const scaleByRms = (given?: ScaleByRmsOptions): GradientTransformation<ScaleByRmsState> => {
  const chosen = hyperparameters('scaleByRms', defaults, given, { initialScale: notNegative })
  return fromRule({
    call: ['scaleByRms', given],
    slots: { nu: slot('element', chosen.initialScale) },
    scalars: scalars(chosen),
    step: ({ g, ...old }, { decay, eps, t }) => {
      const nu = mix(decay, old.nu, g.square())
      return { update: over(chosen, g, corrected(chosen, nu, decay, t), eps), nu }
    },
  })
}

/**
 * Divides updates by their standard deviation: the root of the mean square less the squared mean.
 *
 * {@rule scaleByStddev()}
 *
 * Where rounding makes the difference negative, the variance is zero; Optax gets NaN there. A constant gradient has
 * variance zero, and is divided by `eps` alone.
 *
 * @category Building blocks
 * @see Graves, Generating Sequences With Recurrent Neural Networks, 2013; Optax, `scale_by_stddev`
 * @example
 * ```ts
 * import { scaleByStddev } from 'gradpipe'
 *
 * const tx = scaleByStddev({ decay: 0.5, eps: 0 })
 * // mean 1, mean square 2, variance 1
 * assert.equal(tx.update(2, tx.init(0))[0], 2)
 * ```
 */
export const scaleByStddev = (given?: ScaleByRmsOptions): GradientTransformation<ScaleByStddevState> => {
  const chosen = hyperparameters('scaleByStddev', defaults, given, { initialScale: notNegative })
  return fromRule({
    call: ['scaleByStddev', given],
    slots: { mu: zeros, nu: slot('element', chosen.initialScale) },
    scalars: scalars(chosen),
    step: ({ g, ...old }, { decay, eps, t }) => {
      const mu = mix(decay, old.mu, g)
      const nu = mix(decay, old.nu, g.square())
      // of a gradient that hardly moves, rounding leaves the difference below zero
      const variance = corrected(chosen, nu, decay, t)
        .sub(corrected(chosen, mu, decay, t).square())
        .max(0)
      return { update: over(chosen, g, variance, eps), mu, nu }
    },
  })
}
