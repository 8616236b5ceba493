/**
 * The format of the golden files: reading a tree as leaves of one kind, and comparing a result with it.
 *
 * test/goldens/README.md tells the format and where the tolerances come from.
 */
import { readFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs-core'
import { isKey } from '../../src/random/key.js'
import { remember } from '../../src/rule/intern.js'
import { NdArray, ndarray } from '../../src/rule/ndarray.js'
import { map, type Tree } from '../../src/tree/tree.js'

// model

/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** An array, row by row; a scalar has the shape `[]`. */
export interface GoldenLeaf {
  readonly shape: readonly number[]
  readonly data: readonly (number | boolean | 'NaN' | 'Infinity' | '-Infinity')[]
}

/** A tree as it stands in a golden file. */
export type GoldenTree = GoldenLeaf | null | readonly GoldenTree[] | { readonly [key: string]: GoldenTree }

/** What a case is run on. */
export interface GoldenInputs {
  readonly params0: GoldenTree
  readonly grads: readonly GoldenTree[]
  readonly values: readonly GoldenLeaf[]
}

/** A trajectory: how it was configured, and what came out. */
export interface GoldenCase {
  readonly name: string
  readonly args?: Json
  readonly config: { readonly [key: string]: Json }
  readonly call?: { readonly [key: string]: Json }
  readonly extra?: readonly string[]
  readonly inputs: string
  readonly params?: Readonly<Record<string, GoldenTree>>
  readonly updates?: Readonly<Record<string, GoldenTree>>
  readonly state: Json
  /** `schedule_free_eval_params` at the end. */
  readonly eval_params?: GoldenTree
  readonly f32_dev: number
}

/** A file of trajectories. */
export interface GoldenFile {
  readonly version: string
  readonly inputs: Readonly<Record<string, GoldenInputs>>
  readonly cases: readonly GoldenCase[]
}

/** A decoded leaf: its shape and its numbers in float64. */
export interface Numbers {
  readonly shape: readonly number[]
  readonly data: Float64Array
}

// reading

/** Parses a file of test/goldens, which is trusted to have the type that the caller names. */
export const readGoldens = <File>(name: string): File =>
  JSON.parse(readFileSync(new URL(`../goldens/${name}.json`, import.meta.url), 'utf8'))

/** Whether a node is an array of numbers. */
export const isGoldenLeaf = (node: unknown): node is GoldenLeaf =>
  typeof node === 'object' && node !== null && 'shape' in node && 'data' in node

/** Gives every leaf a prototype, so that {@link Tree} sees a leaf and not a record of shape and data. */
class Decoded implements Numbers {
  constructor(
    readonly shape: readonly number[],
    readonly data: Float64Array,
  ) {}
}

/** The numbers of a leaf: of one that many cases are given, once. */
const numbersOf = remember(
  ({ shape, data }: GoldenLeaf): Numbers => new Decoded(shape, Float64Array.from(data, Number)),
)

/** A golden tree as a tree of numbers with their shapes. */
export const decode = (node: GoldenTree): Tree<Numbers> => {
  if (node === null) return null
  if (isGoldenLeaf(node)) return numbersOf(node)
  if (isList(node)) return node.map(decode)
  return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, decode(child)]))
}

// Array.isArray does not narrow readonly arrays
const isList = (node: unknown): node is readonly GoldenTree[] => Array.isArray(node)

// kinds of leaves

/** The leaves that a case is run on. */
export type Leaf = number | Float64Array | Float32Array | NdArray | tf.Tensor

/** A kind of leaves, and how far float arithmetic on them may be from the golden value. */
export interface Kind {
  readonly name: string
  readonly leaf: (numbers: Numbers) => Leaf
  /** For parameters and updates, relative to the greatest element of the leaf. */
  readonly tolerance: (f32Dev: number) => number
  /** For the state, of which `f32_dev` does not speak. */
  readonly stateTolerance: (f32Dev: number) => number
}

const inFloat64 = (f32Dev: number): number => Math.max(1e-12, 1e-8 * f32Dev)
const inFloat32 = (f32Dev: number): number => Math.max(4 * f32Dev, 2e-6)

