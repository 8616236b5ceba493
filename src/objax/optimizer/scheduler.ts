/** `objax.optimizer.scheduler`: learning rates as functions of the step. */

import { GradpipeError } from '../../error.js'
import { options } from '../../options.js'
import { checkedAt, finite } from '../../range.js'
import { Module } from '../module.js'
import { scopeName } from '../repr.js'

/**
 * A learning rate as a function of the step: `baseLr` times a multiplier.
 *
 * In Objax it is a plain class; here it is a {@link Module} without variables, since only modules can be called.
 *
 * @throws GradpipeError `InvalidArgument` when called, if the learning rate is NaN or infinite; Objax trains with it
 * @category Schedulers
 * @example
 * ```ts
 * import * as objax from 'gradpipe/objax'
 *
 * class Halving extends objax.optimizer.scheduler.Scheduler {
 *   multiplier(step: number): number {
 *     return 0.5 ** step
 *   }
 * }
 * assert.equal(new Halving(0.8)(2), 0.2)
 * ```
 */
export abstract class Scheduler extends Module<[step: number], number> {
  /** The learning rate when the multiplier is 1. */
  readonly baseLr: number

  constructor(baseLr = 1) {
    super()
    this.baseLr = baseLr
  }

  /** The multiplier of the base learning rate at a step. */
  abstract multiplier(step: number): number

  override __call__(step: number): number {
    return checkedAt(`${scopeName(this)}.multiplier`, step, this.baseLr * this.multiplier(step), finite)
  }
}

/**
 * Options of {@link LinearAnnealing}.
 *
 * @category Schedulers
 */
export interface LinearAnnealingOptions {
  /** The learning rate at the start. Default 1. */
  readonly baseLr?: number
  /** Whether to start again after `maxStep` steps. Default true. */
  readonly isCycle?: boolean
  /** The learning rate at `maxStep`. Default 0. */
  readonly minLr?: number
}

/** The remainder that has the sign of the divisor, as in Python. */
const remainder = (x: number, divisor: number): number => {
  const rest = x % divisor
  return rest * divisor < 0 ? rest + divisor : rest
}

/**
 * A learning rate that falls linearly from `baseLr` to `minLr`, once or again and again.
 *
 * @throws GradpipeError `InvalidArgument` if `minLr` is above `baseLr`, or `baseLr` is 0
 * @category Schedulers
 * @see Objax, `objax.optimizer.scheduler.LinearAnnealing`
 * @example
 * ```ts
 * import * as objax from 'gradpipe/objax'
 *
 * const lr = new objax.optimizer.scheduler.LinearAnnealing(4, { baseLr: 0.5, isCycle: false })
 * assert.deepEqual([0, 1, 2, 3, 4, 5].map((step) => lr(step)), [0.5, 0.375, 0.25, 0.125, 0, 0])
 * ```
 */
export class LinearAnnealing extends Scheduler {
  /** @internal */
  static readonly __qualname__: string = 'objax.optimizer.scheduler.LinearAnnealing'
  /** How many steps one descent takes. */
  readonly maxStep: number
  /** Whether to start again after that. */
  readonly isCycle: boolean
  /** The last multiplier. */
  readonly minLrMultiplier: number

  /**
   * @param maxStep how many steps one descent takes
   * @param given `baseLr`, `isCycle`, `minLr`
   */
  constructor(maxStep: number, given?: LinearAnnealingOptions) {
    const { baseLr, isCycle, minLr } = options(
      'LinearAnnealing',
      { baseLr: 1, isCycle: true, minLr: 0 },
      given,
    )
    if (!(baseLr >= minLr) || baseLr === 0) {
      const expected = `a number other than 0, not below minLr (${minLr})`
      throw new GradpipeError('InvalidArgument', 'LinearAnnealing.baseLr', expected, String(baseLr))
    }
    super(baseLr)
    this.maxStep = maxStep
    this.isCycle = isCycle
    this.minLrMultiplier = minLr / baseLr
  }

  override multiplier(step: number): number {
    const at = this.isCycle ? remainder(step, this.maxStep) : Math.min(step, this.maxStep)
    return 1 - (at / this.maxStep) * (1 - this.minLrMultiplier)
  }
}

/**
 * Options of {@link StepDecay}.
 *
 * @category Schedulers
 */
export interface StepDecayOptions {
  /** The learning rate at the start. Default 1. */
  readonly baseLr?: number
  /** The factor of each decay. Default 0.1. */
  readonly gamma?: number
}

/**
 * A learning rate that is multiplied by a factor after every so many steps, or at given steps.
 *
 * @throws GradpipeError `InvalidArgument` when called, if `stepSize` is 0
 * @category Schedulers
 * @see Objax, `objax.optimizer.scheduler.StepDecay`
 * @example
 * ```ts
 * import * as objax from 'gradpipe/objax'
 *
 * const { StepDecay } = objax.optimizer.scheduler
 * const steps = [0, 1, 2, 3, 4]
 * assert.deepEqual(steps.map(new StepDecay(2, { gamma: 0.5 })), [1, 1, 0.5, 0.5, 0.25])
 * assert.deepEqual(steps.map(new StepDecay([1, 4], { gamma: 0.5 })), [1, 0.5, 0.5, 0.5, 0.25])
 * ```
 */
export class StepDecay extends Scheduler {
  /** @internal */
  static readonly __qualname__: string = 'objax.optimizer.scheduler.StepDecay'
  /** After how many steps, or at which. */
  readonly stepSize: number | readonly number[]
  /** The factor of each decay. */
  readonly gamma: number

  /**
   * @param stepSize after how many steps, or a list of the steps at which the factor is applied once more
   * @param given `baseLr`, `gamma`
   */
  constructor(stepSize: number | readonly number[], given?: StepDecayOptions) {
    const { baseLr, gamma } = options('StepDecay', { baseLr: 1, gamma: 0.1 }, given)
    super(baseLr)
    this.stepSize = stepSize
    this.gamma = gamma
  }

  override multiplier(step: number): number {
    const { stepSize } = this
    if (stepSize === 0)
      throw new GradpipeError('InvalidArgument', 'StepDecay.stepSize', 'a number other than 0', '0')
    const decays =
      typeof stepSize === 'number' ? Math.floor(step / stepSize) : stepSize.filter((at) => step >= at).length
    return this.gamma ** decays
  }
}
