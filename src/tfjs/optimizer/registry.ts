/**
 * What a saved model says of its optimizer, and what that stands for: a transformation that the program has made under the
 * same name, or the one that is described, where the program reads descriptions.
 */
import type * as tf from '@tensorflow/tfjs-core'
import { describe } from '../../describe/describe.js'
import { GradpipeError } from '../../error.js'
import type { Either } from '../../fp.js'
import { shown } from '../../options.js'
import { type Drive, type Stepper, stepperOf } from './stepper.js'

/** The name of those that got none. */
const UNNAMED = 'gradpipe'

/** What an optimizer is made of. */
export interface Origin {
  readonly name: string
  readonly tx: Drive<unknown>
  readonly stepper: Stepper<unknown>
}

interface Registered extends Origin {
  /** Whether several transformations share the name of those that have none. */
  readonly isAmbiguous: boolean
}

const registered = new Map<string, Registered>()

/** Reads descriptions, where the program does. */
let reader: ((description: unknown) => Either<GradpipeError, Drive<unknown>>) | undefined

/** From now on, saved models are loaded with the optimizers that they describe, or without. */
export const readWith = (read: typeof reader): void => {
  reader = read
}

/** Registers a name. The last optimizer of a name counts; if several have no name, none of them does. */
export const register = (name: string | undefined, tx: Drive<unknown>): Origin => {
  const key = name ?? UNNAMED
  const before = registered.get(key)
  const isAmbiguous = name === undefined && before !== undefined && (before.isAmbiguous || before.tx !== tx)
  const origin = { name: key, tx, stepper: stepperOf(tx), isAmbiguous }
  registered.set(key, origin)
  return origin
}

/**
 * What a saved model says: the name, and the description as text, under a key whose text TensorFlow.js leaves as it is. Nothing
 * is said of what holds a function.
 */
export const configOf = ({ name, tx }: Origin): tf.serialization.ConfigDict => {
  const described = describe(tx)
  return described._tag === 'Left'
    ? { name }
    : { name, transformation: { name: JSON.stringify(described.right) } }
}

/** What is described, if it is and the program reads that. Throws `InvalidArgument` where it cannot be made. */
const described = (config: tf.serialization.ConfigDict): Origin | undefined => {
  const { name, transformation } = config
  const text = new Map<string, unknown>(Object.entries(transformation ?? {})).get('name')
  if (reader === undefined || typeof text !== 'string') return undefined
  const read = reader(parsed(text))
  if (read._tag === 'Left') throw read.left
  return { name: String(name), tx: read.right, stepper: stepperOf(read.right) }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/**
 * What the configuration of a saved optimizer stands for: a name that this program has given, then what is described, then the
 * only transformation without a name. Throws `InvalidArgument` where there is none of them.
 */
export const originOf = (config: tf.serialization.ConfigDict): Origin => {
  const { name } = config
  const found = typeof name === 'string' ? registered.get(name) : undefined
  if (found !== undefined && name !== UNNAMED) return found
  const made = described(config) ?? (found?.isAmbiguous === false ? found : undefined)
  if (made !== undefined) return made
  const before = `toOptimizer(tx, { name: ${shown(name)} }) before the model is loaded`
  throw new GradpipeError(
    'InvalidArgument',
    'toOptimizer.name',
    config.transformation === undefined ? before : `${before}, or registerOptimizers()`,
    found === undefined
      ? `no optimizer of that name; made so far: ${[...registered.keys()].map(shown).join(', ') || 'none'}`
      : 'several transformations without a name; the saved one could be any of them',
  )
}
