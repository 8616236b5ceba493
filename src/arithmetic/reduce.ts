/** Reductions of trees to one value: sums, extremes, norms, inner products. */
import { max as greatest, norm as length, sum as total } from '../declare/reduction.js'
import { GradpipeError } from '../error.js'
import { isScalarTensor } from '../host/tfjs/tensor.js'
import { options } from '../options.js'
import {
  type Leaf,
  leafSpec,
  type Params,
  type ScalarTensor,
  sizeOf,
  type TensorLike,
  withoutTensors,
} from '../rule/leaf.js'
import type { NdArray } from '../rule/ndarray.js'
import { slot } from '../rule/slot.js'
import type { Term } from '../rule/term.js'
import { treeFunction } from '../transform/treeFunction.js'
import { leaves, type Tree } from '../tree/tree.js'
import { speakingOf } from './combine.js'

/**
 * Trees whose reductions are numbers.
 *
 * @category Trees
 */
export type Numbers = Tree<number | Float64Array | Float32Array | NdArray>

/**
 * Trees whose reductions are scalar tensors.
 *
 * @category Trees
 */
export type Tensors = Tree<TensorLike>

/**
 * A function of a whole tree. The value is a number for numbers and typed arrays, and for a tree without leaves. For
 * tensors it is a scalar tensor, which the caller disposes: nothing is read back from a device.
 *
 * Throws `DtypeMismatch` for a tree that has both, and for tensors that are not of floats.
 *
 * @category Trees
 */
export interface Reduction {
  (tree: Numbers): number
  (tree: Tensors): ScalarTensor
  (tree: Params): number | ScalarTensor
}

/** The result of a reduction, or its value for a tree without leaves. */
const reduced = ([value = null]: readonly Params[], none: number): number | ScalarTensor => {
  if (value === null) return none
  if (typeof value === 'number' || isScalarTensor(value)) return value
  throw new GradpipeError('InvalidLeaf', 'tree', `${withoutTensors}, or a tensor`, 'something else')
}

/** A reduction, and its value for a tree without leaves. */
const reduction = (term: (x: Term<'element'>) => Term<'tree'>, none: number): Reduction => {
  const reduce = treeFunction([], ({ g }) => [slot('tree', term(g))])
  function run(tree: Numbers): number
  function run(tree: Tensors): ScalarTensor
  function run(tree: Params): number | ScalarTensor
  function run(tree: Params): number | ScalarTensor {
    return reduced(
      speakingOf({ grads: 'tree' }, () => reduce(tree)),
      none,
    )
  }
  return run
}

/**
 * The sum of all elements; 0 if there are none.
 *
 * @category Trees
 * @see Optax, `tree.sum`
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * assert.equal(tree.sum({ w: 1, b: [2, null, 3] }), 6)
 * ```
 */
export const sum: Reduction = /* @__PURE__ */ reduction((x) => total(x, 'tree'), 0)

/**
 * The greatest element; −∞ if there is none.
 *
 * @category Trees
 * @see Optax, `tree.max`
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * assert.equal(tree.max({ w: 1, b: [2, 3] }), 3)
 * ```
 */
export const max: Reduction = /* @__PURE__ */ reduction((x) => greatest(x, 'tree'), Number.NEGATIVE_INFINITY)

/**
 * The least element; ∞ if there is none.
 *
 * @category Trees
 * @see Optax, `tree.min`
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * assert.equal(tree.min({ w: 1, b: [2, 3] }), 1)
 * ```
 */
export const min: Reduction = /* @__PURE__ */ reduction(
  (x) => greatest(x.neg(), 'tree').neg(),
  Number.POSITIVE_INFINITY,
)

/**
 * How many elements a tree has. Only shapes are read.
 *
 * @category Trees
 * @see Optax, `tree.size`
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * assert.equal(tree.size({ w: new Float32Array(10), b: [1, 2] }), 12)
 * ```
 */
