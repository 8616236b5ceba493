/** Modules: variables, and a function of them. You call an instance like a function, as in Python. */

import { GradpipeError } from '../error.js'
import { tidied } from '../host/tfjs/tidy.js'
import { className, printsItself, scopeName } from './repr.js'
import { VarCollection } from './varCollection.js'
import { BaseVar } from './variable.js'

/**
 * A container of variables that can be called: `m(…)` runs `m.__call__(…)`.
 *
 * A call frees the tensors that it made, except those that it returns and those that variables own. It is a
 * `tf.tidy`, so it does not wait for promises.
 *
 * @category Modules
 * @example
 * ```ts keeps-tensors
 * import * as tf from '@tensorflow/tfjs-core'
 * import * as objax from 'gradpipe/objax'
 *
 * const layer: objax.Module<[x: tf.Tensor], tf.Tensor> = new objax.nn.Linear(2, 3)
 * assert.deepEqual(layer(tf.ones([4, 2])).shape, [4, 3])
 * ```
 */
export interface Module<A extends readonly unknown[] = never, R = unknown> {
  (...args: A): R
  /** The code of a call; classes override it. */
  __call__(...args: A): R
  /**
   * The variables of the module and of the modules in it, in the order in which its properties were set.
   * Arrays and records are not searched (a {@link ModuleList} is), nor are `#private` properties.
   *
   * @param scope the prefix of the names
   */
  vars(scope?: string): VarCollection
  /** The class and its arguments, as printed by Objax. */
  toString(): string
}

/**
 * The type of the class {@link Module}.
 *
 * @category Modules
 */
export interface ModuleConstructor {
  new <A extends readonly unknown[] = never, R = unknown>(): Module<A, R>
  /** What the instances inherit. */
  readonly prototype: Module
}

class CallableModule {
  static readonly __qualname__: string = 'objax.Module'

  static {
    // A function in every respect (TensorFlow.js asks for `call` and `apply`), except that its `name` and `length`
    // are free: a variable may have these names.
    Object.setPrototypeOf(CallableModule.prototype, Function.prototype)
    printsItself(CallableModule)
    for (const key of ['name', 'length']) {
      Object.defineProperty(CallableModule.prototype, key, { value: undefined, writable: true })
    }
  }

  constructor() {
    const self = (...args: readonly unknown[]): unknown =>
      tidied(className(module), () => module.__call__(...args))
    Reflect.deleteProperty(self, 'name')
    Reflect.deleteProperty(self, 'length')
    const module: CallableModule = Object.setPrototypeOf(self, new.target.prototype)
    // biome-ignore lint/correctness/noConstructorReturn: only a function can be called, so an instance is one
    return module
  }

  __call__(..._args: readonly unknown[]): unknown {
    throw new GradpipeError(
      'InvalidArgument',
      className(this),
      'a class with a method __call__',
      'one without',
    )
  }

  vars(scope = ''): VarCollection {
    const here = `${scope}(${scopeName(this)})`
    const vc = new VarCollection()
    for (const [name, value] of Object.entries(this)) {
      if (value instanceof BaseVar) vc.set(`${here}.${name}`, value)
      else if (value instanceof Module)
        vc.update(value.vars(name === '__wrapped__' ? here : `${here}.${name}`))
    }
    return vc
  }

  toString(): string {
    return `${className(this)}()`
  }
}

// A class cannot declare that its instances are callable, so the class is a value of a type that says so.
const callable: new () => object = CallableModule

/**
 * The base class of modules. Its type parameters are the arguments and the result of a call; the method `__call__` is
 * its code. Instances are functions: `m(x)` calls one, `Array.prototype.map` takes it, and `typeof m` is
 * `'function'`.
 *
 * The name of the class is part of the names of its variables. If a minifier changes class names, give the class a
 * `static readonly __qualname__ = 'Net'`.
 *
 * @throws GradpipeError `InvalidArgument` when called, if the class has no `__call__`, or one that returns a
 * promise
 * @category Modules
 * @example
 * ```ts keeps-tensors
 * import * as tf from '@tensorflow/tfjs-core'
 * import * as objax from 'gradpipe/objax'
 *
 * class Net extends objax.Module<[x: tf.Tensor], tf.Tensor> {
 *   readonly hidden = new objax.nn.Linear(2, 8)
 *   readonly out = new objax.nn.Linear(8, 1)
 *
 *   override __call__(x: tf.Tensor): tf.Tensor {
 *     return this.out(tf.relu(this.hidden(x)))
 *   }
 * }
 *
 * const net = new Net()
 * assert.deepEqual(net(tf.ones([5, 2])).shape, [5, 1])
 * assert.deepEqual(
 *   [...net.vars().keys()],
 *   ['(Net).hidden(Linear).b', '(Net).hidden(Linear).w', '(Net).out(Linear).b', '(Net).out(Linear).w'],
 * )
 * ```
 */
export const Module: ModuleConstructor = callable as ModuleConstructor
