/** The linear layer. */

import * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../../error.js'
import { options } from '../../options.js'
import { Module } from '../module.js'
import { reprFunction, reprInstance, reprNumber } from '../repr.js'
import { describe, requireTensor } from '../require.js'
import { TrainVar } from '../variable.js'
import { xavierNormal } from './init.js'

/**
 * Options of {@link Linear}.
 *
 * @category Layers
 */
export interface LinearOptions {
  /** Whether to add b. Default true. */
  readonly useBias?: boolean
  /** Makes the initial weights from their shape. Default `init.xavierNormal`. */
  readonly wInit?: (shape: readonly number[]) => tf.Tensor
}

/**
 * A linear transformation of the last dimension: $y = x w + b$.
 *
 * @throws GradpipeError `ShapeMismatch` when called with an x of another width
 * @category Layers
 * @example
 * ```ts keeps-tensors
 * import * as tf from '@tensorflow/tfjs-core'
 * import * as objax from 'gradpipe/objax'
 *
 * const layer = new objax.nn.Linear(2, 3)
 * assert.deepEqual(layer(tf.ones([5, 2])).shape, [5, 3])
 * assert.deepEqual([...layer.vars().keys()], ['(Linear).b', '(Linear).w'])
 * ```
 */
export class Linear extends Module<[x: tf.Tensor], tf.Tensor> {
  /** @internal */
  static readonly __qualname__: string = 'objax.nn.Linear'
  /** The function that made the initial weights. */
  readonly wInit: (shape: readonly number[]) => tf.Tensor
  /** The bias, of shape [nout], zero at first; or null. */
  readonly b: TrainVar | null
  /** The weights, of shape [nin, nout]. */
  readonly w: TrainVar

  /**
   * @param nin the length of the last dimension of x
   * @param nout that of y
   * @param given `useBias`, `wInit`
   */
  constructor(nin: number, nout: number, given?: LinearOptions) {
    super()
    const { useBias, wInit } = options('Linear', { useBias: true, wInit: xavierNormal }, given)
    this.wInit = wInit
    this.b = useBias ? new TrainVar(tf.zeros([nout])) : null
    this.w = new TrainVar(wInit([nin, nout]))
  }

  override __call__(x: tf.Tensor): tf.Tensor {
    const [nin = 0, nout = 0] = this.w.shape
    requireTensor('Linear', x)
    if (x.shape.at(-1) !== nin) {
      throw new GradpipeError('ShapeMismatch', 'Linear', `a tensor of shape [..., ${nin}]`, describe(x))
    }
    const batch = x.shape.slice(0, -1)
    const rows = tf.reshape(x, [tf.util.sizeFromShape(batch), nin])
    const y = tf.reshape(tf.matMul(rows, tf.reshape(this.w.value, [nin, nout])), [...batch, nout])
    return this.b === null ? y : tf.add(y, this.b.value)
  }

  override toString(): string {
    const [nin, nout] = this.w.shape
    return reprInstance(this, {
      nin: String(nin),
      nout: String(nout),
      use_bias: reprNumber(this.b !== null),
      w_init: reprFunction(this.wInit),
    })
  }
}
