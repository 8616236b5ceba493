/** `assert` as examples use it: Node's in strict mode, as far as it goes. */
import { shown } from './shown.js'

/** What does not hold. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

/** How many assertions have held. */
let held = 0
export const heldSoFar = (): number => held

const check = (holds: boolean, message: string | Error | undefined, otherwise: () => string): void => {
  if (!holds) throw message instanceof Error ? message : new AssertionError(message ?? otherwise())
  held++
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** The own enumerable properties, those with symbols included. */
const keysOf = (value: object): readonly (string | symbol)[] => [
  ...Object.keys(value),
  ...Object.getOwnPropertySymbols(value).filter((key) =>
    Object.prototype.propertyIsEnumerable.call(value, key),
  ),
]

const entriesOf = (value: object): readonly unknown[] | undefined =>
  value instanceof Map || value instanceof Set ? [...value] : undefined

/** What is compared of objects whose properties do not tell. */
const primitiveOf = (value: object): unknown =>
  value instanceof Date
    ? value.getTime()
    : value instanceof RegExp
      ? String(value)
      : value instanceof Error
        ? `${value.name}: ${value.message}`
        : value instanceof Number || value instanceof String || value instanceof Boolean
          ? value.valueOf()
          : undefined

/** Whether two values are the same in all that they hold, as `deepStrictEqual` of Node has it. */
const isDeepEqual = (a: unknown, b: unknown, seen: ReadonlyMap<object, unknown> = new Map()): boolean => {
  if (Object.is(a, b)) return true
  if (!isObject(a) || !isObject(b)) return false
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false
  // a cycle is the same where it closes in the same place
  if (seen.has(a)) return seen.get(a) === b
  const next = new Map(seen).set(a, b)
  const same = (x: unknown, y: unknown): boolean => isDeepEqual(x, y, next)
  if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b)) {
    const [x, y] = [a, b].map((view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength))
    const numbers = a instanceof DataView ? undefined : Array.from(a as unknown as ArrayLike<unknown>)
    if (numbers === undefined || x?.length !== y?.length) return same(String(x), String(y))
    return numbers.every((each, i) => Object.is(each, Reflect.get(b, i)))
  }
  if (!Object.is(primitiveOf(a), primitiveOf(b))) return false
  if (Array.isArray(a) && Array.isArray(b) && a.length !== b.length) return false
  const [entries, others] = [entriesOf(a), entriesOf(b)]
  if (entries !== undefined && others !== undefined) {
    if (entries.length !== others.length) return false
    const left = [...others]
    for (const entry of entries) {
      const at = left.findIndex((other) => same(entry, other))
      if (at < 0) return false
      left.splice(at, 1)
    }
  }
  const [keys, otherKeys] = [keysOf(a), keysOf(b)]
  return (
    keys.length === otherKeys.length &&
    keys.every((key) => otherKeys.includes(key) && same(Reflect.get(a, key), Reflect.get(b, key)))
  )
}

const both = (actual: unknown, expected: unknown): string =>
  `  it is     ${shown(actual)}\n  expected  ${shown(expected)}`

type Message = string | Error | undefined
type Expected = RegExp | (new (...args: never[]) => object) | ((error: unknown) => unknown) | object

const isClass = (of: unknown): of is new () => object =>
  typeof of === 'function' && isObject(of.prototype) && (of === Error || of.prototype instanceof Error)

/** Whether an error is one that was expected. */
const fits = (error: unknown, expected: Expected): boolean => {
  if (expected instanceof RegExp) return expected.test(String(error))
  if (isClass(expected)) return error instanceof expected
  if (typeof expected === 'function') return Reflect.apply(expected, undefined, [error]) === true
  return Object.entries(expected).every(([key, value]) => {
    const own: unknown = isObject(error) ? Reflect.get(error, key) : undefined
    return value instanceof RegExp && typeof own === 'string' ? value.test(own) : isDeepEqual(own, value)
  })
}

const threw = (error: unknown, expected: Expected | Message, message: Message): void => {
  if (expected !== undefined && typeof expected !== 'string' && !fits(error, expected))
    throw message === undefined ? error : new AssertionError(String(message))
  held++
}

const ok = (value?: unknown, message?: Message): void =>
  check(Boolean(value), message, () => `${shown(value)} is not true`)

const equal = (actual: unknown, expected: unknown, message?: Message): void =>
  check(Object.is(actual, expected), message, () => `not equal\n${both(actual, expected)}`)

const notEqual = (actual: unknown, expected: unknown, message?: Message): void =>
  check(!Object.is(actual, expected), message, () => `${shown(actual)} is not to be equal to itself`)

const deepEqual = (actual: unknown, expected: unknown, message?: Message): void =>
  check(isDeepEqual(actual, expected), message, () => `not deeply equal\n${both(actual, expected)}`)

const notDeepEqual = (actual: unknown, expected: unknown, message?: Message): void =>
  check(!isDeepEqual(actual, expected), message, () => `deeply equal: ${shown(actual)}`)

const throws = (act: () => unknown, expected?: Expected | Message, message?: Message): void => {
  let thrown: { readonly error: unknown } | undefined
  try {
    act()
  } catch (error) {
    thrown = { error }
  }
  if (thrown === undefined) throw new AssertionError('nothing was thrown')
  threw(thrown.error, expected, message)
}

const rejects = async (
  promised: Promise<unknown> | (() => Promise<unknown>),
  expected?: Expected | Message,
  message?: Message,
): Promise<void> => {
  const thrown = await (typeof promised === 'function' ? promised() : promised).then(
    () => undefined,
    (error: unknown) => ({ error }),
  )
  if (thrown === undefined) throw new AssertionError('nothing was rejected')
  threw(thrown.error, expected, message)
}

const match = (text: string, pattern: RegExp, message?: Message): void =>
  check(pattern.test(text), message, () => `${shown(text)} does not match ${pattern}`)

const doesNotMatch = (text: string, pattern: RegExp, message?: Message): void =>
  check(!pattern.test(text), message, () => `${shown(text)} matches ${pattern}`)

const fail = (message?: Message): never => {
  throw message instanceof Error ? message : new AssertionError(message ?? 'it failed')
}

/** `assert` itself; what hangs on it has Node's names. */
export interface Assert {
  (value?: unknown, message?: Message): void
  readonly AssertionError: typeof AssertionError
  readonly ok: typeof ok
  readonly equal: typeof equal
  readonly notEqual: typeof notEqual
  readonly deepEqual: typeof deepEqual
  readonly notDeepEqual: typeof notDeepEqual
  readonly strictEqual: typeof equal
  readonly notStrictEqual: typeof notEqual
  readonly deepStrictEqual: typeof deepEqual
  readonly notDeepStrictEqual: typeof notDeepEqual
  readonly match: typeof match
  readonly doesNotMatch: typeof doesNotMatch
  readonly fail: typeof fail
  readonly throws: typeof throws
  readonly rejects: typeof rejects
}

export const assert: Assert = Object.assign(
  (value?: unknown, message?: Message): void => ok(value, message),
  {
    AssertionError,
    ok,
    equal,
    notEqual,
    deepEqual,
    notDeepEqual,
    strictEqual: equal,
    notStrictEqual: notEqual,
    deepStrictEqual: deepEqual,
    notDeepStrictEqual: notDeepEqual,
    match,
    doesNotMatch,
    fail,
    throws,
    rejects,
  },
)
