/**
 * A state for other variables: what is known of a variable stays with it, and new variables start with a first state.
 */
import { GradpipeError } from '../../error.js'
import { shown } from '../../options.js'
import { isTensorLike } from '../../rule/leaf.js'
import { isElements, NdArray } from '../../rule/ndarray.js'
import { below, type Path, showPath } from '../../tree/path.js'
import { isArray, isBranch, type Tree } from '../../tree/tree.js'

type Node = Tree<unknown>

/** How errors show a value: tensors by shape and dtype, values on the host by shape. */
const likeness = (value: unknown): string =>
  typeof value === 'number'
    ? '[]'
    : isElements(value)
      ? `[${value.length}]`
      : isTensorLike(value) || value instanceof NdArray
        ? `[${value.shape.join(', ')}]`
        : shown(value)

/** Where there was nothing, there may be something now, and the other way round. */
const expectLike = (path: Path, first: unknown, found: unknown): void => {
  if (first === null || found === null) return
  const [expected, given] = [likeness(first), likeness(found)]
  const at = showPath(['state', ...path])
  const isNumeric = expected.startsWith('[')
  if (isNumeric !== given.startsWith('['))
    throw new GradpipeError('TreeMismatch', at, isNumeric ? 'a leaf' : 'a name or a flag', given)
  if (isNumeric && expected !== given)
    throw new GradpipeError('ShapeMismatch', at, `shape ${expected}`, given)
  if (isTensorLike(first) && isTensorLike(found) && first.dtype !== found.dtype)
    throw new GradpipeError('DtypeMismatch', at, first.dtype, found.dtype)
}

/** Where a leaf of a state stands. */
export interface Place {
  readonly path: Path
  /** At which of the path's keys a variable's name stands; -1 where the leaf is of none. */
  readonly variable: number
}

/**
 * The places below one where a node stands: `keys` are what the variables are called. A record with exactly these keys
 * has something for each variable, and the innermost one counts; so a variable may be called as a field of the state.
 */
const placesBelow = (node: Node, { path, variable }: Place, keys: ReadonlySet<string>): readonly Below[] => {
  if (node === null || !isBranch(node)) return []
  const all: readonly (readonly [string | number, Node])[] = isArray(node)
    ? [...node.entries()]
    : Object.entries(node)
  const isByVariable =
    all.length === keys.size && all.every(([key]) => typeof key === 'string' && keys.has(key))
  const at = isByVariable ? path.length : variable
  return all.map(([key, child]) => [key, child, { path: below(path, key), variable: at }])
}

type Below = readonly [key: string | number, child: Node, place: Place]

const root: Place = { path: [], variable: -1 }

/**
 * A first state in which everything known replaces its own values. It shares its tensors with both.
 *
 * `find` returns what is known of a place where the first state has a leaf or `null`; `undefined` if nothing is.
 * Throws `TreeMismatch`, `ShapeMismatch` or `DtypeMismatch` if it does not fit there.
 */
export const carryOver = (
  first: unknown,
  keys: ReadonlySet<string>,
  find: (place: Place, first: unknown) => unknown,
): unknown => {
  const visit = (node: Node, place: Place): unknown => {
    if (node !== null && isBranch(node)) {
      const all = placesBelow(node, place, keys).map(([key, child, at]) => [key, visit(child, at)] as const)
      return isArray(node) ? all.map(([, child]) => child) : Object.fromEntries(all)
    }
    const found = find(place, node)
    if (found === undefined) return node
    expectLike(place.path, node, found)
    return found
  }
  // whatever is not a branch is a leaf, so that anything is a tree
  return visit(first as Node, root)
}

/** The node at a path of a state; `undefined` if there is none. */
export const at = (state: unknown, path: Path): unknown => {
  // as above
  let node = state as Node | undefined
  for (const key of path) {
    if (node === null || node === undefined || !isBranch(node) || !Object.hasOwn(node, key)) return undefined
    // an array has numbers for keys, a record text
    node = (node as Readonly<Record<string | number, Node>>)[key]
  }
  return node
}

/** All leaves of a state with their places, `null` among them; `keys` are what the variables are called. */
export const entries = (
  state: unknown,
  keys: ReadonlySet<string>,
): readonly (readonly [place: Place, leaf: unknown])[] => {
  const visit = (node: Node, place: Place): readonly (readonly [Place, unknown])[] =>
    node === null || !isBranch(node)
      ? [[place, node]]
      : placesBelow(node, place, keys).flatMap(([, child, at]) => visit(child, at))
  // as above
  return visit(state as Node, root)
}

/** A path with another name for the variable in it. */
export const renamed = ({ path, variable }: Place, name: (key: string) => string): Path =>
  variable < 0 ? path : path.map((key, i) => (i === variable ? name(String(key)) : key))
