/** describe: a transformation as JSON. */
import { GradpipeError } from '../error.js'
import { type Either, left, right } from '../fp.js'
import { type Call, shown } from '../options.js'
import { termOf } from '../schedule/fromTerm.js'
import type { Schedule } from '../schedule/schedule.js'
import type { AnyTransformation, Stepping } from '../transform/transformation.js'
import { skipNotFinite } from '../wrapper/skip.js'
import { INJECT, innerWritten } from './injected.js'
import { DEEPEST, type Description, entryOf, numberOf, type Place, refused, VERSION } from './json.js'
import { ruleWritten, termWritten } from './terms.js'

/** Whether something is a transformation, or a function. */
const isMade = (value: unknown): value is object =>
  typeof value === 'function' ||
  (typeof value === 'object' && value !== null && 'init' in value && typeof value.init === 'function')

/** The call that something was made by. */
export const callOf = (value: unknown): Call | undefined =>
  // every function has a call of its own; to what was made here, nobody else gives one
  isMade(value) && Object.hasOwn(value, 'call') ? (value as { readonly call?: Call }).call : undefined

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

const callWritten = (value: object, [name, ...args]: Call, place: Place, depth: number): Description => {
  if (name === 'fromTerm') {
    const term = termOf(value as Schedule) // which fromTerm has made
    if (term !== undefined) return { $term: termWritten(term, place) }
  }
  if (name === 'fromRule')
    // fromRule was given what it was given
    return {
      $rule: ruleWritten(value as AnyTransformation, args[0] as Parameters<typeof ruleWritten>[1], place),
    }
  const given = [...args]
  while (given.length > 0 && given.at(-1) === undefined) given.pop()
  return {
    $call: name,
    args: given.map((arg, i) => {
      const at = `${place}.args[${i}]`
      return name === INJECT && i === 0
        ? innerWritten(args, at, (made) => valueWritten(made, at, depth + 1))
        : valueWritten(arg, at, depth + 1)
    }),
  }
}

const recordWritten = (value: object, place: Place, depth: number): Description =>
  Object.fromEntries(
    Object.entries(value).flatMap(([key, entry]: [string, unknown]) => {
      if (entry === undefined) return []
      if (key === '__proto__') throw refused(entryOf(place, key), 'another name', '"__proto__"')
      return [[key.startsWith('$') ? `$${key}` : key, valueWritten(entry, entryOf(place, key), depth + 1)]]
    }),
  )

const valueWritten = (value: unknown, place: Place, depth: number): Description => {
  if (depth > DEEPEST) throw refused(place, `at most ${DEEPEST} levels`, 'more')
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  if (typeof value === 'number') return numberOf(value)
  if (value === undefined) return { $undefined: true }
  if (value === skipNotFinite) return { $function: 'skipNotFinite' }
  const call = callOf(value)
  if (typeof value === 'object' || call !== undefined) {
    const there: object = value
    if (call !== undefined) return callWritten(there, call, place, depth)
    if (Array.isArray(there)) return there.map((entry, i) => valueWritten(entry, `${place}[${i}]`, depth + 1))
    if (isPlain(there) && !isMade(there)) return recordWritten(there, place, depth)
  }
  throw refused(
    place,
    'data, or what a function of gradpipe makes of data',
    typeof value === 'object' && isMade(value) ? 'a transformation of other functions' : shown(value),
  )
}

/**
 * Describes a transformation as JSON: the calls of the library's functions that make it, with what they were given. In another
 * program, `fromDescription` makes the same one of it.
 *
 * Masks and labels that are trees are data, and so are rules of one's own, whose terms are written down. A function is no
 * data: a mask or a schedule of one's own (but `fromTerm` makes schedules that are). Of `injectHyperparams` it is told
 * where its function puts each hyperparameter, as far as some values show; it may not compute with them. Otherwise it is a `Left` of `InvalidArgument` with the function's place as `path`: `$.args[1].mask`.
 *
 * @category Descriptions
 * @example
 * ```ts
 * import { adamw, chain, clipByGlobalNorm, cosineDecaySchedule, describe } from 'gradpipe'
 *
 * const tx = chain(clipByGlobalNorm(1), adamw(cosineDecaySchedule(1e-3, 1000), { mask: { w: true, b: false } }))
 * assert.deepEqual(describe(tx), {
 *   _tag: 'Right',
 *   right: {
 *     gradpipe: 1,
 *     $call: 'chain',
 *     args: [
 *       { $call: 'clipByGlobalNorm', args: [1] },
 *       {
 *         $call: 'adamw',
 *         args: [{ $call: 'cosineDecaySchedule', args: [1e-3, 1000] }, { mask: { w: true, b: false } }],
 *       },
 *     ],
 *   },
 * })
 * const own = describe(chain(clipByGlobalNorm(1), adamw((count) => 1 / (1 + count))))
 * assert.equal(own._tag === 'Left' && own.left.path, '$.args[1].args[0]')
 * ```
 */
export const describe = (
  tx: AnyTransformation | Stepping<unknown, never>,
): Either<GradpipeError, { readonly [key: string]: Description }> => {
  try {
    const call = callOf(tx)
    if (call === undefined)
      return left(refused('$', 'a transformation that a function of gradpipe has made', shown(tx)))
    // a call is written as a record
    const made = callWritten(tx, call, '$', 0) as { readonly [key: string]: Description }
    return right({ gradpipe: VERSION, ...made })
  } catch (error) {
    if (error instanceof GradpipeError) return left(error)
    throw error
  }
}
