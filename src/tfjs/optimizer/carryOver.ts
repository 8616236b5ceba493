/** A state for other variables: what is known of a variable stays with its name, what is new starts anew. */
import { GradpipeError } from '../../error.js'
import { shown } from '../../options.js'
import { isTensorLike } from '../../rule/leaf.js'
import { below, type Path, showPath } from '../../tree/path.js'
import { isArray, isBranch, type Tree } from '../../tree/tree.js'

type Node = Tree<unknown>

/** What a value is like, as an error shows it: tensors by shape and dtype, what is on the host by shape. */
const likeness = (value: unknown): string =>
  typeof value === 'number'
    ? '[]'
    : value instanceof Float32Array || value instanceof Float64Array
      ? `[${value.length}]`
      : isTensorLike(value)
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

/**
 * A first state, with all that is known in the place of what it has there. Shares its tensors with both.
 *
 * `find` tells what is known of a place where the first state has a leaf or `null`; `undefined` if nothing is. Throws
 * `TreeMismatch`,
 * `ShapeMismatch` or `DtypeMismatch` for what does not fit there.
 */
export const carryOver = (first: unknown, find: (path: Path) => unknown): unknown => {
  const visit = (node: Node, path: Path): unknown => {
    if (node !== null && isBranch(node))
      return isArray(node)
        ? node.map((child, i) => visit(child, below(path, i)))
        : Object.fromEntries(
            Object.entries(node).map(([key, child]) => [key, visit(child, below(path, key))]),
          )
    const found = find(path)
    if (found === undefined) return node
    expectLike(path, node, found)
    return found
  }
  // whatever is not a branch is a leaf, so that anything is a tree
  return visit(first as Node, [])
}

/** What stands at a path of a state; `undefined` if nothing does. */
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

/** All leaves of a state with their paths, `null` among them. */
export const entries = (state: unknown): readonly (readonly [path: Path, leaf: unknown])[] => {
  const visit = (node: Node, path: Path): readonly (readonly [Path, unknown])[] =>
    node === null || !isBranch(node)
      ? [[path, node]]
      : isArray(node)
        ? node.flatMap((child, i) => visit(child, below(path, i)))
        : Object.entries(node).flatMap(([key, child]) => visit(child, below(path, key)))
  // as above
  return visit(state as Node, [])
}
