/** LARS, as Objax computes it. */

import type * as tf from '@tensorflow/tfjs-core'
import { norm } from '../../declare/reduction.js'
import { options } from '../../options.js'
import type { Params } from '../../rule/leaf.js'
import { zeros } from '../../rule/slot.js'
import { select } from '../../rule/term.js'
import { fromRule } from '../../transform/fromRule.js'
import { step } from '../../transform/step.js'
import type { GradientTransformation } from '../../transform/transformation.js'
import { assignAll } from '../assign.js'
import { Module } from '../module.js'
import type { ModuleList } from '../moduleList.js'
import { reprInstance, reprNumber } from '../repr.js'
import { requireShape } from '../require.js'
import type { NamedVars } from '../varCollection.js'
import type { StateVar, TrainRef } from '../variable.js'
import { gradientsFor, tensorsOf, trainRefs, valuesOf, zerosLike } from './stepping.js'

/**
 * Options of {@link LARS}.
 *
 * @category Optimizers
 */
export interface LARSOptions {
  /** How much of the sum of steps remains in a step. Default 0.9. */
  readonly momentum?: number
  /** Factor of the parameters that is added to the gradient. Default 1e-4. */
  readonly weightDecay?: number
  /**
   * The trust coefficient: the length of a step relative to that of the parameters, at learning rate 1. Default 1e-3.
   */
  readonly tc?: number
  /** Added to the denominator of the trust ratio. Default 1e-5. */
  readonly eps?: number
}

const defaults = { momentum: 0.9, weightDecay: 1e-4, tc: 1e-3, eps: 1e-5 } as const

/**
 * State of {@link LARS.transformation}.
 *
 * @category Optimizers
 */
export interface LARSState {
  /** Sum of the steps, shaped like the parameters. */
  readonly m: Params
}

/**
 * Layer-wise adaptive rate scaling: the length of each variable's step is proportional to that of the variable.
 *
 * {@rule objax.optimizer.LARS.transformation(1)}
 *
 * The maximum is the trust ratio. This is what Objax's code computes: in the paper, and in `lars` of this library,
 * the ratio **is** 1 if a norm is zero. Here it is the greater of 1 and the fraction, so a zero gradient on nonzero
 * parameters gives up to tc / weightDecay (10 with the defaults).
 *
 * Call it with a learning rate and the gradients of the trainable variables, in their order.
 *
 * @throws GradpipeError as {@link SGD} does, and `InvalidArgument` for an unknown option. Stricter than
 * Objax, a gradient of another shape than its variable's is refused even if it would broadcast: its norm
 * would mean nothing
 * @category Optimizers
 * @see You, Gitman and Ginsburg, Large Batch Training of Convolutional Networks, 2017; Objax,
 * `objax.optimizer.LARS`
 * @example
 * ```ts keeps-tensors
 * import * as tf from '@tensorflow/tfjs'
 * import * as objax from 'gradpipe/objax'
 *
 * const v = new objax.TrainVar(tf.tensor1d([30, 40]))
 * const opt = new objax.optimizer.LARS(new objax.VarCollection({ v }), { weightDecay: 0, tc: 0.1, eps: 0 })
 * const grads = [tf.tensor1d([0, 2])]
 * opt(1, grads)
 * assert.deepEqual([...v.value.round().dataSync()], [30, 35]) // a tenth of 50
 * ```
 */
export class LARS extends Module<[lr: number, grads: readonly tf.Tensor[]], void> {
  /** @internal */
  static readonly __qualname__: string = 'objax.optimizer.LARS'
  /** How much of the sum of steps stays. */
  momentum: number
  /** Factor of the parameters that is added to the gradient. */
  weightDecay: number
  /** The trust coefficient. */
  tc: number
  /** Added to the denominator of the trust ratio. */
  eps: number
  /** References to the variables. */
  readonly train_vars: ModuleList<TrainRef>
  /** The sums of steps. */
  readonly m: ModuleList<StateVar>

  /**
   * @param vc the variables to optimize; the trainable ones
   * @param given `momentum`, `weightDecay`, `tc`, `eps`; any numbers, as in Objax
   */
  constructor(vc: NamedVars, given?: LARSOptions) {
    super()
    const { momentum, weightDecay, tc, eps } = options('LARS', defaults, given)
    this.momentum = momentum
    this.weightDecay = weightDecay
    this.tc = tc
    this.eps = eps
    this.train_vars = trainRefs(vc)
    this.m = zerosLike(this.train_vars)
  }

  /** One step as a transformation, for `chain` and for trees of parameters; it needs the parameters. */
  static transformation(lr: number, given?: LARSOptions): GradientTransformation<LARSState> {
    const { tc, ...others } = options('LARS', defaults, given)
    return fromRule({
      slots: { m: zeros },
      scalars: { learningRate: lr, trustCoefficient: tc, ...others },
      step: ({ g, p, m }, { learningRate, momentum, weightDecay, trustCoefficient, eps }) => {
        const pNorm = norm(p, 'leaf')
        const gNorm = norm(g, 'leaf')
        const fraction = trustCoefficient.mul(pNorm).div(gNorm.add(weightDecay.mul(pNorm)).add(eps))
        const atLeast = select(pNorm.eq(0), 1, select(gNorm.eq(0), 1, 0))
        const ratio = fraction.max(atLeast)
        const next = momentum.mul(m).add(learningRate.mul(ratio).mul(g.add(weightDecay.mul(p))))
        return { update: next.neg(), m: next }
      },
    })
  }

  override __call__(lr: number, grads: readonly tf.Tensor[]): void {
    const gradients = gradientsFor(this.train_vars, lr, grads)
    gradients.forEach(({ shape }, i) => {
      requireShape(`grads[${i}]`, shape, grads[i]?.shape ?? [])
    })
    const { momentum, weightDecay, tc, eps } = this
    const tx = LARS.transformation(lr, { momentum, weightDecay, tc, eps })
    const [values, after] = step(tx)(valuesOf(this.train_vars), { m: valuesOf(this.m) }, gradients)
    assignAll('LARS', [...this.train_vars, ...this.m], [...values, ...tensorsOf(after.m)])
  }

  override toString(): string {
    return reprInstance(this, {
      momentum: reprNumber(this.momentum),
      weight_decay: reprNumber(this.weightDecay),
      tc: reprNumber(this.tc),
      eps: reprNumber(this.eps),
    })
  }
}
