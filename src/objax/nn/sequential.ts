/** Layers one after the other. */

import type * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../../error.js'
import { Module } from '../module.js'
import { ModuleList } from '../moduleList.js'
import { reprFunction } from '../repr.js'

/**
 * What a {@link Sequential} may hold: modules and functions.
 *
 * @category Layers
 */
export type Layer = (...args: never) => unknown

/**
 * Arguments by name, for the layers that take them: `{ training: true }`.
 *
 * @category Layers
 */
export interface Keywords {
  /** Whether layers such as batch normalization learn from the batch. */
  readonly training?: boolean
  readonly [name: string]: unknown
}

const isKeywords = (value: unknown): value is Keywords =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

const run = (
  layer: Layer,
  index: number,
  args: readonly unknown[],
  keywords: readonly Keywords[],
): unknown => {
  // Only the caller knows which arguments a layer takes.
  const call = layer as (...args: readonly unknown[]) => unknown
  try {
    return layer instanceof Module ? call(...args, ...keywords) : call(...args)
  } catch (error) {
    const name = layer instanceof Module ? String(layer) : reprFunction(layer)
    const where = `Sequential layer[${index}] ${name}`
    if (error instanceof GradpipeError) {
      throw new GradpipeError(error._tag, `${where} ${error.path}`, error.expected, error.given)
    }
    throw new Error(`${where} ${error instanceof Error ? error.message : error}`, { cause: error })
  }
}

/**
 * Runs its layers one after the other: `m(x)`, or `m(x, { training: true })`.
 *
 * A record at the end of the arguments goes to every module as its last argument, and the module reads the names that
 * it knows; functions get the value alone. (Objax looks up which names a function takes; JavaScript cannot.) If a
 * layer returns an array, the next layer gets its items as arguments. An empty `Sequential` returns its argument. An
 * error names the layer.
 *
 * @throws GradpipeError of the failing layer, its path beginning with `Sequential layer[i]`
 * @category Layers
 * @example
 * ```ts keeps-tensors
 * import * as tf from '@tensorflow/tfjs-core'
 * import * as objax from 'gradpipe/objax'
 *
 * const m = new objax.nn.Sequential([new objax.nn.Linear(2, 3), tf.relu, new objax.nn.BatchNorm0D(3)])
 * assert.deepEqual(m(tf.ones([4, 2]), { training: true }).shape, [4, 3])
 * assert.deepEqual(m.slice(0, 2)(tf.ones([4, 2])).shape, [4, 3])
 * assert.throws(() => m(tf.ones([4, 2])), /Sequential layer\[2\] objax.nn.BatchNorm0D/)
 * ```
 */
export class Sequential<
  A extends readonly unknown[] = [x: tf.Tensor, keywords?: Keywords],
  R = tf.Tensor,
> extends ModuleList<Layer, A, R> {
  /** @internal */
  static override readonly __qualname__: string = 'objax.nn.Sequential'

  override __call__(...args: A): R {
    const last = args.at(-1)
    const keywords = args.length > 1 && isKeywords(last) ? [last] : []
    const positional = args.slice(0, args.length - keywords.length)
    if (positional.length === 0)
      throw new GradpipeError('InvalidArgument', 'Sequential', 'an argument', 'none')
    const [...layers] = this
    const outputs = layers.reduce<readonly unknown[]>(
      (inputs, layer, i) => {
        const output = run(layer, i, inputs, keywords)
        return i < layers.length - 1 && Array.isArray(output) ? output : [output]
      },
      layers.length === 0 && positional.length > 1 ? [positional] : positional,
    )
    return outputs[0] as R // what the last layer returns is for the caller to declare
  }
}