export const size = (tree: Params): number =>
  leaves<Leaf>(tree).reduce((n, [path, leaf]) => n + sizeOf(leafSpec(['tree', ...path], leaf).shape), 0)

/**
 * The Euclidean norm of a whole tree, $\sqrt{\sum x^2}$, for instance of all gradients together.
 *
 * @category Trees
 * @see Optax, `global_norm`
 * @example
 * ```ts
 * import { globalNorm } from 'gradpipe'
 *
 * assert.equal(globalNorm({ w: 3, b: [4] }), 5)
 * ```
 */
export const globalNorm: Reduction = /* @__PURE__ */ reduction((x) => length(x, 'tree'), 0)

/**
 * Options of `tree.norm`.
 *
 * @category Trees
 */
export interface NormOptions {
  /** Which norm: 1 (the sum of absolute values), 2 (Euclidean), or infinity (the greatest one). Default 2. */
  readonly ord?: number | 'inf'
  /** Whether to return the square of the norm. Default false. */
  readonly squared?: boolean
}

/** By order: the norm, and its square. */
const norms: ReadonlyMap<unknown, readonly [norm: Reduction, squared: Reduction]> = /* @__PURE__ */ (() => {
  const both = (term: (x: Term<'element'>) => Term<'tree'>): readonly [Reduction, Reduction] => [
    reduction(term, 0),
    reduction((x) => term(x).square(), 0),
  ]
  // at least 0, also for leaves without elements
  const infinite = both((x) => greatest(x.abs(), 'tree').max(0))
  return new Map<unknown, readonly [Reduction, Reduction]>([
    [1, both((x) => total(x.abs(), 'tree'))],
    [2, [globalNorm, reduction((x) => total(x.square(), 'tree'), 0)]],
    [Number.POSITIVE_INFINITY, infinite],
    ['inf', infinite],
  ])
})()

/**
 * The norm of a whole tree, as one vector: Euclidean, $\sqrt{\sum x^2}$, or of order 1 or infinity.
 *
 * The value is that of a {@link Reduction}; 0 if there are no elements. Throws `InvalidArgument` for another order.
 *
 * @category Trees
 * @see Optax, `tree.norm`
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * assert.equal(tree.norm({ w: 3, b: [4] }), 5)
 * assert.equal(tree.norm({ w: 3, b: [4] }, { squared: true }), 25)
 * assert.equal(tree.norm({ w: 3, b: [-4] }, { ord: 'inf' }), 4)
 * ```
 */
export function norm(tree: Numbers, given?: NormOptions): number
export function norm(tree: Tensors, given?: NormOptions): ScalarTensor
export function norm(tree: Params, given?: NormOptions): number | ScalarTensor
export function norm(tree: Params, given?: NormOptions): number | ScalarTensor {
  const { ord = 2, squared } = options('tree.norm', { ord: undefined, squared: false }, given)
  const known = norms.get(ord)
  if (known === undefined)
    throw new GradpipeError('InvalidArgument', 'tree.norm.ord', "1, 2, Infinity or 'inf'", String(ord))
  return known[squared ? 1 : 0](tree)
}

/**
 * The inner product $\sum x\,y$ of two trees of the same structure.
 *
 * The value is that of a {@link Reduction}. Throws like {@link add} if the trees do not fit each other.
 *
 * @category Trees
 * @see Optax, `tree.vdot`
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * assert.equal(tree.vdot({ w: 1, b: [2, 3] }, { w: 10, b: [10, 10] }), 60)
 * ```
 */
export function vdot(x: Numbers, y: Numbers): number
export function vdot(x: Tensors, y: Tensors): ScalarTensor
export function vdot(x: Params, y: Params): number | ScalarTensor
export function vdot(x: Params, y: Params): number | ScalarTensor {
  return reduced(
    speakingOf({ grads: 'x', params: 'y' }, () => product(x, y)),
    0,
  )
}

const product = /* @__PURE__ */ treeFunction([], ({ g, p }) => [slot('tree', total(g.mul(p), 'tree'))])
