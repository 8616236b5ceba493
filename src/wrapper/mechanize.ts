/** mechanize: learns the learning rate of another optimizer. */

import { hyperparameters } from '../declare/hyperparameters.js'
import { norm, sum } from '../declare/reduction.js'
import { GradpipeError } from '../error.js'
import { called, shown } from '../options.js'
import type { TreeValue } from '../program/program.js'
import { checkRanges, few, ofGradients, positive } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { parameter, type SlotSpec, slot } from '../rule/slot.js'
import { constant, select, type Term } from '../rule/term.js'
import { fromRuleAround } from '../transform/fromRuleAround.js'
import { reshapeState } from '../transform/reshapeState.js'
import type { GradientTransformation, NoExtraArgs } from '../transform/transformation.js'

/**
 * Options of {@link mechanize}.
 *
 * @category Wrappers
 */
export interface MechanizeOptions {
  /** How strongly the norm of the parameters, relative to that of the gradients, pulls the scale down. Default 0.01. */
  readonly weightDecay?: number
  /** Keeps divisors from zero. Default 1e-8. */
  readonly eps?: number
  /** The first scale. Default 1e-6. */
  readonly sInit?: number
  /** The number of tuners, with decays 0.9, 0.99, 0.999 and so on, whose values add up to the scale. Default 6. */
  readonly numBetas?: number
}

/**
 * State of {@link mechanize}; what each tuner knows is an array over the tuners.
 *
 * @category Wrappers
 */
export interface MechanizeState<S> {
  /** The base optimizer's state. */
  readonly baseOptimizerState: S
  /** Updates made. */
  readonly count: number
  /** What betting on the scale has won. */
  readonly r: readonly TreeValue[]
  /** The greatest slope, forgotten slowly. */
  readonly m: readonly TreeValue[]
  /** The average squared slope. */
  readonly v: readonly TreeValue[]
  /** The scale. */
  readonly s: readonly TreeValue[]
  /** The parameters at the first step. */
  readonly x0: Params
}

const fields = ['r', 'm', 'v', 's'] as const

type Field = (typeof fields)[number]

/** A tuner's slots, named by their place in the state. */
type Slots = { readonly x0: SlotSpec<'element'> } & {
  readonly [name: `${Field}.${number}`]: SlotSpec<'tree'>
}

type Flat<S> = {
  readonly baseOptimizerState: S
  readonly count: number
  readonly x0: Params
} & { readonly [name: `${Field}.${number}`]: TreeValue }

const gathered = <S>(
  { baseOptimizerState, count, x0, ...flat }: Flat<S>,
  numBetas: number,
): MechanizeState<S> => {
  const tuners = (field: Field): readonly TreeValue[] =>
    Array.from({ length: numBetas }, (_, i) => flat[`${field}.${i}`] ?? null)
  return { baseOptimizerState, count, r: tuners('r'), m: tuners('m'), v: tuners('v'), s: tuners('s'), x0 }
}

const scattered = <S>(state: MechanizeState<S>, numBetas: number, at: string): Flat<S> => {
  if (typeof state !== 'object' || state === null)
    throw new GradpipeError('TreeMismatch', at, 'the state of mechanize', shown(state))
  const { baseOptimizerState, count, x0, ...tuners } = state
  const flat: Record<`${Field}.${number}`, TreeValue> = {}
  for (const field of fields) {
    const values = tuners[field]
    if (!Array.isArray(values) || values.length !== numBetas)
      throw new GradpipeError('TreeMismatch', `${at}.${field}`, `an array of ${numBetas}`, shown(values))
    for (const [i, value] of values.entries()) flat[`${field}.${i}`] = value
  }
  return { baseOptimizerState, count, x0, ...flat }
}

const total = (terms: readonly Term<'tree'>[]): Term<'tree'> => {
  const [first, ...others] = terms
  if (first === undefined)
    throw new GradpipeError('InvalidArgument', 'mechanize.numBetas', 'at least one', '0')
  return others.reduce((all, term) => all.add(term), first)
}

