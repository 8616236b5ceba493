/** reduceOnPlateau: smaller updates when the loss no longer falls. */
import { declareRule } from '../declare/declareRule.js'
import { readExtraArgs } from '../declare/extraArgs.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import type { RuleExtraArgs } from '../declare/ruleSpec.js'
import { GradpipeError } from '../error.js'
import { readLeaf } from '../host/hosts.js'
import type { ExtraArgs, Step } from '../program/program.js'
import { count, fraction, notNegative, share, steps } from '../range.js'
import { fromRuled } from '../transform/ruled.js'
import type { GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link reduceOnPlateau}.
 *
 * @category Building blocks
 */
export interface ReduceOnPlateauOptions {
  /** What the scale is multiplied by: between 0 and 1. Default 0.1. */
  readonly factor?: number
  /** How many values in a row without improvement make a plateau. Default 10. */
  readonly patience?: number
  /** How much lower than the best value an improvement must be, relative to its size: 0 to 1. Default 1e-4. */
  readonly rtol?: number
  /** How much lower it must be in addition: at least 0. `rtol` and `atol` may not both be 0. Default 0. */
  readonly atol?: number
  /** How many values to ignore after a reduction. Default 0. */
  readonly cooldown?: number
  /** Of how many losses the mean makes a value. Default 1. */
  readonly accumulationSize?: number
  /** The scale falls no lower. Default 0. */
  readonly minScale?: number
}

/**
 * State of {@link reduceOnPlateau}: numbers that the host keeps.
 *
 * @category Building blocks
 */
export interface ReduceOnPlateauState {
  /** What updates are multiplied by. */
  readonly scale: number
  /** The lowest value so far. */
  readonly bestValue: number
  /** Values in a row without improvement. */
  readonly plateauCount: number
  /** For how many more values none is counted. */
  readonly cooldownCount: number
  /** Losses in the mean. */
  readonly count: number
  /** Their mean. */
  readonly avgValue: number
}

const begun: ReduceOnPlateauState = {
  scale: 1,
  bestValue: Number.POSITIVE_INFINITY,
  plateauCount: 0,
  cooldownCount: 0,
  count: 0,
  avgValue: 0,
}

const scaling = declareRule({
  slots: {},
  scalars: { scale: 1 },
  step: ({ g }, { scale }) => ({ update: g.mul(scale) }),
})

/** A step by this scale, to the state `later`. */
const scaled = (
  scale: number,
  later: ReduceOnPlateauState,
  before: ReduceOnPlateauState,
): Step<ReduceOnPlateauState> => ({
  ...scaling.begin(),
  scalars: [scale],
  declared: () => undefined,
  finish: () => later,
  hold: () => before,
})

/**
 * Multiplies the updates by a scale that starts at 1, and reduces it by a factor whenever the loss has not improved
 * for a while.
 *
 * A value $v$, the mean of the last losses, improves on the best one if $v < v^\ast - r\,|v^\ast| - a$. After
 * `patience` values without improvement the scale is multiplied by `factor`, and the next `cooldown` values are
 * ignored.
 *
 * Optax asks for $v < (1 - r)\,v^\ast - a$, which is the same for positive values. For a negative best value, every
 * value near it counts as an improvement there, so the scale never falls.
 *
 * `update` needs the extra argument `value`, the loss. Pass a number if you have it: a scalar tensor has to be read
 * from the device (on WebGPU, use `updateAsync`).
 *
 * Throws `InvalidArgument` for an unknown option, or one out of its range.
 *
 * @category Building blocks
 * @see Optax, `contrib.reduce_on_plateau`
 * @example
 * ```ts
 * import { chain, reduceOnPlateau, sgd } from 'gradpipe'
 *
 * const tx = chain(sgd(1), reduceOnPlateau({ factor: 0.5, patience: 2 }))
 * let state = tx.init(0)
 * const updates: number[] = []
 * for (const value of [3, 2, 2, 2]) {
 *   const [update, next] = tx.update(1, state, 0, { value })
 *   updates.push(update)
 *   state = next
 * }
 * assert.deepEqual(updates, [-1, -1, -1, -0.5])
 * ```
 */
export const reduceOnPlateau = (
  given: ReduceOnPlateauOptions = {},
): GradientTransformation<ReduceOnPlateauState, RuleExtraArgs<'value'>> => {
  const defaults = {
    factor: 0.1,
    patience: 10,
    rtol: 1e-4,
    atol: 0,
    cooldown: 0,
    accumulationSize: 1,
    minScale: 0,
  }
  const chosen = hyperparameters('reduceOnPlateau', defaults, given, {
    factor: fraction,
    patience: count,
    rtol: share,
    atol: notNegative,
    cooldown: count,
    accumulationSize: steps,
    minScale: notNegative,
  })
  const { factor, patience, rtol, atol, cooldown, accumulationSize, minScale } = chosen
  if (rtol === 0 && atol === 0)
    throw new GradpipeError('InvalidArgument', 'reduceOnPlateau.atol', 'a number above 0 if rtol is 0', '0')

  /** What a value, the mean of so many losses, makes of the state. */
  const judged = (state: ReduceOnPlateauState, value: number): ReduceOnPlateauState => {
    const { bestValue: best } = state
    // of infinity, the first best, no part can be taken
    const bar = best === Number.POSITIVE_INFINITY ? best : best - rtol * Math.abs(best) - atol
    const improves = value < bar
    const bestValue = improves ? value : best
    const fresh = { ...state, bestValue, count: 0, avgValue: 0 }
    if (state.cooldownCount > 0) return { ...fresh, plateauCount: 0, cooldownCount: state.cooldownCount - 1 }
    const plateauCount = improves ? 0 : state.plateauCount + 1
    const reduces = plateauCount === patience
    return {
      ...fresh,
      plateauCount: reduces ? 0 : plateauCount,
      scale: Math.max(reduces ? state.scale * factor : state.scale, minScale),
      cooldownCount: reduces ? cooldown : 0,
    }
  }

  const after = (state: ReduceOnPlateauState, at: string, value: number): ReduceOnPlateauState => {
    for (const name of Object.keys(begun))
      if (typeof new Map(Object.entries(state ?? {})).get(name) !== 'number')
        throw new GradpipeError('TreeMismatch', `${at}.${name}`, 'a number', 'something else')
    const count = state.count + 1
    const avgValue = (state.count * state.avgValue + value) / count
    return count === accumulationSize ? judged(state, avgValue) : { ...state, count, avgValue }
  }

  return fromRuled({
    call: ['reduceOnPlateau', given],
    reads: ['value'],
    begin: () => scaled(1, begun, begun),
    resume: (state, at, extraArgs) => {
      const later = after(state, at, lossOf(extraArgs))
      return scaled(later.scale, later, state)
    },
  })
}

const lossOf = (extraArgs: ExtraArgs): number => {
  const { numbers, tensors } = readExtraArgs(['value'], extraArgs)
  const tensor = tensors.get('value')
  return tensor === undefined ? (numbers.get('value') ?? Number.NaN) : readLeaf(tensor)
}
