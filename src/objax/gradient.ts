/**
 * Gradients of a function with respect to variables and arguments, by TensorFlow.js's automatic differentiation.
 */

import * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../error.js'
import { options } from '../options.js'
import { type Derived, differentiate } from '../tfjs/differentiate.js'
import { Module } from './module.js'
import { reprFunction, reprInstance, reprShape } from './repr.js'
import { describe } from './require.js'
import { atomically } from './scope.js'
import { type NamedVars, VarCollection } from './varCollection.js'
import { TrainVar } from './variable.js'

/**
 * What a differentiable function returns: a loss, which is a scalar, or a list with the loss first and anything after
 * it.
 *
 * @category Gradients
 */
export type LossOutput = tf.Tensor | number | readonly [loss: tf.Tensor | number, ...others: unknown[]]

/**
 * The values of a differentiated function, as {@link GradValues} returns them: a list whose first entry is a tensor,
 * also for a number.
 *
 * @category Gradients
 */
export type LossValues<O extends LossOutput> = O extends readonly [unknown, ...infer Others]
  ? [loss: tf.Tensor, ...others: Others]
  : [loss: tf.Tensor]

/**
 * Options of {@link Grad} and {@link GradValues}.
 *
 * @category Gradients
 */
export interface GradOptions {
  /**
   * Indices of arguments to differentiate with respect to as well; a negative one counts from the last. Their
   * gradients come first.
   */
  readonly inputArgnums?: readonly number[]
}

const argument = (args: readonly unknown[], index: number): tf.Tensor => {
  const path = `arguments[${index}]`
  const given = args.at(index)
  if (index >= args.length || index < -args.length) {
    throw new GradpipeError('InvalidArgument', path, 'the index of an argument', `${args.length} arguments`)
  }
  // A clone, so that a tensor that is passed twice, or belongs to a variable, is an input of its own.
  if (given instanceof tf.Tensor) return requireFloat(path, given).clone()
  if (typeof given === 'number') return tf.scalar(given)
  throw new GradpipeError('InvalidLeaf', path, 'a tensor or a number', describe(given))
}

const requireFloat = (path: string, tensor: tf.Tensor): tf.Tensor => {
  if (tensor.dtype !== 'float32') throw new GradpipeError('DtypeMismatch', path, 'float32', tensor.dtype)
  return tensor
}

const lossOf = (value: unknown): tf.Tensor => {
  const loss = typeof value === 'number' ? tf.scalar(value) : value
  if (!(loss instanceof tf.Tensor))
    throw new GradpipeError('InvalidLeaf', 'loss', 'a scalar tensor', describe(loss))
  if (loss.rank > 0)
    throw new GradpipeError('ShapeMismatch', 'loss', 'a scalar', `shape ${reprShape(loss.shape)}`)
  return requireFloat('loss', loss)
}

abstract class Derivative<A extends readonly unknown[], O extends LossOutput, R> extends Module<A, R> {
  /** The function. */
  readonly f: (...args: A) => O
  /** The variables; gradients are taken with respect to the trainable ones. */
  readonly vc: VarCollection
  /** The arguments with respect to which gradients are taken as well. */
  readonly inputArgnums: readonly number[]

  /**
   * @param f returns a scalar loss, or a list that begins with one
   * @param variables the collection, or `null` for none
   * @param given `inputArgnums`
   */
  constructor(f: (...args: A) => O, variables: NamedVars | null, given?: GradOptions) {
    super()
    const { inputArgnums = [] } = options('Grad', { inputArgnums: undefined }, given)
    if (!Array.isArray(inputArgnums)) {
      throw new GradpipeError(
        'InvalidArgument',
        'inputArgnums',
        'an array of indices',
        describe(inputArgnums),
      )
    }
    this.f = f
    this.vc = new VarCollection(variables ?? {})
    this.inputArgnums = inputArgnums
  }

