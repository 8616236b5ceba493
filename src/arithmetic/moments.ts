/** Moments of gradients and averages of parameters, for optimizers that are written without a rule. */

import { debias } from '../block/debias.js'
import { GradpipeError } from '../error.js'
import { options, required } from '../options.js'
import { rememberFew } from '../rule/intern.js'
import type { Params } from '../rule/leaf.js'
import { constant, mix, select, type Term } from '../rule/term.js'
import { combining, mapping } from './combine.js'

const power = (g: Term<'element'>, order: number): Term<'element'> =>
  order === 1 ? g : order === 2 ? g.square() : g.pow(order)

/**
 * The next value of an exponential average of a moment: $d\,m + (1 - d)\,g^k$. `null` where there is no gradient.
 *
 * It has a second name, `updateMomentPerElemNorm`: in Optax the two differ for complex numbers, which gradpipe does
 * not have.
 *
 * @param updates $g$
 * @param moments $m$
 * @param decay $d$, in [0, 1)
 * @param order $k$: 1 for the mean, 2 for the uncentred variance
 * @category Trees
 * @see Optax, `tree.update_moment`, `tree.update_moment_per_elem_norm`
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * assert.deepEqual(tree.updateMoment({ w: 3 }, { w: 5 }, 0.5, 2), { w: 7 })
 * ```
 */
export function updateMoment(updates: number, moments: number, decay: number, order: number): number
export function updateMoment<P extends Params>(updates: P, moments: Params, decay: number, order: number): P
export function updateMoment<P extends Params>(updates: P, moments: Params, decay: number, order: number): P {
  return ofOrder(order)(updates, moments, { decay })
}

const ofOrder = /* @__PURE__ */ rememberFew((order: number) =>
  combining(['updates', 'moments'], (g, m, { decay }) => mix(decay, m, power(g, order)), ['decay']),
)

/**
 * The next value of an exponentially decaying maximum, as in AdaMax: $\max(|g| + \epsilon, d\,m)$.
 *
 * @param updates $g$
 * @param moments $m$
 * @param decay $d$, in [0, 1)
 * @param eps $\epsilon$
 * @category Trees
 * @see Kingma and Ba, Adam, 2015, section 7.1; Optax, `tree.update_infinity_moment`
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * assert.deepEqual(tree.updateInfinityMoment({ w: -3, b: 1 }, { w: 5, b: 8 }, 0.5, 0), { w: 3, b: 4 })
 * ```
 */
export function updateInfinityMoment(updates: number, moments: number, decay: number, eps: number): number
export function updateInfinityMoment<P extends Params>(
  updates: P,
  moments: Params,
  decay: number,
  eps: number,
): P
export function updateInfinityMoment<P extends Params>(
  updates: P,
  moments: Params,
  decay: number,
  eps: number,
): P {
  return ofInfinity(updates, moments, { decay, eps })
}

const ofInfinity = /* @__PURE__ */ combining(
  ['updates', 'moments'],
  (g, m, { decay, eps }) => g.abs().add(eps).max(m.mul(decay)),
  ['decay', 'eps'],
)

/**
 * Corrects the bias of an average that started at zero, after $t$ updates: $m / (1 - d^t)$.
 *
 * @param moment $m$
 * @param decay $d$, in [0, 1)
 * @param count $t$, from 1
 * @category Trees
 * @see Optax, `tree.bias_correction`
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * assert.deepEqual(tree.biasCorrection({ w: 3 }, 0.5, 2), { w: 4 })
 * ```
 */
export function biasCorrection(moment: number, decay: number, count: number): number
export function biasCorrection<P extends Params>(moment: P, decay: number, count: number): P
export function biasCorrection<P extends Params>(moment: P, decay: number, count: number): P {
  return corrected(moment, { decay, count })
}

const corrected = /* @__PURE__ */ mapping(
  (m, { decay, count }) => debias(m, decay, count),
  ['decay', 'count'],
)

/**
 * Options of {@link incrementalUpdate}.
 *
 * @category Transformations
 */
