/** What the fused interpreters have compiled and launched: counts, to see that a step compiles nothing. */

/**
 * Counts of kernels since the process began.
 *
 * @category Interpreters
 */
export interface KernelStatistics {
  /** Kernels that were compiled: WebAssembly modules, WebGL programs and WebGPU pipelines. */
  readonly compilations: number
  /** Kernels that were found in the cache when trees of a new structure were laid out. */
  readonly hits: number
  /** Kernels that were run, and loops of JavaScript that did in the place of one, for arrays of few elements. */
  readonly launches: number
  /** Steps that a fused interpreter could not take, and TensorFlow.js's operations did. */
  readonly fallbacks: number
  /** Pieces of large leaves that workers did, of the WASM backend in its threaded build. */
  readonly workerPieces: number
}

const counts = { compilations: 0, hits: 0, launches: 0, fallbacks: 0, workerPieces: 0 }

/** Adds to a count. */
export const count = (what: keyof KernelStatistics, more = 1): void => {
  counts[what] += more
}

/**
 * How many kernels were compiled, found and launched so far.
 *
 * There is one kernel per structure of a rule: neither a learning rate, nor a schedule, nor the count, nor the
 * shape of a leaf compiles another one. On WebGPU it has a few variants: for sizes that four divides and others, in
 * place or not, and for as many small leaves as one dispatch takes; on WebGL for vectors, matrices and the ways in which
 * inputs lie.
 *
 * @category Interpreters
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-wasm'
 * import * as tf from '@tensorflow/tfjs-core'
 * import { adam, dispose, kernelStatistics, step } from 'gradpipe'
 * import 'gradpipe/tfjs'
 *
 * await tf.setBackend('wasm')
 * const params = tf.tensor1d([1, 2, 3])
 * const state = adam(0.1).init(params)
 * const first = step(adam(0.1))(params, state, params)
 * const before = kernelStatistics()
 * const second = step(adam(0.2))(...first, params)
 * const after = kernelStatistics()
 * assert.equal(after.compilations, before.compilations)
 * assert.equal(after.launches, before.launches + 1)
 * dispose(params, state, first, second)
 * ```
 */
export const kernelStatistics = (): KernelStatistics => ({ ...counts })
