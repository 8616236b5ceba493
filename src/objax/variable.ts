/** Variables: boxes that own one tensor each. Trainable ones, state, and references to trainable ones. */

import type * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../error.js'
import { own, release } from './ownership.js'
import { className, printsItself, reprInstance, reprShape } from './repr.js'
import { requireShape, requireTensor } from './require.js'

/**
 * What all variables have in common.
 *
 * A variable owns its tensor. A value that is replaced is freed, as with `tf.Variable`; clones made before stay. If
 * you give a tensor to a variable, it no longer belongs to you, and `tf.tidy` leaves it alone. (A tensor that another
 * variable owns is cloned.)
 *
 * @category Variables
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core'
 * import * as objax from 'gradpipe/objax'
 *
 * const variable: objax.BaseVar = new objax.TrainVar(tf.zeros([2, 3]))
 * assert.deepEqual([variable.shape, variable.dtype, variable.ndim], [[2, 3], 'float32', 2])
 * variable.dispose()
 * ```
 */
export abstract class BaseVar {
  static {
    printsItself(BaseVar)
  }

  /** The tensor itself, not a copy: it is freed when the variable gets another one. */
  abstract get value(): tf.Tensor

  /**
   * The tensor, disposed or not.
   * @internal
   */
  abstract get _tensor(): tf.Tensor

  /**
   * Takes a tensor that is already held for it, in place of its present one.
   * @internal
   */
  abstract _store(held: tf.Tensor): void

  /** Frees the tensor; using the variable afterwards throws a `GradpipeError` `Disposed`. */
  abstract dispose(): void

  /** The shape of the value. */
  get shape(): readonly number[] {
    return this._tensor.shape
  }

  /** The type of the value's elements. */
  get dtype(): tf.DataType {
    return this._tensor.dtype
  }

  /** How many elements the value has. */
  get size(): number {
    return this._tensor.size
  }

  /** How many dimensions the value has. */
  get ndim(): number {
    return this._tensor.rank
  }

  /**
   * Replaces the value and frees the old one.
   *
   * @param tensor the new value, of the same shape (any dtype); it belongs to the variable from now on
   * @param options `check: false` takes any shape
   * @throws GradpipeError `ShapeMismatch`, `InvalidLeaf` (not a tensor), `Disposed`; nothing has changed then
   */
  assign(tensor: tf.Tensor, { check = true }: { readonly check?: boolean } = {}): void {
    const path = `${className(this)}.assign`
    requireTensor(path, tensor)
    if (check) requireShape(path, this.shape, tensor.shape)
    if (tensor !== this.value) this._store(own(tensor))
  }

  /** A variable is not a number: `v + 1` throws, instead of joining strings; write `v.value`. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === 'string') return this.toString()
    throw new GradpipeError(
      'InvalidArgument',
      className(this),
      'its tensor, variable.value',
      'the variable itself',
    )
  }

  /** Shape and dtype. Objax prints the elements too: reading them back would make a GPU wait. */
  toString(): string {
    return reprInstance(this, { shape: reprShape(this.shape), dtype: this.dtype })
  }
}

/** The tensor of a variable, unless it was disposed. */
const alive = (variable: BaseVar): tf.Tensor => {
  if (variable._tensor.isDisposed) {
    throw new GradpipeError('Disposed', className(variable), 'a variable with a tensor', 'a disposed one')
  }
  return variable._tensor
}

/** The tensor as a new variable keeps it. */
const first = (variable: BaseVar, tensor: tf.Tensor): tf.Tensor => {
  requireTensor(className(variable), tensor)
  return own(tensor)
}

/**
 * A trainable variable: gradients are taken with respect to it, and optimizers update it.
 *
 * @throws GradpipeError `InvalidLeaf` (not a tensor), `Disposed`
 * @category Variables
 * @example
 * ```ts keeps-tensors
 * import * as tf from '@tensorflow/tfjs'
 * import * as objax from 'gradpipe/objax'
 *
 * const v = new objax.TrainVar(tf.tensor1d([1, 2]))
 * v.assign(v.value.mul(3)) // the old tensor is freed
 * assert.deepEqual([...v.value.dataSync()], [3, 6])
 * assert.throws(() => v.assign(tf.zeros([3])), /expected shape \[2\], given \[3\]/)
 * ```
 */
export class TrainVar extends BaseVar {
  /** @internal */
  static readonly __qualname__: string = 'objax.TrainVar'
  #tensor: tf.Tensor

