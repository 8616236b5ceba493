/** describe: a transformation as JSON. */
import { type GradpipeError, tryCatch } from '../error.js'
import type { Either } from '../fp.js'
import { type Call, shown } from '../options.js'
import type { LeafSpec, Params } from '../rule/leaf.js'
import { termOf } from '../schedule/fromTerm.js'
import type { Schedule } from '../schedule/schedule.js'
import type { AnyTransformation, Stepping } from '../transform/transformation.js'
import { INJECT, innerWritten } from './injected.js'
import { DEEPEST, type Description, entryOf, madeAt, numberOf, type Place, refused, VERSION } from './json.js'
import { isOfLeaf, leavesOf, tableOf } from './ofLeaves.js'
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

/** Where a value is written: how deep, and the leaves that functions of a leaf are asked about. */
interface Writing {
  readonly depth: number
  readonly leaves: readonly LeafSpec[] | undefined
}

const below = ({ depth, leaves }: Writing): Writing => ({ depth: depth + 1, leaves })

/** A function of a leaf, by what it says of those that are asked for. */
const ofLeafWritten = (value: unknown, place: Place, writing: Writing): Description | undefined => {
  const { leaves } = writing
  if (typeof value !== 'function' || leaves === undefined || callOf(value) !== undefined) return undefined
  return {
    $leaves: leaves.map((leaf) => {
      const at = `${place}(${JSON.stringify(leaf.path.join('.'))})`
      return [
        [...leaf.path],
        valueWritten(
          madeAt(at, (): unknown => value(leaf)),
          at,
          below(writing),
        ),
      ]
    }),
  }
}

const callWritten = (value: object, [name, ...args]: Call, place: Place, writing: Writing): Description => {
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
        ? innerWritten(args, at, (made) => valueWritten(made, at, below(writing)))
        : ((isOfLeaf(name, i) ? ofLeafWritten(arg, at, writing) : undefined) ??
            valueWritten(arg, at, below(writing)))
    }),
  }
}

const recordWritten = (value: object, place: Place, writing: Writing): Description =>
  Object.fromEntries(
    Object.entries(value).flatMap(([key, entry]: [string, unknown]) => {
      if (entry === undefined) return []
      if (key === '__proto__') throw refused(entryOf(place, key), 'another name', '"__proto__"')
      const at = entryOf(place, key)
      const told = isOfLeaf('', key) ? ofLeafWritten(entry, at, writing) : undefined
      return [[key.startsWith('$') ? `$${key}` : key, told ?? valueWritten(entry, at, below(writing))]]
    }),
  )

const valueWritten = (value: unknown, place: Place, writing: Writing): Description => {
  if (writing.depth > DEEPEST) throw refused(place, `at most ${DEEPEST} levels`, 'more')
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  if (typeof value === 'number') return numberOf(value)
  if (value === undefined) return { $undefined: true }
  const table = tableOf(value)
  if (table !== undefined) return { $leaves: table }
  const call = callOf(value)
  if (typeof value === 'object' || call !== undefined) {
    const there: object = value
    if (call !== undefined) return callWritten(there, call, place, writing)
    if (Array.isArray(there))
      return there.map((entry, i) => valueWritten(entry, `${place}[${i}]`, below(writing)))
    if (isPlain(there) && !isMade(there)) return recordWritten(there, place, writing)
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
 * where its function puts each hyperparameter, as far as some values show; it may not compute with them. With `params`, functions
 * of a leaf (masks, labels, factors, axes) are told by what they say of each of its leaves; what is made of that is for the
 * same leaves. Otherwise it is a `Left` of `InvalidArgument` with the function's place as `path`: `$.args[1].mask`.
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
 * @example
 * ```ts
 * import { adamw, describe } from 'gradpipe'
 *
 * const tx = adamw(1e-3, { mask: ({ shape }) => shape.length > 0 })
 * const described = describe(tx, { w: Float32Array.of(1, 2), b: 0 })
 * assert.deepEqual(described._tag === 'Right' && described.right.args, [
 *   1e-3,
 *   { mask: { $leaves: [[['b'], false], [['w'], true]] } },
 * ])
 * ```
 */
export const describe = (
  tx: AnyTransformation | Stepping<unknown, never>,
  params?: Params,
): Either<GradpipeError, { readonly [key: string]: Description }> =>
  tryCatch(() => {
    const call = callOf(tx)
    if (call === undefined)
      throw refused('$', 'a transformation that a function of gradpipe has made', shown(tx))
    // a call is written as a record
    const made = callWritten(tx, call, '$', {
      depth: 0,
      leaves: params === undefined ? undefined : leavesOf(params),
    }) as {
      readonly [key: string]: Description
    }
    return { gradpipe: VERSION, ...made }
  })
