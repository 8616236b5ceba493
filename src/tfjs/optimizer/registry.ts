/** What a name in a saved model stands for: functions are no data, so that the program that loads one has made them. */
import { GradpipeError } from '../../error.js'
import { shown } from '../../options.js'
import type { Stepper } from './stepper.js'

/** The name of those that were given none. */
const UNNAMED = 'gradpipe'

interface Registered {
  /** What the stepper was made of. */
  readonly tx: unknown
  readonly stepper: Stepper<unknown>
  /** Whether several transformations share the name of those that have none. */
  readonly isAmbiguous: boolean
}

const registered = new Map<string, Registered>()

/** Makes a name known. The last one of a name counts; of those without a name, none where there are several. */
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
      ? `an optimizer of this name, and of transformations ${[...registered.keys()].map(shown).join(', ') || 'none'}`
      : 'several transformations without a name, of which the saved one could be any',
  )
}
