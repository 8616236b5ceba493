/** The form of descriptions: which values JSON has no word for, how they are written, and what is wrong with one. */
import { GradpipeError } from '../error.js'

/**
 * What describes a transformation: JSON. A call of a factory is `{ $call: 'adam', args: [0.1] }`, and so are the
 * transformations and schedules among its arguments; the outermost one says by `gradpipe: 1` how it is to be read.
 *
 * - What was given is written down, and no default: `gradpipe` is the version of the defaults too.
 * - `{ $number: 'Infinity' }`, `'-Infinity'`, `'NaN'` and `'-0'` are numbers, `{ $undefined: true }` is an argument that was
 *   left out.
 * - `{ $rule: … }` is a rule of one's own, and `{ $term: … }` a schedule of `fromTerm`, by their terms.
 * - `{ $leaves: [[['w'], true], …] }` is a function of a leaf, by what it says of leaves at some paths.
 * - `{ $inner: … }` is the function of `injectHyperparams`, by the call that it makes, in which `{ $hyperparameter: 'b1' }`
 *   stands for a hyperparameter.
 * - A key of one's own that begins with `$` has one more of them.
 *
 * @category Descriptions
 */
export type Description =
  | null
  | boolean
  | number
  | string
  | readonly Description[]
  | { readonly [key: string]: Description }

/** The version of what is written, and of the defaults of what is not. */
export const VERSION = 1

/** So deep may a description be. */
export const DEEPEST = 200

/** So many nodes may the terms of a rule have, and so many of them may be made of each other. */
export const nodeLimits = { most: 20_000, deepest: 1_000 } as const

/** The numbers that JSON has no word for, by their own. */
export const numbers: ReadonlyMap<string, number> = new Map([
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['NaN', Number.NaN],
  ['-0', -0],
])

/** A number as JSON. */
export const numberOf = (value: number): Description =>
  Number.isFinite(value) && !Object.is(value, -0)
    ? value
    : { $number: Object.is(value, -0) ? '-0' : String(value) }

/** Where something stands in a description: `$.args[1].b1`. */
export type Place = string

/** The place of an entry of a record, `$.args[1].b1`. */
export const entryOf = (place: Place, key: string): Place =>
  /^[A-Za-z_$][\w$]*$/.test(key) ? `${place}.${key}` : `${place}[${JSON.stringify(key.slice(0, 60))}]`

/** What is wrong at a place of a description. */
export const refused = (place: Place, expected: string, given: string): GradpipeError =>
  new GradpipeError(
    'InvalidArgument',
    place,
    expected,
    given.length > 200 ? `${given.slice(0, 200)}…` : given,
  )

/** What is made of what stands at a place. Whatever is wrong with it is told with the place, which `where` may narrow. */
export const madeAt = <T>(
  place: Place,
  make: () => T,
  where: (error: GradpipeError) => Place = () => place,
): T => {
  try {
    return make()
  } catch (error) {
    if (error instanceof GradpipeError)
      throw refused(where(error), `${error.path}: ${error.expected}`, error.given)
    throw refused(place, 'what a function of gradpipe takes', `what it cannot read: ${error}`)
  }
}
