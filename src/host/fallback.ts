/**
 * Fallback: what a fused interpreter cannot take is said aloud, and computed by TensorFlow.js's operations, or those of
 * numbers.
 */
import { count } from './statistics.js'

/**
 * Why a step was not fused, or a gradient not computed by gradpipe's own kernels.
 *
 * @category Interpreters
 */
export interface Fallback {
  /** The fused interpreter, or the backend's kernels, that were not used. */
  readonly interpreter: 'cpu' | 'wasm' | 'webgl' | 'webgpu'
  /** What was in the way, in words. */
  readonly reason: string
  /** The terms that could not be taken, a line each; empty where it is not for a term. */
  readonly term: string
}

/** What a fused interpreter answers where it cannot take a job. Nothing has changed then. */
export interface Refusal extends Fallback {
  readonly _tag: 'Refusal'
}

/** A refusal. */
export const refusal = (interpreter: Fallback['interpreter'], reason: string, term = ''): Refusal => ({
  _tag: 'Refusal',
  interpreter,
  reason,
  term,
})

const listeners = new Set<(fallback: Fallback) => void>()

/** Tells of a fallback. */
export const tell = ({ interpreter, reason, term }: Refusal): void => {
  for (const listener of listeners) listener({ interpreter, reason, term })
}

/** Tells of a step that was not fused, and counts it. */
export const report = (why: Refusal): void => {
  count('fallbacks')
  tell(why)
}

/**
 * Calls a function at every step that a fused interpreter could not take: results are the same, slower. And at every
 * gradient on the WASM backend that has to be computed by TensorFlow.js's kernels alone. Returns a function that ends the
 * calls.
 *
 * @category Interpreters
 * @example
 * ```ts
 * import { onFallback } from 'gradpipe'
 *
 * const end = onFallback(({ interpreter, reason }) => console.warn(`not fused on ${interpreter}: ${reason}`))
 * end()
 * ```
 */
export const onFallback = (listener: (fallback: Fallback) => void): (() => void) => {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}
