/** Stochastic gradient descent. */

import type * as tf from '@tensorflow/tfjs-core'
import { scale } from '../../block/scale.js'
import { step } from '../../transform/step.js'
import type { EmptyState, GradientTransformation } from '../../transform/transformation.js'
import { assignAll } from '../assign.js'
import { Module } from '../module.js'
import type { ModuleList } from '../moduleList.js'
import { reprInstance } from '../repr.js'
import type { NamedVars } from '../varCollection.js'
import type { TrainRef } from '../variable.js'
import { gradientsFor, trainRefs, valuesOf } from './stepping.js'

/**
 * Stochastic gradient descent.
 *
 * {@rule objax.optimizer.SGD.transformation(1)}
 *
 * Call it with a learning rate and the gradients of the trainable variables, in their order.
 *
 * @throws GradpipeError when called: `InvalidArgument` (the learning rate is not a number), `GradientCount`,
 * `ShapeMismatch` (a gradient that does not broadcast to its variable), `InvalidLeaf`, `Disposed`. Nothing
 * has changed then; Objax has stepped the variables before the failing one
 * @category Optimizers
 * @see Objax, `objax.optimizer.SGD`
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core'
 * import * as objax from 'gradpipe/objax'
 *
 * const v = new objax.TrainVar(tf.tensor1d([1, 2]))
 * const opt = new objax.optimizer.SGD(new objax.VarCollection({ v }))
 * const grads = [tf.tensor1d([2, -2])]
 * opt(0.5, grads)
 * assert.deepEqual([...v.value.dataSync()], [0, 3])
 * tf.dispose(grads)
 * v.dispose()
 * ```
 */
export class SGD extends Module<[lr: number, grads: readonly tf.Tensor[]], void> {
  /** @internal */
  static readonly __qualname__: string = 'objax.optimizer.SGD'
  /** References to the variables. */
  readonly train_vars: ModuleList<TrainRef>

  /**
   * @param vc the variables to optimize; the trainable ones
   */
  constructor(vc: NamedVars) {
    super()
    this.train_vars = trainRefs(vc)
  }

  /** One step as a transformation, for `chain` and for trees of parameters. */
  static transformation(lr: number): GradientTransformation<EmptyState> {
    return scale(-lr)
  }

  override __call__(lr: number, grads: readonly tf.Tensor[]): void {
    const gradients = gradientsFor(this.train_vars, lr, grads)
    const [values] = step(SGD.transformation(lr))(valuesOf(this.train_vars), {}, gradients)
    assignAll('SGD', [...this.train_vars], values)
  }

  override toString(): string {
    return reprInstance(this, {})
  }
}
