/** Batch normalization. */

import * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../../error.js'
import { options } from '../../options.js'
import { Module } from '../module.js'
import { reprInstance, reprNumber, reprShape } from '../repr.js'
import { describe, requireTensor } from '../require.js'
import { StateVar, TrainVar } from '../variable.js'

/**
 * Options of batch normalization.
 *
 * @category Layers
 */
export interface BatchNormOptions {
  /** How much of the running averages remains after a batch. Default 0.999. */
  readonly momentum?: number
  /** What is added to the variance. Default 1e-6. */
  readonly eps?: number
}

/**
 * How {@link BatchNorm} is called.
 *
 * @category Layers
 */
export interface BatchNormCall {
  /**
   * Whether to use the batch's own mean and variance, and add them to the averages; otherwise the averages are used.
   */
  readonly training: boolean
}

/**
 * Batch normalization over some dimensions: $y = \gamma (x - m) / \sqrt{v + \epsilon} + \beta$, where m and v are the
 * batch's mean and variance (divided by n, not by n − 1) in training, and their running averages otherwise. Training
 * moves these by $(1 - momentum)$ of the way to the batch's.
 *
 * A call that fails changes nothing.
 *
 * @throws GradpipeError when called: `InvalidArgument` without `training`, `ShapeMismatch` for an x that does
 * not fit
 * @category Layers
 * @example
 * ```ts keeps-tensors
 * import * as tf from '@tensorflow/tfjs'
 * import * as objax from 'gradpipe/objax'
 *
 * // images of 3 channels, channels last
 * const norm = new objax.nn.BatchNorm([1, 1, 1, 3], [0, 1, 2])
 * const y = norm(tf.randomUniform([8, 4, 4, 3]), { training: true })
 * assert.ok(y.mean().abs().dataSync().every((mean) => mean < 1e-5))
 * ```
 */
export class BatchNorm extends Module<[x: tf.Tensor, options: BatchNormCall], tf.Tensor> {
  /** @internal */
  static readonly __qualname__: string = 'objax.nn.BatchNorm'
  /** How much of the running averages a batch leaves. */
  readonly momentum: number
  /** What is added to the variance. */
  readonly eps: number
  /** The dimensions averaged over. */
  readonly redux: readonly number[]
  /** The running average of the mean; zero at first. */
  readonly running_mean: StateVar
  /** The running average of the variance; one at first. */
  readonly running_var: StateVar
  /** The offset $\beta$; zero at first. */
  readonly beta: TrainVar
  /** The factor $\gamma$; one at first. */
  readonly gamma: TrainVar

  /**
   * @param dims the shape of the variables: that of x with 1 in the dimensions averaged over
   * @param redux the dimensions to average over
   * @param given `momentum`, `eps`
   */
  constructor(dims: readonly number[], redux: readonly number[], given?: BatchNormOptions) {
    super()
    const { momentum, eps } = options('BatchNorm', { momentum: 0.999, eps: 1e-6 }, given)
    this.momentum = momentum
    this.eps = eps
    this.redux = [...redux]
    this.running_mean = new StateVar(tf.zeros([...dims]))
    this.running_var = new StateVar(tf.ones([...dims]))
    this.beta = new TrainVar(tf.zeros([...dims]))
    this.gamma = new TrainVar(tf.ones([...dims]))
  }

  override __call__(x: tf.Tensor, options: BatchNormCall): tf.Tensor {
    requireTensor('BatchNorm', x)
    const training: unknown = options?.training
    if (typeof training !== 'boolean') {
      throw new GradpipeError('InvalidArgument', 'BatchNorm.training', 'true or false', describe(training))
    }
    this.#requireFit(x)
    const { mean, variance } = training
      ? this.#observe(x)
      : { mean: this.running_mean.value, variance: this.running_var.value }
    const normalized = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, this.eps)))
    return tf.add(tf.mul(this.gamma.value, normalized), this.beta.value)
  }

  /** Objax takes whatever broadcasts, and so does this. */
  #requireFit(x: tf.Tensor): void {
    const dims = this.beta.shape
    const broadcasts = dims.every((n, i) => {
      const given = x.shape[x.rank - dims.length + i] ?? 1
      return n === given || n === 1 || given === 1
    })
    if (!broadcasts || this.redux.some((axis) => axis >= x.rank)) {
      throw new GradpipeError(
        'ShapeMismatch',
        'BatchNorm',
        `a batch for variables of shape [${dims.join(', ')}]`,
        describe(x),
      )
    }
  }

  /** The statistics of a batch, which the running averages follow. */
  #observe(x: tf.Tensor): { readonly mean: tf.Tensor; readonly variance: tf.Tensor } {
    const axes = [...this.redux]
    const mean = tf.mean(x, axes, true)
    const variance = tf.mean(tf.square(tf.sub(x, mean)), axes, true)
    const towards = (average: tf.Tensor, now: tf.Tensor): tf.Tensor =>
      tf.add(average, tf.mul(tf.sub(now, average), 1 - this.momentum))
    this.running_mean.value = towards(this.running_mean.value, mean)
    this.running_var.value = towards(this.running_var.value, variance)
    return { mean, variance }
  }

  override toString(): string {
    return reprInstance(this, {
      dims: reprShape(this.beta.shape),
      redux: reprShape(this.redux),
      momentum: reprNumber(this.momentum),
      eps: reprNumber(this.eps),
    })
  }
}

/**
 * Batch normalization of a batch of shape [n, nin], over n. See {@link BatchNorm}.
 *
 * Its variables have the shape [1, nin]; the names of the averages, `running_mean` and `running_var`, are
 * Objax's.
 *
 * @category Layers
 * @example
 * ```ts keeps-tensors
 * import * as tf from '@tensorflow/tfjs-core'
 * import * as objax from 'gradpipe/objax'
 *
 * const norm = new objax.nn.BatchNorm0D(2, { momentum: 0.5 })
 * norm(tf.tensor2d([[1, 2], [3, 6]]), { training: true })
 * assert.deepEqual([...norm.running_mean.value.dataSync()], [1, 2]) // half way from 0 to the means, 2 and 4
 * ```
 */
export class BatchNorm0D extends BatchNorm {
  /** @internal */
  static override readonly __qualname__: string = 'objax.nn.BatchNorm0D'

  /**
   * @param nin the number of channels
   * @param options `momentum`, `eps`
   */
  constructor(nin: number, options?: BatchNormOptions) {
    super([1, nin], [0], options)
  }

  override toString(): string {
    return reprInstance(this, {
      nin: String(this.beta.shape[1]),
      momentum: reprNumber(this.momentum),
      eps: reprNumber(this.eps),
    })
  }
}
