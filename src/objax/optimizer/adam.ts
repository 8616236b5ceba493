/** Adam, as Objax computes it. */

import * as tf from '@tensorflow/tfjs-core'
import { options } from '../../options.js'
import type { Params } from '../../rule/leaf.js'
import { zeros } from '../../rule/slot.js'
import { constant, mix } from '../../rule/term.js'
import { fromRule } from '../../transform/fromRule.js'
import { step } from '../../transform/step.js'
import type { GradientTransformation } from '../../transform/transformation.js'
import { assignAll } from '../assign.js'
import { Module } from '../module.js'
import type { ModuleList } from '../moduleList.js'
import { reprInstance, reprNumber } from '../repr.js'
import type { NamedVars } from '../varCollection.js'
import type { StateVar, TrainRef } from '../variable.js'
import { counter, countOf, gradientsFor, tensorsOf, trainRefs, valuesOf, zerosLike } from './stepping.js'

/**
 * Options of {@link Adam}.
 *
 * @category Optimizers
 */
export interface AdamOptions {
  /** Decay of the mean of the gradients. Default 0.9. */
  readonly beta1?: number
  /** Decay of the mean of their squares. Default 0.999. */
  readonly beta2?: number
  /** Added to the mean square, inside the root. Default 1e-8. */
  readonly eps?: number
}

const defaults = { beta1: 0.9, beta2: 0.999, eps: 1e-8 } as const

/**
 * State of {@link Adam.transformation}.
 *
 * @category Optimizers
 */
export interface AdamState {
  /** How many steps were made. */
  readonly count: number
  /** Mean of the gradients, shaped like the parameters. */
  readonly m: Params
  /** Mean of their squares. */
  readonly v: Params
}

/**
 * Adam.
 *
 * {@rule objax.optimizer.Adam.transformation(1)}
 *
 * This is what Objax's code computes: ε stands **inside** the root, and v is not corrected before it is
 * added. Its docs, the paper, and `adam` of this library have $\hat m / (\sqrt{\hat v} + \epsilon)$. They
 * agree for ε = 0; for gradients near $\sqrt\epsilon$ (1e-4) and below, the steps here are shorter.
 *
 * Call it with a learning rate, the gradients of the trainable variables in their order, and perhaps other `beta1`
 * and `beta2` for this step.
 *
 * @throws GradpipeError as {@link SGD} does, and `InvalidArgument` for an unknown option. Nothing has changed
 * then; Objax has counted the step
 * @category Optimizers
 * @see Kingma and Ba, Adam: A Method for Stochastic Optimization, 2015, end of section 2; Objax,
 * `objax.optimizer.Adam`
 * @example
 * ```ts keeps-tensors
 * import * as tf from '@tensorflow/tfjs'
 * import * as objax from 'gradpipe/objax'
 *
 * const v = new objax.TrainVar(tf.tensor1d([1, 2]))
 * const opt = new objax.optimizer.Adam(new objax.VarCollection({ v }), { eps: 0 })
 * const grads = [tf.tensor1d([1e-3, -1e3])]
 * opt(0.5, grads)
 * opt(0.5, grads, { beta1: 0.8 })
 * assert.deepEqual([...v.value.round().dataSync()], [0, 3]) // by the learning rate, whatever the gradient's size
 * assert.deepEqual([...opt.step.value.dataSync()], [2])
 * ```
 */
export class Adam extends Module<
  [lr: number, grads: readonly tf.Tensor[], options?: Pick<AdamOptions, 'beta1' | 'beta2'>],
  void
> {
  /** @internal */
  static readonly __qualname__: string = 'objax.optimizer.Adam'
  /** Decay of the mean of the gradients. */
  beta1: number
  /** Decay of the mean of their squares. */
  beta2: number
  /** Added to the mean square, inside the root. */
  eps: number
  /** The number of steps made: an int32 scalar. */
  readonly step: StateVar
  /** References to the variables. */
  readonly train_vars: ModuleList<TrainRef>
  /** The means of the gradients. */
  readonly m: ModuleList<StateVar>
  /** The means of their squares. */
  readonly v: ModuleList<StateVar>

  /**
   * @param vc the variables to optimize; the trainable ones
   * @param given `beta1`, `beta2`, `eps`; any numbers, as in Objax
   */
  constructor(vc: NamedVars, given?: AdamOptions) {
    super()
    const { beta1, beta2, eps } = options('Adam', defaults, given)
    this.beta1 = beta1
    this.beta2 = beta2
    this.eps = eps
    this.step = counter()
    this.train_vars = trainRefs(vc)
    this.m = zerosLike(this.train_vars)
    this.v = zerosLike(this.train_vars)
  }

  /** One step as a transformation, for `chain` and for trees of parameters. */
  static transformation(lr: number, given?: AdamOptions): GradientTransformation<AdamState> {
    const { beta1, beta2, eps } = options('Adam', defaults, given)
    return fromRule({
      slots: { m: zeros, v: zeros },
      scalars: ({ t }) => ({ learningRate: lr, b1: beta1, b2: beta2, eps, t }),
      step: ({ g, ...old }, { learningRate, b1, b2, eps, t }) => {
        const m = mix(b1, old.m, g)
        const v = mix(b2, old.v, g.square())
        const one = constant(1)
        const stepSize = learningRate.mul(one.sub(b2.pow(t)).sqrt()).div(one.sub(b1.pow(t)))
        return { update: stepSize.mul(m.div(v.add(eps).sqrt())).neg(), m, v }
      },
    })
  }

  override __call__(
    lr: number,
    grads: readonly tf.Tensor[],
    given?: Pick<AdamOptions, 'beta1' | 'beta2'>,
  ): void {
    const betas = options('Adam', { beta1: this.beta1, beta2: this.beta2 }, given)
    const gradients = gradientsFor(this.train_vars, lr, grads)
    const state = { count: countOf(this.step), m: valuesOf(this.m), v: valuesOf(this.v) }
    const tx = Adam.transformation(lr, { ...betas, eps: this.eps })
    const [values, after] = step(tx)(valuesOf(this.train_vars), state, gradients)
    assignAll(
      'Adam',
      [...this.train_vars, ...this.m, ...this.v, this.step],
      [...values, ...tensorsOf(after.m), ...tensorsOf(after.v), tf.scalar(after.count, 'int32')],
    )
  }

  override toString(): string {
    return reprInstance(this, {
      beta1: reprNumber(this.beta1),
      beta2: reprNumber(this.beta2),
      eps: reprNumber(this.eps),
    })
  }
}
