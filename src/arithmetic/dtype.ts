/** Dtypes and shapes of trees: finding a tree's dtype, casting its leaves, adding axes. */
import { GradpipeError } from '../error.js'
import { clone } from '../host/hosts.js'
import { castTensor, isTensor, repeatTensor } from '../host/tfjs/tensor.js'
import { options } from '../options.js'
import { disposingOnError } from '../program/dispose.js'
import { type AnyTensor, type Leaf, type Leafwise, leafSpec, type Params, sizeOf } from '../rule/leaf.js'
import { isNumberLeaf, NdArray, ndarray, numbersOf } from '../rule/ndarray.js'
import { alignTrees } from '../tree/align.js'
import { buildForm } from '../tree/form.js'
import { type Path, showPath } from '../tree/path.js'
import { leaves, mapWithPath, type Tree } from '../tree/tree.js'

/**
 * The dtypes of a leaf's numbers. Tensors have no `float64`; numbers and typed arrays have floats only.
 *
 * @category Trees
 */
export type Dtype = 'bool' | 'int32' | 'float32' | 'float64'

/** From the narrowest to the widest. */
const dtypes: readonly Dtype[] = ['bool', 'int32', 'float32', 'float64']

const isDtype = (name: string): name is Dtype => dtypes.some((dtype) => dtype === name)

const dtypeOf = (path: Path, leaf: Leaf): Dtype => {
  const spec = leafSpec(path, leaf)
  if (isDtype(spec.dtype)) return spec.dtype
  throw new GradpipeError('DtypeMismatch', showPath(path), dtypes.join(', '), spec.dtype)
}

const castLeaf = (path: Path, leaf: Leaf, to: Dtype): Leaf => {
  const own = dtypeOf(path, leaf)
  if (own === to) return clone(leaf)
  if (isTensor(leaf) && to !== 'float64') return castTensor(leaf, to)
  if (isNumberLeaf(leaf) && (to === 'float32' || to === 'float64')) {
    const numbers = numbersOf(leaf)
    if (typeof numbers === 'number') return Math.fround(numbers)
    const cast = to === 'float32' ? Float32Array.from(numbers) : Float64Array.from(numbers)
    return leaf instanceof NdArray ? ndarray(cast, leaf.shape) : cast
  }
  const kind = isTensor(leaf) ? 'float32, int32 or bool for a tensor' : 'float32 or float64 for numbers'
  throw new GradpipeError('DtypeMismatch', showPath(path), kind, to)
}

/**
 * A tree with its leaves cast to a dtype. A number cast to `float32` is rounded, and stays a number.
 *
 * Throws `DtypeMismatch` for a dtype that a leaf cannot have, `Disposed`, `InvalidLeaf`.
 *
 * @category Trees
 * @see Optax, `tree.cast`
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * assert.deepEqual(tree.cast({ w: Float64Array.of(1, 2) }, 'float32'), { w: Float32Array.of(1, 2) })
 * ```
 */
export const cast = <P extends Params>(x: P, to: Dtype): Leafwise<P, Leaf> => {
  const all: unknown = disposingOnError((made) =>
    mapWithPath((path, leaf: Leaf) => made(castLeaf(['tree', ...path], leaf, to)))(x),
  )
  // the same structure
  return all as Leafwise<P, Leaf>
}

/**
 * A tree with its leaves cast to the dtypes of another tree of the same structure.
 *
 * Throws like {@link cast}, and `TreeMismatch` for another structure.
 *
 * @category Trees
 * @see Optax, `tree.cast_like`
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * const cast = tree.castLike({ w: Float64Array.of(1) }, { w: Float32Array.of(5, 6) })
 * assert.deepEqual(cast, { w: Float32Array.of(1) })
 * ```
 */
export const castLike = <P extends Params>(x: P, other: Params): Leafwise<P, Leaf> => {
  const { form, paths, columns } = alignTrees<Leaf>([
    ['tree', x],
    ['other', other],
  ])
  const [own = [], like = []] = columns
  const all: unknown = disposingOnError((made) =>
    buildForm(
      form,
      own.map((leaf, i) => {
        const [path, model] = [paths[i] ?? [], like[i] ?? null]
        if (leaf === null) return null
        return made(
          model === null
            ? clone(leaf)
            : castLeaf(['tree', ...path], leaf, dtypeOf(['other', ...path], model)),
        )
      }),
    ),
  )
  // the same structure
  return all as Leafwise<P, Leaf>
}

