/** fromDescription: the transformation that JSON describes. */
import { type GradpipeError, tryCatch } from '../error.js'
import type { Either } from '../fp.js'
import { shown } from '../options.js'
import type { GradientTransformation } from '../transform/transformation.js'
import { injectHyperparams } from '../wrapper/injectHyperparams.js'
import { callOf } from './describe.js'
import { factories } from './factories.js'
import { type Hyperparams, INJECT } from './injected.js'
import { DEEPEST, type Description, entryOf, madeAt, type Place, refused, VERSION } from './json.js'
import { fromTable } from './ofLeaves.js'
import { listAt, numberAt, recordAt } from './readJson.js'
import { ruleAt, scheduleAt } from './readRule.js'

/** So many values may stand in a description. */
const MOST = 1_000_000

/** How many more values may be read, and the hyperparameters that stand among them. */
interface Budget {
  left: number
  readonly hyperparams?: Hyperparams
}

/** Where a factory's complaint belongs: `adam.b1` to the argument that has a `b1`, else to the call. */
const placeOf = (error: GradpipeError, args: readonly unknown[], place: Place): Place => {
  const [, option = ''] = error.path.split('.')
  const at = args.findIndex((arg) => typeof arg === 'object' && arg !== null && Object.hasOwn(arg, option))
  return at >= 0 ? entryOf(`${place}.args[${at}]`, option) : place
}

type Make = (...args: readonly unknown[]) => unknown

/** injectHyperparams with both of its arguments, which it checks itself. */
const injected: Make = (inner, hyperparams) =>
  injectHyperparams(inner as (given: Hyperparams) => GradientTransformation<unknown>)(
    hyperparams as Hyperparams,
  )

/** The function of injectHyperparams. */
const innerAt = (value: unknown, place: Place, depth: number, budget: Budget): unknown => {
  if (budget.hyperparams !== undefined)
    throw refused(place, `a description without ${INJECT} in another`, INJECT)
  const template = recordAt(value, place, ['$inner']).get('$inner')
  return (hyperparams: Hyperparams) =>
    valueAt(template, `${place}.$inner`, depth + 1, { left: MOST, hyperparams })
}

const called = (name: string, given: unknown, place: Place, depth: number, budget: Budget): unknown => {
  if (name !== INJECT && !Object.hasOwn(factories, name))
    throw refused(`${place}.$call`, 'a function of gradpipe that takes data', shown(name))
  // which arguments it takes, the factory itself checks
  const make = name === INJECT ? injected : (factories[name] as Make)
  const args = listAt(given, `${place}.args`).map((arg, i) =>
    (name === INJECT && i === 0 ? innerAt : valueAt)(arg, `${place}.args[${i}]`, depth + 1, budget),
  )
  const made = madeAt(
    place,
    () => make(...args),
    (error) => placeOf(error, args, place),
  )
  const taken = callOf(made)
  if (taken !== undefined && taken.length - 1 < args.length)
    throw refused(`${place}.args`, `at most ${taken.length - 1} arguments`, String(args.length))
  return made
}

/** A function of a leaf, by its table. */
const ofLeafAt = (value: object, place: Place, depth: number, budget: Budget): unknown => {
  const table = listAt(recordAt(value, place, ['$leaves']).get('$leaves'), `${place}.$leaves`)
  const read = table.map((row, i) => {
    const at = `${place}.$leaves[${i}]`
    const [path, told, ...more] = listAt(row, at)
    if (told === undefined || more.length > 0) throw refused(at, 'a path and a value', shown(row))
    const keys = listAt(path, `${at}[0]`).map((key, j) => {
      if (typeof key === 'string' || typeof key === 'number') return key
      throw refused(`${at}[0][${j}]`, 'a key or an index', shown(key))
    })
    // of JSON, as valueAt finds
    return { row: [keys, told as Description] as const, value: valueAt(told, `${at}[1]`, depth + 1, budget) }
  })
  return fromTable(
    read.map(({ row }) => row),
    read.map((each) => each.value),
  )
}

