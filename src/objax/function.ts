/** A function as a module. */

import { GradpipeError } from '../error.js'
import { Module } from './module.js'
import { className, reprFunction, reprInstance, scopeName } from './repr.js'
import { describe } from './require.js'
import { type NamedVars, VarCollection } from './varCollection.js'

/**
 * A function that knows the variables it uses, so it can stand in place of a module.
 *
 * The names of its variables begin with the function's name, `{loss}(Linear).b`; if it wraps a module instead of a
 * function, they stay as they are. As with every module, a call frees all tensors that it makes except its result.
 * (Objax can also find the variables itself, `auto_vars`; in JavaScript, nobody can look into a function.)
 *
 * @throws GradpipeError `InvalidArgument` without variables
 * @category Modules
 * @example
 * ```ts keeps-tensors
 * import * as tf from '@tensorflow/tfjs'
 * import * as objax from 'gradpipe/objax'
 *
 * const m = new objax.nn.Linear(2, 1)
 * const loss = objax.Function.withVars(m.vars())(function loss(x: tf.Tensor) {
 *   return m(x).square().mean()
 * })
 * assert.deepEqual([...loss.vars().keys()], ['{loss}(Linear).b', '{loss}(Linear).w'])
 * assert.equal(String(loss), 'objax.Function(f=loss)')
 * assert.equal(loss(tf.zeros([4, 2])).dataSync()[0], 0)
 * ```
 */
class FunctionModule<A extends readonly unknown[], R> extends Module<A, R> {
  /** @internal */
  static readonly __qualname__: string = 'objax.Function'
  /** The variables, under the names that they have here. */
  readonly vc: VarCollection
  /** The function. */
  readonly __wrapped__: (...args: A) => R

  /**
   * @param f the function
   * @param vc the variables that it uses
   */
  constructor(f: (...args: A) => R, vc: NamedVars) {
    super()
    if (!vc)
      throw new GradpipeError('InvalidArgument', className(this), 'the variables that f uses', describe(vc))
    const named = new VarCollection(vc)
    this.vc = f instanceof Module ? named : named.rename((name) => `{${reprFunction(f)}}${name}`)
    this.__wrapped__ = f
  }

  /** Turns functions that use these variables into modules, like the decorator `with_vars`. */
  static withVars(
    vc: NamedVars,
  ): <A extends readonly unknown[], R>(f: (...args: A) => R) => FunctionModule<A, R> {
    return (f) => new FunctionModule(f, vc)
  }

  override __call__(...args: A): R {
    return this.__wrapped__(...args)
  }

  override vars(scope = ''): VarCollection {
    return this.vc.rename((name) => scope + name)
  }

  override toString(): string {
    const f: object = this.__wrapped__
    return reprInstance(this, { f: f instanceof Module ? scopeName(f) : reprFunction(this.__wrapped__) })
  }
}

export { FunctionModule as Function }
