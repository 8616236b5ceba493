/** scaleByLion: the sign of an interpolated momentum. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { oneOf } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { zeros } from '../rule/slot.js'
import { mix, select, type Term } from '../rule/term.js'
import { fromRule } from '../transform/fromRule.js'
import type { GradientTransformation } from '../transform/transformation.js'

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
  /** What is made of the direction: `hard`, its sign; `smooth`, its tanh; `refined`, its sign from 1 on. Default `hard`. */
  readonly mode?: 'hard' | 'smooth' | 'refined'
  /** Factor of the direction within the tanh. Default 1. */
  readonly smoothBeta?: number
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

type Shape = (x: Term<'element'>, beta: Term<'host'>) => Term<'element'>

const shapes: Readonly<Record<NonNullable<ScaleByLionOptions['mode']>, Shape>> = {
  hard: (x) => x.sign(),
  smooth: (x, beta) => beta.mul(x).tanh(),
  refined: (x) => select(x.abs().lt(1), x, x.sign()),
}

/**
 * Replaces updates by the sign of their momentum: every element is −1, 0 or 1.
 *
 * {@rule scaleByLion()}
 *
 * Throws `InvalidArgument` for an unknown mode.
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
  const { b1, b2, mode, smoothBeta } = hyperparameters(
    'scaleByLion',
    { b1: 0.9, b2: 0.99, mode: 'hard', smoothBeta: 1 },
    given,
    { mode: oneOf(...Object.keys(shapes)) },
  )
  return fromRule({
    call: ['scaleByLion', given],
    slots: { mu: zeros },
    // the rule does not read the clock, the state counts all the same, as Optax's does
    scalars: (_clock) => ({ b1, b2, smoothBeta }),
    step: ({ g, mu }, { b1, b2, smoothBeta }) => ({
      update: shapes[mode](mix(b1, mu, g), smoothBeta),
      mu: mix(b2, mu, g),
    }),
  })
}
