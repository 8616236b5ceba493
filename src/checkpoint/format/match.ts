/** Compares the tree of a file with one of the caller's, and finds the first place that differs. */
import { type Either, left, right } from '../../fp.js'
import { sizeOf } from '../../rule/leaf.js'
import { showPath } from '../../tree/path.js'
import { type Branch, children, describeNode, isArray, isBranch } from '../../tree/tree.js'
import { type DecodeError, doesNotMatch } from '../error.js'
import { floatsOfDtype, NDARRAY, tensorOfDtype } from './dtype.js'
import type { Outline, Plain } from './outline.js'
import { NUMBER, Placed } from './placed.js'
import type { Unplaced } from './safetensors.js'
import { Stored } from './survey.js'

const describeNumbers = (kind: string, { dtype, shape }: Pick<Unplaced, 'dtype' | 'shape'>): string =>
  kind === 'tensor'
    ? `a tensor of ${tensorOfDtype(dtype) ?? dtype} [${shape.join(', ')}]`
    : kind === NDARRAY
      ? `an ndarray of ${floatsOfDtype(dtype) ?? dtype} [${shape.join(', ')}]`
      : // an array is flat: it takes the numbers of a matrix row by row
        `a ${kind} of ${sizeOf(shape)}`

/** What stands at a place, in words. */
export const describe = (node: Outline<Placed> | Outline<Stored>): string => {
  if (node instanceof Placed)
    return node.name === NUMBER ? 'a number' : describeNumbers(node.name, node.entry)
  if (node instanceof Stored) return describeNumbers(node.name, node)
  if (node === undefined) return 'undefined'
  return typeof node === 'object' ? describeNode(node) : `a ${typeof node}`
}

const isOutlineBranch = <S>(node: Outline<S>): node is Branch<S | Plain> =>
  node !== null && isBranch<S | Plain>(node)

/**
 * The file's tree, its keys in the order of the caller's.
 *
 * A `Left` names the first path at which it differs: in structure, in a leaf's kind, dtype or shape.
 */
export const matched = (
  outline: Outline<Placed>,
  like: Outline<Stored>,
): Either<DecodeError, Outline<Placed>> => {
  const path: (string | number)[] = []
  const differ = (expected: string, given: string): Either<DecodeError, never> =>
    left(doesNotMatch(showPath(path), expected, given))
  const visit = (node: Outline<Placed>, model: Outline<Stored>): Either<DecodeError, Outline<Placed>> => {
    if (!isOutlineBranch(node) || !isOutlineBranch(model))
      return describe(node) === describe(model) ? right(node) : differ(describe(model), describe(node))
    if (isArray(node) !== isArray(model) || (isArray(node) && node.length !== model.length))
      return differ(describe(model), describe(node))
    const [own, wanted] = [new Map(children<Placed | Plain>(node)), new Map(children<Stored | Plain>(model))]
    const found = new Map<string | number, Outline<Placed>>()
    // in the alphabetical order, so that the first that differs is the same whatever the order of the keys
    for (const key of isArray(model)
      ? wanted.keys()
      : [...new Set([...own.keys(), ...wanted.keys()])].sort()) {
      path.push(key)
      if (!own.has(key)) return differ(describe(wanted.get(key)), 'nothing')
      if (!wanted.has(key)) return differ('nothing', describe(own.get(key)))
      const below = visit(own.get(key), wanted.get(key))
      if (below._tag === 'Left') return below
      found.set(key, below.right)
      path.pop()
    }
    return right(
      isArray(model)
        ? [...found.values()]
        : Object.fromEntries(Object.keys(model).map((key) => [key, found.get(key)])),
    )
  }
  return visit(outline, like)
}
