/** Replacement: a kernel that replaces one of TensorFlow.js's WASM backend while gradpipe differentiates. */
import type * as tf from '@tensorflow/tfjs-core'
import type { Tensor, WasmDoor } from '../../host/tfjs/wasm/backend.js'

/**
 * A kernel of TensorFlow.js that gradpipe has replaced.
 *
 * @category Interpreters
 */
export interface Replacement {
  /** The kernel's name in TensorFlow.js. */
  readonly kernel: string
  /** What is wrong with TensorFlow.js's own kernel. */
  readonly reason: 'missing' | 'slow' | 'wrong'
}

/** The arguments of a kernel. */
export interface Call {
  readonly door: WasmDoor
  readonly inputs: Readonly<Record<string, Tensor | undefined>>
  readonly attrs: Readonly<Record<string, unknown>>
}

/** A kernel in the place of another. */
export interface Replaced extends Replacement {
  /** The result; `null` for what it does not support. TensorFlow.js's own kernel then runs, if there is one. */
  readonly run: (call: Call) => tf.Tensor | null
}

/** Whether only a bias is fused with an operation; while gradients are computed, nothing else is. */
export const isLinear = ({ attrs, inputs }: Call): boolean =>
  (attrs.activation ?? 'linear') === 'linear' && inputs.preluActivationWeights === undefined

const listeners = new Set<(replacement: Replacement) => void>()

/** Reports a replacement. */
export const report = ({ kernel, reason }: Replacement): void => {
  for (const listener of listeners) listener({ kernel, reason })
}

/**
 * Calls a function each time that gradpipe replaces a kernel of the WASM backend. This happens while gradpipe
 * differentiates, if TensorFlow.js's own kernel is missing, wrong or slow. Returns a function that ends the calls.
 *
 * @category Interpreters
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-wasm'
 * import * as tf from '@tensorflow/tfjs'
 * import { grad, onReplacement } from 'gradpipe/tfjs'
 *
 * await tf.setBackend('wasm')
 * const kernels = new Set<string>()
 * const end = onReplacement(({ kernel, reason }) => kernels.add(`${kernel}: ${reason}`))
 * const [x, w] = [tf.ones([2, 3]), tf.ones([3, 1])]
 * const g = grad((w: tf.Tensor2D) => tf.sum(tf.matMul(x as tf.Tensor2D, w)) as tf.Scalar)(w as tf.Tensor2D)
 * end()
 * assert.deepEqual([...kernels], ['BatchMatMul: slow'])
 * tf.dispose([x, w, g])
 * ```
 */
export const onReplacement = (listener: (replacement: Replacement) => void): (() => void) => {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}