  /**
   * @param tensor the first value; it belongs to the variable from now on
   */
  constructor(tensor: tf.Tensor) {
    super()
    this.#tensor = first(this, tensor)
  }

  /** @internal */
  get _tensor(): tf.Tensor {
    return this.#tensor
  }

  /** Read only, as in Objax: `assign` writes it, and so does the `value` of a {@link TrainRef}. */
  get value(): tf.Tensor {
    return alive(this)
  }

  set value(_: never) {
    throw new GradpipeError('InvalidArgument', 'objax.TrainVar.value', 'assign(tensor), or a TrainRef', '=')
  }

  /** @internal */
  _store(held: tf.Tensor): void {
    const old = this.#tensor
    this.#tensor = held
    release(old)
  }

  dispose(): void {
    release(this.#tensor)
  }
}

/**
 * A variable that no optimizer updates: the base class of {@link StateVar}, {@link TrainRef} and {@link RandomState}.
 *
 * @category Variables
 * @example
 * ```ts keeps-tensors
 * import * as tf from '@tensorflow/tfjs-core'
 * import * as objax from 'gradpipe/objax'
 *
 * const vc = new objax.nn.BatchNorm0D(3).vars()
 * assert.deepEqual(
 *   [...vc.subset(objax.BaseState).keys()],
 *   ['(BatchNorm0D).running_mean', '(BatchNorm0D).running_var'],
 * )
 * ```
 */
export abstract class BaseState extends BaseVar {}

/**
 * State that a program sets: statistics of a layer, moments of an optimizer.
 *
 * @throws GradpipeError `InvalidLeaf` (not a tensor), `Disposed`
 * @category Variables
 * @example
 * ```ts keeps-tensors
 * import * as tf from '@tensorflow/tfjs'
 * import * as objax from 'gradpipe/objax'
 *
 * const seen = new objax.StateVar(tf.scalar(0))
 * seen.value = seen.value.add(1)
 * assert.equal(seen.value.dataSync()[0], 1)
 * ```
 */
export class StateVar extends BaseState {
  /** @internal */
  static readonly __qualname__: string = 'objax.StateVar'
  #tensor: tf.Tensor

  /**
   * @param tensor the first value; it belongs to the variable from now on
   */
  constructor(tensor: tf.Tensor) {
    super()
    this.#tensor = first(this, tensor)
  }

  /** @internal */
  get _tensor(): tf.Tensor {
    return this.#tensor
  }

  /** The tensor; setting it takes any shape, as in Objax, where `assign` keeps the shape. */
  get value(): tf.Tensor {
    return alive(this)
  }

  set value(tensor: tf.Tensor) {
    this.assign(tensor, { check: false })
  }

  /** @internal */
  _store(held: tf.Tensor): void {
    const old = this.#tensor
    this.#tensor = held
    release(old)
  }

  dispose(): void {
    release(this.#tensor)
  }
}

/**
 * A reference to a trainable variable. Optimizers hold references, so that the variables that they update do not
 * count as their own trainable variables.
 *
 * @category Variables
 * @example
 * ```ts keeps-tensors
 * import * as tf from '@tensorflow/tfjs-core'
 * import * as objax from 'gradpipe/objax'
 *
 * const v = new objax.TrainVar(tf.zeros([2]))
 * const ref = new objax.TrainRef(v)
 * ref.value = tf.ones([2])
 * assert.deepEqual([...v.value.dataSync()], [1, 1])
 * ```
 */
export class TrainRef extends BaseState {
  /** @internal */
  static readonly __qualname__: string = 'objax.TrainRef'

  /** The variable referred to. */
  readonly ref: TrainVar

  /**
   * @param ref the variable; it keeps owning its tensor
   */
  constructor(ref: TrainVar) {
    super()
    this.ref = ref
  }

  /** @internal */
  get _tensor(): tf.Tensor {
    return this.ref._tensor
  }

  /** The value of the variable; it can be set, to a tensor of the same shape. */
  get value(): tf.Tensor {
    return this.ref.value
  }

  set value(tensor: tf.Tensor) {
    this.ref.assign(tensor)
  }

  /** @internal */
  _store(held: tf.Tensor): void {
    this.ref._store(held)
  }

  /** Does nothing: the variable owns the tensor. */
  dispose(): void {}

  override toString(): string {
    return reprInstance(this, { ref: String(this.ref) })
  }
}
