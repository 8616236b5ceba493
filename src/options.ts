/**
 * The options of a factory: what is given, over the defaults, with every name and kind checked.
 *
 * Plain JavaScript has no compiler to tell `epsilon` from `eps`; a name that is silently ignored would train
 * with the default.
 */
import { GradpipeError } from './error.js'

type Kind = 'number' | 'boolean' | 'object' | 'function'

/**
 * Stands where an entry has no default: it must be given, and be of this `typeof`.
 *
 * @internal
 */
export const required: { readonly [K in Kind]: symbol } = {
  number: Symbol('number'),
  boolean: Symbol('boolean'),
  object: Symbol('object'),
  function: Symbol('function'),
}

/** Whether entry `K` of `O` may be left out. */
type IsOptional<O, K extends keyof O> = Record<never, never> extends Pick<O, K> ? true : false

type Primitive = number | boolean

/**
 * What may stand as the default of an entry of type `V`. An entry that takes a number *or something else* (a
 * schedule, a mask) has the default `undefined`: a number there would refuse the something else.
 */
type Default<V> = [V] extends [number] | [boolean] ? V | undefined : Exclude<V, Primitive> | undefined

/** The defaults of the entries of `O`. */
export type Defaults<O> = {
  readonly [K in keyof O]-?: IsOptional<O, K> extends true ? Default<Exclude<O[K], undefined>> : symbol
}

/** Every entry of `O`; one whose default is `undefined` may be `undefined`. */
export type Resolved<O, D extends Defaults<O>> = {
  readonly [K in keyof O]-?: IsOptional<O, K> extends false
    ? O[K]
    : undefined extends D[K]
      ? O[K] | undefined
      : Exclude<O[K], undefined>
}

/** A value as a message shows it. */
export const shown = (value: unknown): string =>
  typeof value === 'string'
    ? JSON.stringify(value)
    : typeof value === 'function'
      ? 'a function'
      : typeof value === 'object' && value !== null
        ? objectShown(value)
        : typeof value === 'bigint'
          ? `${value}n`
          : String(value)

const isTensorLike = (value: object): boolean => 'dataId' in value && 'shape' in value

/** What an object is: an array, a tensor, an instance of a class by its name, or a record by its first keys. */
const objectShown = (value: object): string => {
  if (Array.isArray(value)) return 'an array'
  if (isTensorLike(value)) return 'a tensor'
  const { constructor: by } = value
  const name = typeof by === 'function' && by !== Object ? by.name : ''
  if (name !== '') return `${/^(?!U[in])[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`
  const keys = Object.keys(value)
  const first = [...keys.slice(0, 4), ...(keys.length > 4 ? ['…'] : [])].join(', ')
  return first === '' ? 'an empty object' : `{ ${first} }`
}

/** Whether something may hold options: neither an array nor a tensor, which `step(tx, params, …)` would pass. */
const mayHoldOptions = (given: unknown): boolean =>
  typeof given === 'object' &&
  given !== null &&
  !Array.isArray(given) &&
  !ArrayBuffer.isView(given) &&
  !isTensorLike(given)

const kindOf = (fallback: unknown): string | undefined =>
  typeof fallback === 'symbol'
    ? fallback.description
    : typeof fallback === 'number' || typeof fallback === 'boolean'
      ? typeof fallback
      : undefined

/**
 * Merges `given` over `defaults`.
 *
 * - An entry that is `undefined` counts as absent.
 * - A default that is a number or a boolean admits values of its own kind only, and not NaN; `undefined` admits any value.
 * - {@link required} in the place of a default admits values of the named kind only, and must be given.
 *
 * Throws `InvalidArgument` for an unknown name, a value of another kind, and a missing required entry; the
 * path is `name.entry`.
 *
 * @internal
 * @example
 * ```ts
 * // options('adam', { b1: 0.9, b2: 0.999, mask: undefined }, { b1: 0.8 })
 * // is { b1: 0.8, b2: 0.999, mask: undefined }
 * ```
 */
export const options = <O extends object, const D extends Defaults<O>>(
  name: string,
  defaults: D,
  given: O | undefined,
): Resolved<O, D> => {
  if (given !== undefined && !mayHoldOptions(given)) {
    throw new GradpipeError('InvalidArgument', name, 'an options object', shown(given))
  }
  const names = Object.keys(defaults)
  const values = new Map<string, unknown>(Object.entries(given ?? {}))
  for (const key of values.keys()) {
    if (!names.includes(key)) {
      const expected = names.length === 0 ? 'no options' : `one of ${names.join(', ')}`
      throw new GradpipeError('InvalidArgument', `${name}.${key}`, expected, JSON.stringify(key))
    }
  }
  const merged = Object.entries(defaults).map(([key, fallback]: [string, unknown]) => {
    const value = values.get(key)
    const kind = kindOf(fallback)
    if (value === undefined && typeof fallback !== 'symbol') return [key, fallback] as const
    if (kind !== undefined && (typeof value !== kind || value === null || Number.isNaN(value))) {
      const expected = kind === 'object' ? 'an object' : `a ${kind}`
      throw new GradpipeError('InvalidArgument', `${name}.${key}`, expected, shown(value))
    }
    return [key, value] as const
  })
  // Object.fromEntries forgets the names; they are those of `defaults`, which are all of O's.
  return Object.fromEntries(merged) as Resolved<O, D>
}

/** A call of a factory: its name, and what it was given. */
export type Call = readonly [name: string, ...args: readonly unknown[]]

/** What a factory makes, with the call that made it: by it `describe` tells what it is. */
export const called = <T extends object>(call: Call, made: T): T & { readonly call: Call } =>
  typeof made === 'function' ? Object.assign(made, { call }) : { ...made, call }

/** The optimizer that is being made. */
let maker: string | undefined

/** The name that a caller knows: of the optimizer that is being made, or a member's own. */
export const nameInForce = (name: string): string => maker ?? name

/**
 * What `make` makes, in the name of an optimizer, and with its call: a mistake that one of its members finds, when it is made or later,
 * is told under the name that the caller knows.
 */
export const inNameOf = <T extends object>(name: string, args: readonly unknown[], make: () => T): T => {
  const outer = maker
  maker = nameInForce(name)
  try {
    return called([name, ...args], make())
  } catch (error) {
    if (!(error instanceof GradpipeError) || error._tag !== 'InvalidArgument') throw error
    const path = error.path.replace(/^(fromRule\.scalars|[^.]*)/, name)
    throw new GradpipeError(error._tag, path, error.expected, error.given)
  } finally {
    maker = outer
  }
}