/**
 * Options of `tree.dtype`.
 *
 * @category Trees
 */
export interface DtypeOptions {
  /** What to return for leaves of several dtypes: the widest or the narrowest. By default, this is an error. */
  readonly mixedDtypeHandler?: 'promote' | 'highest' | 'lowest'
}

/**
 * The dtype of a tree's leaves; `float32` for a tree without leaves.
 *
 * Throws `DtypeMismatch` for leaves of several dtypes, unless an option says which to return, and `InvalidArgument`
 * for an unknown option.
 *
 * @category Trees
 * @see Optax, `tree.dtype`
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * const mixed = { w: Float32Array.of(1), b: 2 }
 * assert.equal(tree.dtype(mixed, { mixedDtypeHandler: 'highest' }), 'float64')
 * assert.equal(tree.dtype(mixed.w), 'float32')
 * ```
 */
export const dtype = (x: Params, given?: DtypeOptions): Dtype => {
  const { mixedDtypeHandler } = options('tree.dtype', { mixedDtypeHandler: undefined }, given)
  const known: readonly unknown[] = [undefined, 'promote', 'highest', 'lowest']
  if (!known.includes(mixedDtypeHandler))
    throw new GradpipeError(
      'InvalidArgument',
      'tree.dtype.mixedDtypeHandler',
      known.slice(1).join(', '),
      String(mixedDtypeHandler),
    )
  const found = leaves<Leaf>(x).map(([path, leaf]) => [path, dtypeOf(['tree', ...path], leaf)] as const)
  const [first] = found
  if (first === undefined) return 'float32'
  if (mixedDtypeHandler === undefined) {
    const odd = found.find(([, own]) => own !== first[1])
    if (odd !== undefined)
      throw new GradpipeError('DtypeMismatch', showPath(['tree', ...odd[0]]), first[1], odd[1])
    return first[1]
  }
  const sorted = dtypes.filter((each) => found.some(([, own]) => own === each))
  return (mixedDtypeHandler === 'lowest' ? sorted[0] : sorted.at(-1)) ?? first[1]
}

/**
 * A tree like `P` whose leaves have more axes: ndarrays stay such, all else is tensors.
 *
 * @category Trees
 */
export type Batched<P> = [Params] extends [P]
  ? Tree<AnyTensor | NdArray>
  : P extends NdArray
    ? P
    : P extends Leaf
      ? AnyTensor
      : { readonly [K in keyof P]: Batched<P[K]> }

const repeatArray = ({ data, shape }: NdArray, axes: readonly number[]): NdArray => {
  const times = sizeOf(axes)
  const all =
    data instanceof Float32Array
      ? new Float32Array(times * data.length)
      : new Float64Array(times * data.length)
  for (let i = 0; i < times; i++) all.set(data, i * data.length)
  return ndarray(all, [...axes, ...shape])
}

/**
 * A tree of tensors and ndarrays, each repeated along new first axes.
 *
 * Throws `DtypeMismatch` for a number or a flat array: they cannot have more axes.
 *
 * @category Trees
 * @see Optax, `tree.batch_shape`
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core'
 * import { dispose, tree } from 'gradpipe'
 * import 'gradpipe/tfjs'
 *
 * const params = { w: tf.ones([3]) }
 * const batched = tree.batchShape(params, [4, 2])
 * assert.deepEqual(batched.w.shape, [4, 2, 3])
 * dispose(params, batched)
 * ```
 */
export const batchShape = <P extends Params>(x: P, shape: readonly number[]): Batched<P> => {
  if (!shape.every((n) => Number.isInteger(n) && n >= 0))
    throw new GradpipeError('InvalidArgument', 'tree.batchShape', 'lengths of axes', `[${shape.join(', ')}]`)
  for (const [path, leaf] of leaves<Leaf>(x)) {
    const at = ['tree', ...path]
    leafSpec(at, leaf)
    if (!isTensor(leaf) && !(leaf instanceof NdArray))
      throw new GradpipeError('DtypeMismatch', showPath(at), 'a tensor or an ndarray', 'numbers')
  }
  const all: unknown = disposingOnError((made) =>
    mapWithPath((_, leaf: Leaf) =>
      isTensor(leaf)
        ? made(repeatTensor(leaf, shape))
        : leaf instanceof NdArray
          ? repeatArray(leaf, shape)
          : leaf,
    )(x),
  )
  // the same structure
  return all as Batched<P>
}
