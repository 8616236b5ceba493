/** Arithmetic of trees: sums, differences, products and quotients, element by element. */
import { GradpipeError } from '../error.js'
import { options } from '../options.js'
import { dispose, disposingOnError } from '../program/dispose.js'
import { isTrainable, leafSpec, type Params, type TensorLike } from '../rule/leaf.js'
import { constant, select } from '../rule/term.js'
import { fromRule } from '../transform/fromAnyRule.js'
import { combining, type Elementwise, elementwise, mapping, speakingOf } from './combine.js'

/**
 * Adds trees, element by element: $x + y$, or the sum of more than two.
 *
 * As in all functions of several trees here, the result has `null` where the first tree has it, and trees are matched
 * by key. Throws `TreeMismatch`, `ShapeMismatch` or `DtypeMismatch` with the path of the first leaf that does not
 * fit. Tensors in the result are new and belong to the caller.
 *
 * @category Trees
 * @see Optax, `tree.add`
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * assert.deepEqual(tree.add({ w: 1, b: [2, null] }, { w: 10, b: [20, null] }), { w: 11, b: [22, null] })
 * assert.equal(tree.add(1, 2, 3), 6)
 * ```
 */
export function add(x: number, y: number, ...others: readonly number[]): number
export function add<P extends Params>(x: P, y: Params, ...others: readonly Params[]): P
export function add<P extends Params>(x: P, y: Params, ...others: readonly Params[]): P {
  return disposingOnError((made) =>
    others.reduce<P>(
      (sum, other) => {
        const next = made(plus<P>(sum, other))
        dispose(sum)
        return next
      },
      made(plus<P>(x, y)),
    ),
  )
}

const plus: Elementwise = /* @__PURE__ */ elementwise((x, y) => x.add(y))

/**
 * Subtracts a tree, element by element: $x - y$. Throws like {@link add}.
 *
 * @category Trees
 * @see Optax, `tree.sub`
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * assert.deepEqual(tree.sub({ w: 1 }, { w: 10 }), { w: -9 })
 * ```
 */
export const sub: Elementwise = /* @__PURE__ */ elementwise((x, y) => x.sub(y))

/**
 * Multiplies two trees, element by element: $x \cdot y$. Throws like {@link add}.
 *
 * @category Trees
 * @see Optax, `tree.mul`
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * assert.deepEqual(tree.mul({ w: 2 }, { w: 10 }), { w: 20 })
 * ```
 */
export const mul: Elementwise = /* @__PURE__ */ elementwise((x, y) => x.mul(y))

/**
 * Divides a tree by another, element by element: $x / y$. Throws like {@link add}.
 *
 * @category Trees
 * @see Optax, `tree.div`
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * assert.deepEqual(tree.div({ w: 1 }, { w: 4 }), { w: 0.25 })
 * ```
 */
export const div: Elementwise = /* @__PURE__ */ elementwise((x, y) => x.div(y))

/**
 * Multiplies a tree by a factor: $c\,x$. The factor is a number or, for a tree of tensors, a scalar tensor, which is
 * not read back.
 *
 * Throws `ShapeMismatch` or `DtypeMismatch` for a tensor that is not a scalar of floats, or not of the tree's kind.
 *
 * @category Trees
 * @see Optax, `tree.scale`
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * assert.deepEqual(tree.scale(0.5, { w: 3, b: [8] }), { w: 1.5, b: [4] })
 * ```
 */
export function scale(scalar: number | TensorLike, x: number): number
export function scale<P extends Params>(scalar: number | TensorLike, x: P): P
export function scale<P extends Params>(scalar: number | TensorLike, x: P): P {
  if (typeof scalar === 'number') return scaled(x, { scalar })
  expectFloat(scalar)
  return speakingOf(
    { grads: 'tree', ...ofScalar },
    () => scaledByTensor.update<P>(x, {}, undefined, { scalar })[0],
  )
}

const ofScalar = { 'extraArgs.scalar': 'scalar' }

const scaled = /* @__PURE__ */ mapping((x, { scalar }) => scalar.mul(x), ['scalar'])

const scaledByTensor = /* @__PURE__ */ fromRule({
  slots: {},
  scalars: {},
  extraArgs: ['scalar'],
  step: ({ g, scalar }) => ({ update: scalar.mul(g) }),
})

/**
 * Adds a multiple of another tree: $x + c\,y$. The factor is a number or, for trees of tensors, a scalar tensor.
 * Throws like {@link add} and {@link scale}.
 *
 * @category Trees
 * @see Optax, `tree.add_scale`
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * assert.deepEqual(tree.addScale({ w: 1 }, -0.5, { w: 4 }), { w: -1 })
 * ```
 */