/** A moment that nearly cancels is off by 3.2e-6 in Optax's own float32 run: that, too, four times. */
const stateInFloat32 = (f32Dev: number): number => Math.max(4 * f32Dev, 1.3e-5)

/** Numbers for scalars and Float64Arrays for the rest. */
export const float64: Kind = {
  name: 'numbers and Float64Arrays',
  leaf: ({ shape, data }) => (shape.length === 0 ? (data[0] ?? Number.NaN) : data.slice()),
  tolerance: inFloat64,
  stateTolerance: inFloat64,
}

/** Numbers for scalars and Float64Arrays with their shapes for the rest. */
export const shaped: Kind = {
  ...float64,
  name: 'ndarrays',
  leaf: ({ shape, data }) => (shape.length === 0 ? (data[0] ?? Number.NaN) : ndarray(data.slice(), shape)),
}

/** Whether leaves are computed in float64. */
export const isDouble = (kind: Kind): boolean => kind === float64 || kind === shaped

/** Whether leaves have the axes of the golden ones. */
export const hasAxes = (kind: Kind): boolean => kind === shaped || kind === tensor

/** Float32Arrays only; a scalar is an array of one, so that nothing is computed in float64. */
export const float32: Kind = {
  name: 'Float32Arrays',
  leaf: ({ data }) => new Float32Array(data),
  tolerance: inFloat32,
  stateTolerance: stateInFloat32,
}

/** Tensors of the full shape. */
export const tensor: Kind = {
  name: 'tensors',
  leaf: ({ shape, data }) => tf.tensor(new Float32Array(data), [...shape], 'float32'),
  tolerance: inFloat32,
  stateTolerance: stateInFloat32,
}

/** All four. */
export const kinds: readonly Kind[] = [float64, shaped, float32, tensor]

/** A tree of numbers, each multiplied by `factor`, as a tree of leaves of the given kind. */
export const encode = (kind: Kind, numbers: Tree<Numbers>, factor = 1): Tree<Leaf> =>
  map(({ shape, data }: Numbers) => kind.leaf({ shape, data: data.map((x) => x * factor) }))(numbers)

// comparing

/** How far a leaf is from its golden value, in tolerances; above 1 it does not agree. */
export interface Difference {
  readonly path: string
  readonly ratio: number
  readonly message: string
}

const elements = (leaf: unknown): readonly number[] | undefined =>
  typeof leaf === 'number' || typeof leaf === 'boolean'
    ? [Number(leaf)]
    : leaf instanceof Float64Array || leaf instanceof Float32Array
      ? Array.from(leaf)
      : leaf instanceof NdArray
        ? Array.from(leaf.data)
        : leaf instanceof tf.Tensor
          ? Array.from(leaf.dataSync(), Number)
          : undefined

const describe = (node: unknown): string =>
  node === null
    ? 'null'
    : node === undefined
      ? 'nothing'
      : (elements(node)?.length.toString().concat(' numbers') ??
        (Array.isArray(node) ? `an array of ${node.length}` : `a record of ${Object.keys(node).join(', ')}`))

/** A difference of structure is out of all tolerance. */
const mismatch = (path: string, expected: string, actual: unknown): Difference => ({
  path,
  ratio: Number.POSITIVE_INFINITY,
  message: `expected ${expected}, got ${describe(actual)}`,
})

const compareLeaf = (path: string, golden: GoldenLeaf, actual: unknown, tolerance: number): Difference => {
  const expected = Array.from(golden.data, Number)
  const found = elements(actual)
  if (found === undefined || found.length !== expected.length) {
    return mismatch(path, `${expected.length} numbers`, actual)
  }
  // the reference's own measure of its deviation has the same floor, so a leaf of zeros must be zeros
  const greatest = expected.reduce((max, x) => (Number.isFinite(x) ? Math.max(max, Math.abs(x)) : max), 1e-30)
  let worst: Difference = { path, ratio: 0, message: 'equal' }
  for (const [i, x] of expected.entries()) {
    const y = found[i] ?? Number.NaN
    const same = x === y || (Number.isNaN(x) && Number.isNaN(y))
    const error = Math.abs(x - y) / greatest
    const ratio = same ? 0 : Number.isFinite(error) ? error / tolerance : Number.POSITIVE_INFINITY
    if (ratio > worst.ratio) {
      const place = golden.shape.length === 0 ? path : `${path}[${i}]`
      const message = `expected ${x}, got ${y}: ${error.toExponential(2)} of the leaf's greatest element, ${tolerance.toExponential(1)} allowed`
      worst = { path: place, ratio, message }
    }
  }
  return worst
}