/** What a record stands for, by its one key that begins with a `$`. */
const tagged = (value: object, place: Place, depth: number, budget: Budget): unknown => {
  const [tag] = Object.keys(value).filter((key) => /^\$(?!\$)/.test(key))
  switch (tag) {
    case '$call': {
      const record = recordAt(value, place, ['$call', 'args'])
      const name = record.get('$call')
      if (typeof name !== 'string') throw refused(`${place}.$call`, 'a name', shown(name))
      return called(name, record.get('args'), place, depth, budget)
    }
    case '$rule':
      return ruleAt(recordAt(value, place, ['$rule']).get('$rule'), `${place}.$rule`)
    case '$term':
      return scheduleAt(recordAt(value, place, ['$term']).get('$term'), `${place}.$term`)
    case '$number':
      return numberAt(value, place)
    case '$undefined':
      recordAt(value, place, ['$undefined'])
      return undefined
    case '$leaves':
      return ofLeafAt(value, place, depth, budget)
    case '$hyperparameter': {
      const name = recordAt(value, place, ['$hyperparameter']).get('$hyperparameter')
      const { hyperparams } = budget
      if (typeof name === 'string' && hyperparams !== undefined && Object.hasOwn(hyperparams, name))
        return hyperparams[name]
      throw refused(`${place}.$hyperparameter`, `the name of a hyperparameter of ${INJECT}`, shown(name))
    }
    default:
      throw refused(entryOf(place, tag ?? ''), 'a word of descriptions', shown(tag))
  }
}

const valueAt = (value: unknown, place: Place, depth: number, budget: Budget): unknown => {
  budget.left -= 1
  if (depth > DEEPEST) throw refused(place, `at most ${DEEPEST} levels`, 'more')
  if (budget.left < 0) throw refused(place, `at most ${MOST} values`, 'more')
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  if (typeof value === 'number') return value
  if (Array.isArray(value))
    return value.map((entry, i) => valueAt(entry, `${place}[${i}]`, depth + 1, budget))
  if (typeof value !== 'object') throw refused(place, 'JSON', shown(value))
  if (Object.keys(value).some((key) => /^\$(?!\$)/.test(key))) return tagged(value, place, depth, budget)
  return Object.fromEntries(
    [...recordAt(value, place)].map(([key, entry]) => [
      key.startsWith('$') ? key.slice(1) : key,
      valueAt(entry, entryOf(place, key), depth + 1, budget),
    ]),
  )
}

/**
 * Makes the transformation that `describe` has described, of JSON that may come from anywhere: a file, a link.
 *
 * What is described is data, and nothing of it is run: names are looked up among the library's functions, which check what
 * they are given, and terms are looked at node by node. Whatever is wrong is a `Left` of `InvalidArgument`, with its place as
 * `path` (`$.args[1].b1`), what is expected there, and what is given.
 *
 * It brings every optimizer of the library into a bundle; `describe` does not. What needs extra arguments (a line search, a
 * plateau) asks for them when it is stepped, since the type cannot. Of `lookahead` it is what `lookahead` gives: what steps
 * pairs of parameters.
 *
 * @param description - parsed JSON.
 * @category Descriptions
 * @example
 * ```ts
 * import { describe, fromDescription } from 'gradpipe'
 *
 * const text = '{ "gradpipe": 1, "$call": "adam", "args": [0.1, { "b1": 0.8 }] }'
 * const read = fromDescription(JSON.parse(text))
 * if (read._tag === 'Left') throw read.left
 * const tx = read.right
 * assert.ok(Math.abs(tx.update(5, tx.init(0))[0] + 0.1) < 1e-8)
 * assert.deepEqual(describe(tx), { _tag: 'Right', right: JSON.parse(text) })
 *
 * const wrong = fromDescription({ gradpipe: 1, $call: 'adam', args: [0.1, { b1: 2 }] })
 * assert.equal(wrong._tag === 'Left' && wrong.left.path, '$.args[1].b1')
 * ```
 */
export const fromDescription = (description: unknown): Either<GradpipeError, GradientTransformation> =>
  tryCatch(() => {
    const { gradpipe: version, ...call } = Object.fromEntries(recordAt(description, '$'))
    if (version !== VERSION) throw refused('$.gradpipe', String(VERSION), shown(version))
    const made = valueAt(call, '$', 0, { left: MOST })
    if (typeof made !== 'object' || made === null || !('init' in made) || typeof made.init !== 'function')
      throw refused('$', 'a transformation', typeof made === 'function' ? 'a schedule' : 'something else')
    // what has an init the library's functions have made
    return made as unknown as GradientTransformation
  })
