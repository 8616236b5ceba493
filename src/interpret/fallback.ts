/** Fallback: what a fused interpreter cannot take is said aloud, and computed by TensorFlow.js's operations. */
import { count } from './statistics.js'

/**
 * Why a step was not fused.
 *
 * @category Interpreters
 */
export interface Fallback {
  /** The fused interpreter that was not used. */
  readonly interpreter: 'wasm' | 'webgpu'
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
export const report = ({ interpreter, reason, term }: Refusal): void => {
  count('fallbacks')
  for (const listener of listeners) listener({ interpreter, reason, term })
}

/**
 * Calls a function at every step that a fused interpreter could not take: results are the same, slower. Returns a
 * function that ends the calls.
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
