/** Leaves of trees of parameters, and what a rule may know of one before it sees its numbers. */
import { GradpipeError } from '../error.js'
import { shown } from '../options.js'
import { type Path, showPath } from '../tree/path.js'
import type { Tree } from '../tree/tree.js'

/**
 * What gradpipe needs to see of a tensor. Every `tf.Tensor` is one.
 *
 * @category Trees
 */
export interface TensorLike {
  /** Lengths of the axes; empty for a scalar. */
  readonly shape: readonly number[]
  /** `float32` for everything that is trained. */
  readonly dtype: string
  /** Whether its memory was given back. */
  readonly isDisposed: boolean
}

/**
 * The tensors of the libraries that are there, by library: the entry that brings one declares its own, as
 * `gradpipe/tfjs` does.
 *
 * @category Trees
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is declared further where a library is known
export interface TensorLibraries {}

type OfLibraries<K extends 'tensor' | 'scalar'> = [keyof TensorLibraries] extends [never]
  ? TensorLike
  : TensorLibraries[keyof TensorLibraries] extends Readonly<Record<K, infer T>>
    ? T
    : TensorLike

/**
 * A tensor of any rank: `tf.Tensor`, where `gradpipe/tfjs` is imported.
 *
 * @category Trees
 */
export type AnyTensor = OfLibraries<'tensor'>

/**
 * A tensor of one number: `tf.Scalar`, where `gradpipe/tfjs` is imported.
 *
 * @category Trees
 */
export type ScalarTensor = OfLibraries<'scalar'>

/**
 * A leaf of parameters, gradients and state: a number or a flat `Float64Array` (computed in float64), a flat
 * `Float32Array` (in float32, each operation rounded) or a tensor (in float32, by its backend). A typed array
 * is one leaf; `[1, 2, 3]` is a tree of three leaves.
 *
 * @category Trees
 */
export type Leaf = number | Float64Array | Float32Array | TensorLike

/**
 * A tree of parameters, gradients, or per-parameter state.
 *
 * Declare the types of your own trees with `type`, not `interface`: TypeScript gives only the former an index
 * signature.
 *
 * @category Trees
 */
export type Params = Tree<Leaf>

/**
 * A tree like `P` with leaves of type `L`.
 *
 * @category Trees
 */
export type Leafwise<P, L> = [Params] extends [P]
  ? Tree<L>
  : P extends Leaf
    ? L
    : { readonly [K in keyof P]: Leafwise<P[K], L> }

/**
 * What a rule may depend on: where a leaf stands and what it is, not its numbers.
 *
 * @category Rules
 */
export interface LeafSpec {
  /** Keys and indices from the root. */
  readonly path: Path
  /** `[]` for a number, `[n]` for a typed array, the tensor's shape otherwise. */
  readonly shape: readonly number[]
  /** `float64` for a number or Float64Array, `float32` for a Float32Array, the tensor's dtype otherwise. */
  readonly dtype: string
}

/** Which kind of arithmetic a leaf asks for. */
export type LeafKind = 'number' | 'tensor'

/** Whether a leaf is a tensor. */
export const isTensorLike = (leaf: unknown): leaf is TensorLike =>
  typeof leaf === 'object' &&
  leaf !== null &&
  'shape' in leaf &&
  Array.isArray(leaf.shape) &&
  'dtype' in leaf &&
  typeof leaf.dtype === 'string' &&
  'isDisposed' in leaf

/** Which kind of arithmetic a leaf asks for. */
export const leafKind = (leaf: Leaf): LeafKind => (isTensorLike(leaf) ? 'tensor' : 'number')

const noLeaf = (path: Path, given: unknown): GradpipeError => {
  const expected = 'a number, a Float64Array, a Float32Array, a tensor or null'
  if (typeof given !== 'object' || given === null)
    return new GradpipeError('InvalidLeaf', showPath(path), expected, shown(given))
  // an instance of a class is a leaf, whatever it holds
  const branches = ArrayBuffer.isView(given) ? '' : ', or a branch: a plain record or array'
  return new GradpipeError('InvalidLeaf', showPath(path), `${expected}${branches}`, shown(given))
}

/** Whether an array's memory was handed over, so that it has none. */
export const isGivenUp = ({ length, buffer }: Float64Array | Float32Array): boolean => {
  if (length > 0) return false
  try {
    // a buffer without memory can have no view: so an engine is asked that knows no better
    new Uint8Array(buffer)
    return false
  } catch {
    return true
  }
}

/**
 * Looks at a leaf without touching its numbers.
 *
 * Throws `InvalidLeaf` for what is not a leaf and `Disposed` for a tensor whose memory was given back, or an array whose
 * memory was.
 */
export const leafSpec = (path: Path, leaf: Leaf): LeafSpec => {
  if (typeof leaf === 'number') return { path, shape: [], dtype: 'float64' }
  if (leaf instanceof Float64Array || leaf instanceof Float32Array) {
    if (isGivenUp(leaf))
      throw new GradpipeError(
        'Disposed',
        showPath(path),
        'an array with memory of its own',
        'an array that was given up to a step with donate, which took its memory',
      )
    return { path, shape: [leaf.length], dtype: leaf instanceof Float64Array ? 'float64' : 'float32' }
  }
  if (!isTensorLike(leaf)) throw noLeaf(path, leaf)
  if (leaf.isDisposed)
    throw new GradpipeError('Disposed', showPath(path), 'a live tensor', 'a disposed tensor')
  return { path, shape: leaf.shape, dtype: leaf.dtype }
}

/** Whether a leaf is trained: integer, boolean and string tensors are not. */
export const isTrainable = (spec: LeafSpec): boolean => spec.dtype === 'float32' || spec.dtype === 'float64'

/** How many elements a shape has. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, n) => size * n, 1)

/** The shape as an error message shows it. */
export const showShape = (spec: Pick<LeafSpec, 'shape' | 'dtype'>): string =>
  `${spec.dtype} [${spec.shape.join(', ')}]`