  /** @internal Gradients in the arguments, then in the variables; state that the function changes stays changed. */
  protected derive(args: A): Derived {
    const inputs = this.inputArgnums.map((index) => argument(args, index))
    const variables = this.vc.tensors(TrainVar).map((tensor, i) => requireFloat(`variables[${i}]`, tensor))
    const call = [...args]
    this.inputArgnums.forEach((index, i) => {
      call.splice(index, 1, inputs[i])
    })
    return atomically(this.vc, () =>
      differentiate(() => {
        // The same arguments, with clones of some tensors in their places.
        const output: LossOutput = this.f(...(call as readonly unknown[] as A))
        const [loss, ...others] = isList(output) ? output : [output]
        return [lossOf(loss), ...others]
      }, [...inputs, ...variables]),
    )
  }

  override vars(scope = ''): VarCollection {
    return this.vc.rename((name) => scope + name)
  }

  override toString(): string {
    const f: object = this.f
    return reprInstance(this, {
      f: f instanceof Module ? String(f) : reprFunction(this.f),
      input_argnums: this.inputArgnums.length === 0 ? 'None' : reprShape(this.inputArgnums),
    })
  }
}

const isList = (output: LossOutput): output is Exclude<LossOutput, tf.Tensor | number> =>
  Array.isArray(output)

/**
 * The gradients of a function with respect to variables, as a function. Called with the arguments of `f`, it returns
 * a list: the gradients of the arguments `inputArgnums`, if any, and then those of the trainable variables, in the
 * collection's order.
 *
 * A variable on which the loss does not depend has the gradient zero. What the function assigns to variables, such as
 * the running averages of a normalization, stays; if the function throws, they are as they were. Import
 * `@tensorflow/tfjs` once in your program: it registers the gradients of TensorFlow.js.
 *
 * @throws GradpipeError when called: `ShapeMismatch` (the loss is not a scalar), `DtypeMismatch` (loss, variable
 * or argument is not float32), `InvalidArgument` (no such argument), `InvalidLeaf`, `Disposed`
 * @category Gradients
 * @example
 * ```ts keeps-tensors
 * import * as tf from '@tensorflow/tfjs'
 * import * as objax from 'gradpipe/objax'
 *
 * const v = new objax.TrainVar(tf.tensor1d([1, 2]))
 * const loss = (x: tf.Tensor) => v.value.mul(x).sum()
 * const grad = new objax.Grad(loss, { v }, { inputArgnums: [0] })
 * const [inX, inV] = grad(tf.tensor1d([3, 4])).map((g) => [...g.dataSync()])
 * assert.deepEqual(inX, [1, 2])
 * assert.deepEqual(inV, [3, 4])
 * ```
 */
export class Grad<A extends readonly unknown[], O extends LossOutput> extends Derivative<A, O, tf.Tensor[]> {
  /** @internal */
  static readonly __qualname__: string = 'objax.Grad'

  override __call__(...args: A): tf.Tensor[] {
    return this.derive(args).grads
  }
}

/**
 * Like {@link Grad}, but returns the values of the function too: `[gradients, values]`, where `values` is a list that
 * begins with the loss.
 *
 * @throws GradpipeError as {@link Grad} does
 * @category Gradients
 * @example
 * ```ts keeps-tensors
 * import * as tf from '@tensorflow/tfjs'
 * import * as objax from 'gradpipe/objax'
 *
 * const m = new objax.nn.Linear(2, 1)
 * const gv = new objax.GradValues((x: tf.Tensor, y: tf.Tensor) => {
 *   const error = m(x).sub(y)
 *   return [error.square().mean(), error.abs().max()] as const
 * }, m.vars())
 * const opt = new objax.optimizer.SGD(m.vars())
 *
 * const [grads, [loss, worst]] = gv(tf.zeros([4, 2]), tf.ones([4, 1]))
 * opt(0.5, grads)
 * assert.deepEqual([loss, worst].map((t) => t.dataSync()[0]), [1, 1])
 * assert.equal(m.b?.value.dataSync()[0], 1)
 * ```
 */
export class GradValues<A extends readonly unknown[], O extends LossOutput> extends Derivative<
  A,
  O,
  [grads: tf.Tensor[], values: LossValues<O>]
> {
  /** @internal */
  static readonly __qualname__: string = 'objax.GradValues'

  override __call__(...args: A): [grads: tf.Tensor[], values: LossValues<O>] {
    const { grads, values } = this.derive(args)
    return [grads, values as LossValues<O>] // the output of f, with the loss as a tensor
  }
}
