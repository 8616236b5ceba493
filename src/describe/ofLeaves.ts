/** Functions of a leaf as data: what each of them says of every leaf of some parameters. */
import { seen } from '../declare/labelling.js'
import { GradpipeError } from '../error.js'
import { shown } from '../options.js'
import { isTrainable, type Leaf, type LeafSpec, leafSpec, type Params } from '../rule/leaf.js'
import { showPath } from '../tree/path.js'
import { leaves } from '../tree/tree.js'
import type { Description } from './json.js'

/** What a function says of leaves, by their paths. */
export type Table = readonly (readonly [path: readonly (string | number)[], value: Description])[]

/** Arguments that may be a function of a leaf, by the factories that take them. */
const args: ReadonlyMap<string, number> = new Map([
  ['freeze', 0],
  ['masked', 1],
  ['partition', 1],
  ['scaleByLeaf', 0],
  ['selectiveTransform', 1],
])

/** Options that may be one. */
const names: ReadonlySet<string> = new Set([
  'blockAxes',
  'mask',
  'muonWeightDimensionNumbers',
  'trustRatioMask',
  'weightDecayMask',
  'weightDimensionNumbers',
])

/** Whether what stands there is a function of a leaf, if it is a function. */
export const isOfLeaf = (factory: string, where: number | string): boolean =>
  typeof where === 'string' ? names.has(where) : args.get(factory) === where

/** The leaves that functions are asked about, as they see them, in the order of their names. */
export const leavesOf = (params: Params): readonly LeafSpec[] =>
  leaves<Leaf>(params)
    .map(([path, leaf]) => leafSpec(path, leaf))
    .filter(isTrainable)
    .map(seen)
    .sort((a, b) => (showPath(a.path) < showPath(b.path) ? -1 : 1))

const tables = new WeakMap<object, Table>()

/** The table that a function was made of. */
export const tableOf = (value: unknown): Table | undefined =>
  typeof value === 'function' ? tables.get(value) : undefined

/** The function of a leaf that a table tells; `values` are what stands in it. It throws `TreeMismatch` for other leaves. */
export const fromTable = (table: Table, values: readonly unknown[]): ((leaf: LeafSpec) => unknown) => {
  const byPath = new Map(table.map(([path], i) => [JSON.stringify(path), values[i]]))
  // a description may put it where it is called with something else
  const told = (leaf: Partial<LeafSpec>): unknown => {
    const { path } = leaf
    if (!Array.isArray(path)) throw new GradpipeError('InvalidArgument', '$leaves', 'a leaf', shown(leaf))
    const key = JSON.stringify(path)
    if (byPath.has(key)) return byPath.get(key)
    throw new GradpipeError(
      'TreeMismatch',
      showPath(path),
      'a leaf that was described',
      shown(showPath(path)),
    )
  }
  tables.set(told, table)
  return told
}