/**
 * Multiplies the updates of a base optimizer, whose learning rate is 1 or a schedule without a scale, by a learning
 * rate that it learns.
 *
 * {@rule `mechanize(sgd(1), { numBetas: 1 })`}
 *
 * $\theta_0$ are the parameters at the first step. Each tuner bets on the slope $h$ of the loss along the way so far;
 * the scale is the sum of what they hold. The formula is that of one tuner; of more, each has its own $\beta$. The
 * first steps are tiny: they start at `sInit`, and grow as the tuners win. `weightDecay` is not that of the base
 * optimizer: it adds the slope of a norm, which keeps the scale small.
 *
 * Throws `InvalidArgument` unless `numBetas` is an integer of at least 1. Needs the parameters.
 *
 * @category Wrappers
 * @see Cutkosky, Defazio and Mehta, Mechanic: A Learning Rate Tuner, 2023; Optax, `contrib.mechanize`
 * @example
 * ```ts
 * import { mechanize, sgd, step } from 'gradpipe'
 *
 * // minimizes w², the rate unknown
 * const tx = mechanize(sgd(1))
 * let [w, state] = [1, tx.init(1)]
 * for (let i = 0; i < 100; i++) [w, state] = step(tx)(w, state, 2 * w)
 * assert.ok(Math.abs(w) < 0.1)
 * assert.equal(state.s.length, 6)
 * ```
 */
export const mechanize = <S, X = NoExtraArgs>(
  baseOptimizer: GradientTransformation<S, X>,
  given?: MechanizeOptions,
): GradientTransformation<MechanizeState<S>, X> => {
  checkRanges('mechanize', { baseOptimizer }, { baseOptimizer: ofGradients })
  const { weightDecay, eps, sInit, numBetas } = hyperparameters(
    'mechanize',
    { weightDecay: 0.01, eps: 1e-8, sInit: 1e-6, numBetas: 6 },
    given,
    { sInit: positive, numBetas: few },
  )
  const tuners = Array.from({ length: numBetas }, (_, i) => i)
  const start: Readonly<Record<Field, number>> = { r: 0, m: 0, v: 0, s: sInit }
  const slots: Record<`${Field}.${number}`, SlotSpec<'tree'>> = {}
  for (const field of fields) for (const i of tuners) slots[`${field}.${i}`] = slot('tree', start[field])
  const spec: Slots = { x0: slot('element', parameter), ...slots }

  const flat = fromRuleAround('baseOptimizerState', baseOptimizer, {
    slots: spec,
    scalars: ({ count }) => ({ count, weightDecay, eps, sInit }),
    step: ({ g, p, u, x0, ...old }, { count, weightDecay, eps, sInit }) => {
      const before = (field: Field, i: number): Term<'tree'> => {
        const term = old[`${field}.${i}`]
        if (term === undefined) throw new GradpipeError('InvalidArgument', 'mechanize', field, 'no slot')
        return term
      }
      // parameters that were loaded after `init` are where it starts
      const origin = select(count.eq(0), p, x0)
      const gone = origin.sub(p)
      const sum0 = total(tuners.map((i) => before('s', i)))
      const decay = weightDecay.mul(sum0).mul(norm(g, 'tree')).div(norm(p, 'tree').add(eps))
      // the decayed gradient along gone, as two sums over one pass
      const slope = sum(g.mul(gone), 'tree').add(decay.mul(sum(p.mul(gone), 'tree')))
      const h = slope.div(sum0.add(eps))
      const next: Record<`${Field}.${number}`, Term<'tree'>> = {}
      for (const i of tuners) {
        const beta = constant(1 - 0.1 ** (i + 1))
        const m = beta.mul(before('m', i)).max(h.abs().add(eps))
        const v = beta.square().mul(before('v', i)).add(h.square())
        const clipped = before('m', i)
          .neg()
          .max(h.min(before('m', i)))
        const r = beta.mul(before('r', i)).add(clipped.mul(before('s', i)))
        const wealth = sInit.div(numBetas).mul(m).add(r.max(0))
        next[`r.${i}`] = r
        next[`m.${i}`] = m
        next[`v.${i}`] = v
        next[`s.${i}`] = wealth.div(v.sqrt().add(eps))
      }
      const sum1 = total(tuners.map((i) => next[`s.${i}`] ?? before('s', i)))
      return {
        // x₀ − s'·(gone/s − u) − p
        update: constant(1)
          .sub(sum1.div(sum0.add(eps)))
          .mul(gone)
          .add(sum1.mul(u)),
        x0: origin,
        ...next,
      }
    },
  })
  const shaped = reshapeState<Flat<S>, MechanizeState<S>, X>(flat, {
    to: (state) => gathered(state, numBetas),
    from: (state, at) => scattered(state, numBetas, at),
  })
  return called(['mechanize', baseOptimizer, given], shaped)
}