export function addScale(x: number, scalar: number | TensorLike, y: number): number
export function addScale<P extends Params>(x: P, scalar: number | TensorLike, y: Params): P
export function addScale<P extends Params>(x: P, scalar: number | TensorLike, y: Params): P {
  if (typeof scalar === 'number') return added(x, y, { scalar })
  expectFloat(scalar)
  return speakingOf(
    { grads: 'x', params: 'y', ...ofScalar },
    () => addedByTensor.update<P>(x, {}, y, { scalar })[0],
  )
}

const added = /* @__PURE__ */ combining(['x', 'y'], (x, y, { scalar }) => x.add(scalar.mul(y)), ['scalar'])

const addedByTensor = /* @__PURE__ */ fromRule({
  slots: {},
  scalars: {},
  extraArgs: ['scalar'],
  step: ({ g, p, scalar }) => ({ update: g.add(scalar.mul(p)) }),
})

const expectFloat = (scalar: TensorLike): void => {
  const spec = leafSpec(['scalar'], scalar)
  if (!isTrainable(spec)) throw new GradpipeError('DtypeMismatch', 'scalar', 'float32', spec.dtype)
}

/**
 * Options of `tree.clip`.
 *
 * @category Trees
 */
export interface ClipOptions {
  /** The lower bound. None by default. */
  readonly minValue?: number
  /** The upper bound. None by default. */
  readonly maxValue?: number
}

/**
 * Clips every element to bounds: $\min(\max(x, a), b)$. Throws `InvalidArgument` for an unknown option.
 *
 * @category Trees
 * @see Optax, `tree.clip`
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * assert.deepEqual(tree.clip({ w: 3, b: [-3, 0.5] }, { minValue: -1, maxValue: 1 }), { w: 1, b: [-1, 0.5] })
 * ```
 */
export function clip(x: number, given?: ClipOptions): number
export function clip<P extends Params>(x: P, given?: ClipOptions): P
export function clip<P extends Params>(x: P, given?: ClipOptions): P {
  const { minValue, maxValue } = options(
    'tree.clip',
    { minValue: Number.NEGATIVE_INFINITY, maxValue: Number.POSITIVE_INFINITY },
    given,
  )
  return clipped(x, { minValue, maxValue })
}

const clipped = /* @__PURE__ */ mapping(
  (x, { minValue, maxValue }) => x.max(minValue).min(maxValue),
  ['minValue', 'maxValue'],
)

/**
 * One of two trees, by a condition.
 *
 * The result is a new tree, whichever of the two it is, and its tensors belong to the caller.
 *
 * @category Trees
 * @see Optax, `tree.where`
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * assert.deepEqual(tree.where(false, { w: 1 }, { w: 2 }), { w: 2 })
 * ```
 */
export function where(condition: boolean, x: number, y: number): number
export function where<P extends Params>(condition: boolean, x: P, y: Params): P
export function where<P extends Params>(condition: boolean, x: P, y: Params): P {
  return chosen(x, y, { condition: Number(condition) })
}

const chosen = /* @__PURE__ */ combining(['x', 'y'], (x, y, { condition }) => select(condition.ne(0), x, y), [
  'condition',
])

/**
 * A tree of the same structure and kinds of leaves, filled with a number.
 *
 * @category Trees
 * @see Optax, `tree.full_like`
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * assert.deepEqual(tree.fullLike({ w: 1, b: [2, null] }, 7), { w: 7, b: [7, null] })
 * ```
 */
export function fullLike(like: number, fillValue: number): number
export function fullLike<P extends Params>(like: P, fillValue: number): P
export function fullLike<P extends Params>(like: P, fillValue: number): P {
  return filled(like, { fillValue })
}

const filled = /* @__PURE__ */ mapping((_, { fillValue }) => fillValue, ['fillValue'])

/**
 * A tree of zeros.
 *
 * @category Trees
 * @see Optax, `tree.zeros_like`
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * assert.deepEqual(tree.zerosLike({ w: 1, b: [2, 3] }), { w: 0, b: [0, 0] })
 * ```
 */
export function zerosLike(like: number): number
export function zerosLike<P extends Params>(like: P): P
export function zerosLike<P extends Params>(like: P): P {
  return noughts(like, {})
}

const noughts = /* @__PURE__ */ mapping(() => constant(0))

/**
 * A tree of ones.
 *
 * @category Trees
 * @see Optax, `tree.ones_like`
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * assert.deepEqual(tree.onesLike({ w: 7, b: [2, 3] }), { w: 1, b: [1, 1] })
 * ```
 */
export function onesLike(like: number): number
export function onesLike<P extends Params>(like: P): P
export function onesLike<P extends Params>(like: P): P {
  return ones(like, {})
}

const ones = /* @__PURE__ */ mapping(() => constant(1))
