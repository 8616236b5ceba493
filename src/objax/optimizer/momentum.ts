/** Gradient descent with momentum. */

import type * as tf from '@tensorflow/tfjs-core'
import { scale } from '../../block/scale.js'
import { type TraceState, trace } from '../../block/trace.js'
import { options } from '../../options.js'
import { checkRanges, share } from '../../range.js'
import { chain } from '../../transform/chain.js'
import { step } from '../../transform/step.js'
import type { EmptyState, GradientTransformation } from '../../transform/transformation.js'
import { assignAll } from '../assign.js'
import { Module } from '../module.js'
import type { ModuleList } from '../moduleList.js'
import { reprInstance, reprNumber } from '../repr.js'
import type { NamedVars } from '../varCollection.js'
import type { StateVar, TrainRef } from '../variable.js'
import { gradientsFor, tensorsOf, trainRefs, valuesOf, zerosLike } from './stepping.js'

/**
 * Options of {@link Momentum}.
 *
 * @category Optimizers
 */
export interface MomentumOptions {
  /** How much of the sum of gradients remains in a step. Default 0.9. */
  readonly momentum?: number
  /** Whether to look one step ahead. Default false. */
  readonly nesterov?: boolean
}

const defaults = { momentum: 0.9, nesterov: false } as const

const chosen = (given: MomentumOptions | undefined) => {
  const all = options('Momentum', defaults, given)
  checkRanges('Momentum', { momentum: all.momentum }, { momentum: share })
  return all
}

/**
 * State of {@link Momentum.transformation}: that of `trace`, and of `scale`.
 *
 * @category Optimizers
 */
export type MomentumState = readonly [TraceState, EmptyState]

/**
 * Gradient descent with momentum, or with Nesterov's.
 *
 * {@rule objax.optimizer.Momentum.transformation(1)}
 *
 * With `nesterov`:
 *
 * {@rule `objax.optimizer.Momentum.transformation(1, { nesterov: true })`}
 *
 * Call it with a learning rate, the gradients of the trainable variables in their order, and perhaps another
 * `momentum` for this step.
 *
 * @throws GradpipeError as {@link SGD} does, and `InvalidArgument` for an unknown option
 * @category Optimizers
 * @see Objax, `objax.optimizer.Momentum`
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core'
 * import * as objax from 'gradpipe/objax'
 *
 * const v = new objax.TrainVar(tf.tensor1d([1, 2]))
 * const opt = new objax.optimizer.Momentum(new objax.VarCollection({ v }), { momentum: 0.5 })
 * const grads = [tf.tensor1d([2, -2])]
 * opt(0.5, grads)
 * opt(0.5, grads)
 * assert.deepEqual([...v.value.dataSync()], [-1.5, 4.5])
 * assert.deepEqual([...opt.m].map((m) => [...m.value.dataSync()]), [[3, -3]])
 * tf.dispose(grads)
 * opt.vars().dispose()
 * v.dispose()
 * ```
 */
export class Momentum extends Module<
  [lr: number, grads: readonly tf.Tensor[], options?: Pick<MomentumOptions, 'momentum'>],
  void
> {
  /** @internal */
  static readonly __qualname__: string = 'objax.optimizer.Momentum'
  /** How much of the sum of gradients stays. */
  momentum: number
  /** Whether to look one step ahead. */
  readonly nesterov: boolean
  /** References to the variables. */
  readonly train_vars: ModuleList<TrainRef>
  /** The sums of gradients. */
  readonly m: ModuleList<StateVar>

  /**
   * @param vc the variables to optimize; the trainable ones
   * @param given `momentum`, `nesterov`
   */
  constructor(vc: NamedVars, given?: MomentumOptions) {
    super()
    const { momentum, nesterov } = chosen(given)
    this.momentum = momentum
    this.nesterov = nesterov
    this.train_vars = trainRefs(vc)
    this.m = zerosLike(this.train_vars)
  }

  /** One step as a transformation, for `chain` and for trees of parameters. */
  static transformation(lr: number, given?: MomentumOptions): GradientTransformation<MomentumState> {
    const { momentum, nesterov } = chosen(given)
    return chain(trace(momentum, { nesterov }), scale(-lr))
  }

  override __call__(
    lr: number,
    grads: readonly tf.Tensor[],
    given?: Pick<MomentumOptions, 'momentum'>,
  ): void {
    const { momentum } = options('Momentum', { momentum: this.momentum }, given)
    const gradients = gradientsFor(this.train_vars, lr, grads)
    const tx = Momentum.transformation(lr, { momentum, nesterov: this.nesterov })
    const state = [{ trace: valuesOf(this.m) }, {}] as const
    const [values, [after]] = step(tx)(valuesOf(this.train_vars), state, gradients)
    assignAll('Momentum', [...this.train_vars, ...this.m], [...values, ...tensorsOf(after.trace)])
  }

  override toString(): string {
    return reprInstance(this, { momentum: reprNumber(this.momentum), nesterov: reprNumber(this.nesterov) })
  }
}
