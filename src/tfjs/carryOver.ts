/** A state for other variables: what was known of a variable stays with its name, what is new starts anew. */
import { GradpipeError } from '../error.js'
import { isTensorLike } from '../rule/leaf.js'
import { type Path, showPath } from '../tree/path.js'
import { isArray, isBranch, type Tree } from '../tree/tree.js'

/** A node of a state: what is no branch is a leaf, so that anything is a tree. */
export type Node = Tree<unknown>

/** Where a state is taken from. */
export interface Source {
  /** What stands at a path, where the first state has a leaf or nothing; `undefined` if there is nothing known. */
  readonly find: (path: Path, first: Node) => unknown
}

/** A value's shape, as far as it has one. */
const shapeOf = (value: unknown): readonly number[] | null =>
  typeof value === 'number'
    ? []
    : value instanceof Float32Array || value instanceof Float64Array
      ? [value.length]
      : isTensorLike(value)
        ? value.shape
        : null

const shown = (shape: readonly number[]): string => `shape [${shape.join(', ')}]`

const expectShape = (path: Path, first: unknown, found: unknown): void => {
  const [expected, given] = [shapeOf(first), shapeOf(found)]
  if (expected !== null && given !== null && expected.join() !== given.join())
    throw new GradpipeError('ShapeMismatch', showPath(['state', ...path]), shown(expected), shown(given))
}

/**
 * A state of the structure of the first one, with everything in it that the source knows.
 *
 * Shares its tensors with both. Throws `ShapeMismatch` for what the source has in another shape.
 */
export const carryOver = (first: unknown, source: Source): unknown => {
  const visit = (node: Node, path: Path): unknown => {
    if (node !== null && isBranch(node))
      return isArray(node)
        ? node.map((child, i) => visit(child, [...path, i]))
        : Object.fromEntries(Object.entries(node).map(([key, child]) => [key, visit(child, [...path, key])]))
    const found = source.find(path, node)
    if (found === undefined) return node
    expectShape(path, node, found)
    return found
  }
  return visit(first as Node, [])
}

/** The state that there was. */
export const fromState = (state: unknown): Source => ({
  find: (path) => {
    let node: unknown = state
    for (const key of path) {
      if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return undefined
      node = (node as Readonly<Record<string | number, unknown>>)[key]
    }
    return node
  },
})

/** All leaves of a state with their paths, `null` among them. */
export const entries = (state: unknown): readonly (readonly [path: Path, leaf: unknown])[] => {
  const visit = (node: Node, path: Path): readonly (readonly [Path, unknown])[] =>
    node === null || !isBranch(node)
      ? [[path, node]]
      : isArray(node)
        ? node.flatMap((child, i) => visit(child, [...path, i]))
        : Object.entries(node).flatMap(([key, child]) => visit(child, [...path, key]))
  return visit(state as Node, [])
}