export interface IncrementalUpdateOptions {
  /** The share of the new values, in [0, 1]. */
  readonly stepSize: number
}

/**
 * Moves an average of parameters towards their latest values (Polyak averaging, a target network):
 * $s \cdot \text{new} + (1 - s) \cdot \text{old}$. `null` where there is no new value.
 *
 * Throws `TreeMismatch`, `ShapeMismatch` or `DtypeMismatch` if the trees do not fit each other.
 *
 * @category Transformations
 * @see Polyak and Juditsky, Acceleration of Stochastic Approximation by Averaging, 1992; Optax,
 * `incremental_update`
 * @example
 * ```ts
 * import { incrementalUpdate } from 'gradpipe'
 *
 * assert.deepEqual(incrementalUpdate({ w: 8 }, { w: 4 }, { stepSize: 0.25 }), { w: 5 })
 * ```
 */
export function incrementalUpdate(
  newTensors: number,
  oldTensors: number,
  given: IncrementalUpdateOptions,
): number
export function incrementalUpdate<P extends Params>(
  newTensors: P,
  oldTensors: Params,
  given: IncrementalUpdateOptions,
): P
export function incrementalUpdate<P extends Params>(
  newTensors: P,
  oldTensors: Params,
  given: IncrementalUpdateOptions,
): P {
  const { stepSize } = options('incrementalUpdate', { stepSize: required.number }, given)
  return moved(newTensors, oldTensors, { stepSize })
}

const moved = /* @__PURE__ */ combining(
  ['newTensors', 'oldTensors'],
  (x, y, { stepSize }) => stepSize.mul(x).add(constant(1).sub(stepSize).mul(y)),
  ['stepSize'],
)

/**
 * Options of {@link periodicUpdate}.
 *
 * @category Transformations
 */
export interface PeriodicUpdateOptions {
  /** Steps made so far. */
  readonly steps: number
  /** After how many steps the new values are taken; at least 1. */
  readonly updatePeriod: number
}

/**
 * Returns the new values if `steps` is a multiple of `updatePeriod`, otherwise the old ones: a target network that
 * follows in jumps. The result is a new tree either way, and its tensors belong to the caller.
 *
 * Throws `InvalidArgument` for steps or a period that are not integers, and otherwise like {@link incrementalUpdate}.
 *
 * @category Transformations
 * @see Mnih et al., Playing Atari with Deep Reinforcement Learning, 2013; Optax, `periodic_update`
 * @example
 * ```ts
 * import { periodicUpdate } from 'gradpipe'
 *
 * assert.deepEqual(periodicUpdate({ w: 8 }, { w: 4 }, { steps: 6, updatePeriod: 3 }), { w: 8 })
 * assert.deepEqual(periodicUpdate({ w: 8 }, { w: 4 }, { steps: 7, updatePeriod: 3 }), { w: 4 })
 * ```
 */
export function periodicUpdate(newTensors: number, oldTensors: number, given: PeriodicUpdateOptions): number
export function periodicUpdate<P extends Params>(
  newTensors: P,
  oldTensors: Params,
  given: PeriodicUpdateOptions,
): P
export function periodicUpdate<P extends Params>(
  newTensors: P,
  oldTensors: Params,
  given: PeriodicUpdateOptions,
): P {
  const { steps, updatePeriod } = options(
    'periodicUpdate',
    { steps: required.number, updatePeriod: required.number },
    given,
  )
  for (const [name, value, least] of [
    ['steps', steps, 0],
    ['updatePeriod', updatePeriod, 1],
  ] as const)
    if (!Number.isInteger(value) || value < least)
      throw new GradpipeError(
        'InvalidArgument',
        `periodicUpdate.${name}`,
        `a whole number of at least ${least}`,
        String(value),
      )
  const isDue = Number(steps % updatePeriod === 0)
  return taken(newTensors, oldTensors, { isDue })
}

const taken = /* @__PURE__ */ combining(
  ['newTensors', 'oldTensors'],
  (x, y, { isDue }) => select(isDue.ne(0), x, y),
  ['isDue'],
)
