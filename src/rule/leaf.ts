/** Leaves of trees of parameters, and what a rule may know of one before it sees its numbers. */
import { GradpipeError } from '../error.js'
import { shown } from '../options.js'
import { type Path, showPath } from '../tree/path.js'
import type { Tree } from '../tree/tree.js'
import { expectMemory, isElements, NdArray, type NumberLeaf } from './ndarray.js'

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
 * `Float32Array` (in float32, each operation rounded), either of them with a shape ({@link ndarray}), or a tensor (in
 * float32, by its backend). A typed array is one leaf; `[1, 2, 3]` is a tree of three leaves.
 *
 * @category Trees
 */
export type Leaf = NumberLeaf | TensorLike

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
  /** `[]` for a number, `[n]` for a typed array, that of the ndarray or the tensor otherwise. */
  readonly shape: readonly number[]
  /** `float64` for a number or Float64Array, `float32` for a Float32Array, that of the ndarray or the tensor otherwise. */
  readonly dtype: string
}

/** What a leaf is, by what is made in its place: a number or a flat array, an array with a shape, a tensor. */
export type LeafKind = 'number' | 'ndarray' | 'tensor'

/** Which kind of arithmetic a leaf asks for. */
export type HostKind = 'number' | 'tensor'

const flat = 'a number, a Float64Array, a Float32Array'

/** What a leaf may be where there are no tensors, in words: every error says it so. */
export const withoutTensors: string = `${flat} or an ndarray`

/** Whether a leaf is a tensor. */
export const isTensorLike = (leaf: unknown): leaf is TensorLike =>
  typeof leaf === 'object' &&
  leaf !== null &&
  'shape' in leaf &&
  Array.isArray(leaf.shape) &&
  'dtype' in leaf &&
  typeof leaf.dtype === 'string' &&
  'isDisposed' in leaf

/** What a leaf is. */
export const leafKind = (leaf: Leaf): LeafKind =>
  leaf instanceof NdArray ? 'ndarray' : isTensorLike(leaf) ? 'tensor' : 'number'

/** Which kind of arithmetic a leaf asks for. */
export const hostKind = (leaf: Leaf): HostKind => (isTensorLike(leaf) ? 'tensor' : 'number')

const noLeaf = (path: Path, given: unknown): GradpipeError => {
  const expected = `${flat}, an ndarray, a tensor or null`
  if (typeof given !== 'object' || given === null)
    return new GradpipeError('InvalidLeaf', showPath(path), expected, shown(given))
  // an instance of a class is a leaf, whatever it holds
  const branches = ArrayBuffer.isView(given) ? '' : ', or a branch: a plain record or array'
  return new GradpipeError('InvalidLeaf', showPath(path), `${expected}${branches}`, shown(given))
}

/** What is thrown for a tensor where no library of tensors is there. */
export const tensorsMissing = (path: string): GradpipeError =>
  new GradpipeError(
    'InvalidLeaf',
    path,
    `${withoutTensors}; tensors are leaves after import 'gradpipe/tfjs'`,
    'a tensor',
  )

/**
 * Looks at a leaf without touching its numbers.
 *
 * Throws `InvalidLeaf` for what is not a leaf and `Disposed` for a tensor whose memory was given back, or an array whose
 * memory was.
 */
export const leafSpec = (path: Path, leaf: Leaf): LeafSpec => {
  if (typeof leaf === 'number') return { path, shape: [], dtype: 'float64' }
  const data = leaf instanceof NdArray ? leaf.data : leaf
  if (isElements(data)) {
    if (data.length === 0) expectMemory(showPath(path), data)
    const shape = leaf instanceof NdArray ? leaf.shape : [data.length]
    if (sizeOf(shape) !== data.length)
      // its buffer was resized
      throw new GradpipeError(
        'ShapeMismatch',
        showPath(path),
        `${sizeOf(shape)} numbers`,
        String(data.length),
      )
    return { path, shape, dtype: data instanceof Float64Array ? 'float64' : 'float32' }
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

/** How many elements lie along some axes of a shape. */
export const sizeOfAxes = (shape: readonly number[], axes: readonly number[]): number =>
  axes.reduce((size, axis) => size * (shape[axis] ?? 1), 1)

/** The axes of a shape that are not among these. */
export const otherAxes = (shape: readonly number[], axes: readonly number[]): readonly number[] =>
  shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis))

/** The shape as an error message shows it. */
export const showShape = (spec: Pick<LeafSpec, 'shape' | 'dtype'>): string =>
  `${spec.dtype} [${spec.shape.join(', ')}]`
