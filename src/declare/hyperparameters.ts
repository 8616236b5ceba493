/** Hyperparameters: the options of a transformation, by their names and ranges. */
import { type Defaults, options, type Resolved } from '../options.js'
import { decay, finite, inRanges, notNegative, orSchedule, type Range, type Ranges } from '../range.js'

/** The ranges of the field's usual symbols, which mean the same in nearly all optimizers. */
export const usual: Ranges = {
  learningRate: orSchedule(finite),
  weightDecay: orSchedule(finite),
  b1: decay,
  b2: decay,
  b3: decay,
  beta: decay,
  rho: decay,
  decay,
  momentum: decay,
  eps: notNegative,
  epsRoot: notNegative,
  epsilon: notNegative,
  minNorm: notNegative,
}

/**
 * Reads the options of a transformation like `options`, and checks that each lies in its range, or in the
 * {@link usual} range of its name. The values of schedules are checked too.
 *
 * Throws `InvalidArgument` under `name.option`.
 */
export const hyperparameters = <O extends object, const D extends Defaults<O>>(
  name: string,
  defaults: D,
  given: O | undefined,
  ranges: { readonly [K in keyof O]?: Range } = {},
): Resolved<O, D> => {
  const chosen = options(name, defaults, given)
  const there = Object.entries(chosen).filter(([, value]) => value !== undefined)
  return { ...chosen, ...inRanges(name, Object.fromEntries(there), { ...usual, ...ranges }) }
}
