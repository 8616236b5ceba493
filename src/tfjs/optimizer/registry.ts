/**
 * The optimizers by their names in saved models: a file cannot hold functions, so the program that loads it has to
 * make them.
 */
import { GradpipeError } from '../../error.js'
import { shown } from '../../options.js'
import type { Stepper } from './stepper.js'

/** The name of those that got none. */
const UNNAMED = 'gradpipe'

interface Registered {
  /** The transformation of the stepper. */
  readonly tx: unknown
  readonly stepper: Stepper<unknown>
  /** Whether several transformations share the name of those that have none. */
  readonly isAmbiguous: boolean
}

const registered = new Map<string, Registered>()

/** Registers a name. The last optimizer of a name counts; if several have no name, none of them does. */
export const register = (name: string | undefined, tx: unknown, stepper: Stepper<unknown>): string => {
  const key = name ?? UNNAMED
  const before = registered.get(key)
  const isAmbiguous = name === undefined && before !== undefined && (before.isAmbiguous || before.tx !== tx)
  registered.set(key, { tx, stepper, isAmbiguous })
  return key
}

/** The stepper of a name. Throws `InvalidArgument` for one that is not known, or stands for several. */
export const stepperNamed = (name: unknown): Stepper<unknown> => {
  const found = typeof name === 'string' ? registered.get(name) : undefined
  if (found !== undefined && !found.isAmbiguous) return found.stepper
  throw new GradpipeError(
    'InvalidArgument',
    'toOptimizer.name',
    `toOptimizer(tx, { name: ${shown(name)} }) before the model is loaded`,
    found === undefined
      ? `no optimizer of that name; made so far: ${[...registered.keys()].map(shown).join(', ') || 'none'}`
      : 'several transformations without a name; the saved one could be any of them',
  )
}