const join = (path: string, key: string | number): string => (path === '' ? `${key}` : `${path}.${key}`)

const isRecord = (node: unknown): node is Readonly<Record<string, unknown>> =>
  typeof node === 'object' && node !== null && !Array.isArray(node) && elements(node) === undefined

/** Every leaf's distance from its golden value; the order of keys does not matter, their set does. */
export const compare = (
  path: string,
  expected: GoldenTree,
  actual: unknown,
  tolerance: number,
): readonly Difference[] => {
  if (expected === null) return actual === null ? [] : [mismatch(path, 'null', actual)]
  if (isGoldenLeaf(expected)) return [compareLeaf(path, expected, actual, tolerance)]
  if (isList(expected)) {
    return Array.isArray(actual) && actual.length === expected.length
      ? expected.flatMap((child, i) => compare(join(path, i), child, actual[i], tolerance))
      : [mismatch(path, `an array of ${expected.length}`, actual)]
  }
  const keys = Object.keys(expected)
  if (!isRecord(actual) || !sameSet(keys, Object.keys(actual))) {
    return [mismatch(path, `a record of ${keys.join(', ')}`, actual)]
  }
  return Object.entries(expected).flatMap(([key, child]) =>
    compare(join(path, key), child, actual[key], tolerance),
  )
}

const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((key) => b.includes(key))

// state

/** `nu_max` → `nuMax`. */
export const camel = (name: string): string =>
  name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

/** Where our state is laid out otherwise than Optax's, by `Type.field`, and why. */
export interface StateNotes {
  /** Fields of Optax's that ours has not. */
  readonly absent: Readonly<Record<string, string>>
  /** Fields of ours that Optax's has not. */
  readonly added: Readonly<Record<string, string>>
  /** Fields that have another name here. */
  readonly renamed: Readonly<Record<string, { readonly to: string; readonly reason: string }>>
  /** Fields that have the same name and another meaning. */
  readonly otherwise: Readonly<Record<string, string>>
  /** Fields of truth values, which are exactly 1 and 0 here. */
  readonly truths: Readonly<Record<string, string>>
  /** Fields that hold a record of which ours has a part. */
  readonly partial: Readonly<Record<string, string>>
  /** Fields in which ours has `null` for a leaf where Optax has zeros that stand for nothing. */
  readonly placeholders?: Readonly<Record<string, string>>
}

const isPlaceholder = ({ shape, data }: GoldenLeaf): boolean =>
  ['1', '0,0'].includes(shape.join()) && data.every((x) => x === 0)

/** What Optax keeps, without the zeros that stand for nothing where ours has `null`. */
const withoutPlaceholders = (expected: Json, actual: unknown): Json => {
  if (isGoldenLeaf(expected)) return actual === null && isPlaceholder(expected) ? null : expected
  if (Array.isArray(expected))
    return expected.map((child: Json, i) =>
      withoutPlaceholders(child, Array.isArray(actual) ? actual[i] : undefined),
    )
  if (typeof expected !== 'object' || expected === null) return expected
  return Object.fromEntries(
    Object.entries(expected).map(([key, child]) => [
      key,
      withoutPlaceholders(child, isRecord(actual) ? actual[key] : undefined),
    ]),
  )
}

const namedTuple = (
  node: Json,
): { readonly type: string; readonly fields: Readonly<Record<string, Json>> } | undefined => {
  if (typeof node !== 'object' || node === null || !('type' in node) || typeof node.type !== 'string') return
  const { type, ...fields } = node
  return { type, fields }
}

/** An array of scalars, where Optax has a vector of values that do not belong to one leaf. */
const asVector = (expected: GoldenLeaf | null, actual: unknown): unknown => {
  if (expected?.shape.length !== 1 || !Array.isArray(actual)) return actual
  const scalars = actual.map((value) => elements(value))
  return scalars.every((values) => values?.length === 1)
    ? Float64Array.from(scalars, (values) => values?.[0] ?? Number.NaN)
    : actual
}

