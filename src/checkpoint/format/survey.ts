/** Looks through a tree of the caller's, before anything is made of it: every leaf must be one that a file can hold. */
import { GradpipeError } from '../../error.js'
import { expectHost } from '../../host/hosts.js'
import { shown } from '../../options.js'
import { isTensorLike, type TensorLike } from '../../rule/leaf.js'
import { expectMemory, isElements, NdArray } from '../../rule/ndarray.js'
import { type Path, showPath } from '../../tree/path.js'
import { isArray, isBranch, type Tree } from '../../tree/tree.js'
import { arrayName, dtypeOfArray, dtypeOfTensor, NDARRAY, type Numbers } from './dtype.js'
import { Kind, MAX_DEPTH, type Outline, type Plain } from './outline.js'

/** A leaf whose numbers go to the file. */
export class Stored extends Kind {
  constructor(
    kind: string,
    /** Of its numbers, as the format names it. */
    readonly dtype: string,
    /** Lengths of the axes; one for a flat array. */
    readonly shape: readonly number[],
    /** Where it stands. */
    readonly path: Path,
    /** The leaf itself; of an array with a shape the array. */
    readonly leaf: TensorLike | Numbers,
  ) {
    super(kind)
  }
}

/** Whether tensors must still have their memory: to be read, or only to be compared with. */
export type Liveness = 'alive' | 'any'

const isPlain = (leaf: unknown): leaf is Plain =>
  leaf === undefined || typeof leaf === 'number' || typeof leaf === 'boolean' || typeof leaf === 'string'

/** What a refused leaf is, in words. */
const describeLeaf = (leaf: unknown): string =>
  typeof leaf === 'object' && leaf !== null && 'constructor' in leaf && typeof leaf.constructor === 'function'
    ? `an instance of ${leaf.constructor.name}`
    : shown(leaf)

/**
 * The tree's outline.
 *
 * Throws `InvalidLeaf` for a function, an instance of a class, a bigint, a symbol, a tree inside of itself or one that
 * is too deep, and a tensor whose library is not there; `DtypeMismatch` for a tensor of strings or complex numbers, `Disposed` for a tensor or an array
 * that must be alive.
 */
export const survey = (name: string, tree: unknown, liveness: Liveness): Outline<Stored> => {
  const above = new Set<unknown>()

  const leafOf = (leaf: unknown, path: Path): Stored | Plain => {
    if (isPlain(leaf)) return leaf
    const at = showPath([name, ...path])
    if (isTensorLike(leaf)) {
      expectHost([name, ...path], leaf)
      const dtype = dtypeOfTensor(leaf.dtype)
      if (dtype === undefined)
        throw new GradpipeError('DtypeMismatch', at, 'a tensor of float32, int32 or bool', leaf.dtype)
      if (leaf.isDisposed && liveness === 'alive')
        throw new GradpipeError('Disposed', at, 'a live tensor', 'a disposed tensor')
      return new Stored('tensor', dtype, leaf.shape, path, leaf)
    }
    const data = leaf instanceof NdArray ? leaf.data : leaf
    if (liveness === 'alive' && isElements(data)) expectMemory(at, data)
    const kind = arrayName(data)
    const dtype = kind === undefined ? undefined : dtypeOfArray(kind)
    if (kind === undefined || dtype === undefined)
      throw new GradpipeError(
        'InvalidLeaf',
        at,
        'a tensor, a typed array, an ndarray, a number, a string, a boolean, null or undefined',
        describeLeaf(leaf),
      )
    // the name is one of the typed arrays', whatever realm it comes from
    const numbers = data as Numbers
    return leaf instanceof NdArray
      ? new Stored(NDARRAY, dtype, leaf.shape, path, numbers)
      : new Stored(kind, dtype, [numbers.length], path, numbers)
  }

  const visit = (node: Tree<unknown>, path: Path): Outline<Stored> => {
    if (node === null) return null
    if (!isBranch(node)) return leafOf(node, path)
    const refuse = (expected: string, given: string): GradpipeError =>
      new GradpipeError('InvalidLeaf', showPath([name, ...path]), expected, given)
    if (above.has(node)) throw refuse('a tree', 'a branch that holds itself')
    if (path.length >= MAX_DEPTH) throw refuse(`a tree of ${MAX_DEPTH} levels at most`, 'a deeper one')
    above.add(node)
    const outline = isArray(node)
      ? Array.from(node, (child, i) => visit(child, [...path, i]))
      : Object.fromEntries(Object.entries(node).map(([key, child]) => [key, visit(child, [...path, key])]))
    above.delete(node)
    return outline
  }

  // whatever is not a branch is a leaf, so that anything is a tree
  return visit(tree as Tree<unknown>, [])
}