/**
 * Every leaf of the state, matched by the camelCase names of Optax's fields. `MaskedNode` is our `null`. A field
 * that only one side has is a mismatch, unless `notes` say why.
 */
export const compareState = (
  path: string,
  expected: Json,
  actual: unknown,
  tolerance: number,
  notes: StateNotes,
): readonly Difference[] => {
  const tuple = namedTuple(expected)
  // the words of a key are not written down
  if (tuple?.type === 'PRNGKey') return isKey(actual) ? [] : [mismatch(path, 'a key', actual)]
  if (tuple?.type === 'MaskedNode') return actual === null ? [] : [mismatch(path, 'null', actual)]
  if (tuple === undefined) {
    if (isGoldenLeaf(expected) || expected === null)
      return compare(path, expected, asVector(expected, actual), tolerance)
    if (Array.isArray(expected)) {
      return Array.isArray(actual) && actual.length === expected.length
        ? expected.flatMap((child: Json, i) =>
            compareState(join(path, i), child, actual[i], tolerance, notes),
          )
        : [mismatch(path, `an array of ${expected.length}`, actual)]
    }
  }
  // the keys of a dict may be a user's own, which stay as they are
  const keyOf = (key: string): string => (isRecord(actual) && key in actual ? key : camel(key))
  const where = (field: string): string => `${tuple?.type ?? ''}.${field}`
  const nameOf = (field: string): string => notes.renamed[where(field)]?.to ?? camel(field)
  const fields: readonly (readonly [string, Json])[] =
    tuple === undefined
      ? Object.entries(typeof expected === 'object' && expected !== null ? expected : {}).map(
          ([key, value]) => [keyOf(key), value] as const,
        )
      : Object.entries(tuple.fields).map(([field, value]) => [nameOf(field), value] as const)
  if (!isRecord(actual)) return [mismatch(path, `a record of ${fields.map(([f]) => f).join(', ')}`, actual)]
  const added = Object.keys(actual).filter(
    (key) => !fields.some(([field]) => field === key) && !(where(key) in notes.added),
  )
  if (added.length > 0) return [mismatch(path, `no field ${added.join(', ')}`, actual)]
  return fields.flatMap(([field, value]) => {
    const below = join(path, field)
    if (where(field) in (notes.placeholders ?? {}))
      return compareState(below, withoutPlaceholders(value, actual[field]), actual[field], tolerance, notes)
    if (!(field in actual)) return where(field) in notes.absent ? [] : [mismatch(below, 'a field', undefined)]
    if (where(field) in notes.otherwise) return []
    if (where(field) in notes.truths) return compareState(below, value, actual[field], 0, notes)
    if (
      where(field) in notes.partial &&
      typeof value === 'object' &&
      value !== null &&
      isRecord(actual[field])
    ) {
      const ours = Object.keys(actual[field])
      if (ours.length === 0)
        return [mismatch(below, `some of ${Object.keys(value).join(', ')}`, actual[field])]
      const part = Object.fromEntries(
        Object.entries(value)
          .map(([key, child]) => [camel(key), child] as const)
          .filter(([key]) => ours.includes(key)),
      )
      return compareState(below, part, actual[field], tolerance, notes)
    }
    return compareState(below, value, actual[field], tolerance, notes)
  })
}

/** The greatest difference, if there is any. */
export const worstOf = (differences: readonly Difference[]): Difference | undefined =>
  differences.reduce<Difference | undefined>(
    (a, b) => (a === undefined || b.ratio > a.ratio ? b : a),
    undefined,
  )

/** Throws when a leaf does not agree; the message names the case, the worst element, and how far it is. */
export const assertAgreement = (label: string, differences: readonly Difference[]): void => {
  const worst = worstOf(differences)
  if (worst !== undefined && worst.ratio > 1) {
    const others = differences.filter(({ ratio }) => ratio > 1).length - 1
    throw new Error(
      `${label}, ${worst.path}: ${worst.message} (${worst.ratio.toPrecision(3)} times the tolerance; ${others} other leaves are out of it)`,
    )
  }
}
