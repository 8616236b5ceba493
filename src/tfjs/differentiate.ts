/** differentiate: the gradients of a loss, on TensorFlow.js's automatic differentiation. */
import * as tf from '@tensorflow/tfjs-core'
import { tensorsIn } from '../host/tfjs/tidy.js'
import { map, type Tree } from '../tree/tree.js'
import { whileTraining } from './wasm/training.js'

/** Clones the tensors in a value. */
const cloned = (value: unknown): unknown =>
  map((leaf: unknown): unknown => (leaf instanceof tf.Tensor ? leaf.clone() : leaf))(value as Tree<unknown>)

/** A loss with whatever else its function returns. */
export type Values = readonly [loss: tf.Tensor, ...others: unknown[]]

/** The gradients, one per input, and what the function returned. */
export interface Derived {
  readonly grads: tf.Tensor[]
  readonly values: readonly unknown[]
}

/**
 * The gradients of a loss in some tensors, zeros where it does not depend on one.
 *
 * To be called within a `tf.tidy`: all that it returns is new, and belongs to the scope around.
 */
export const differentiate = (f: () => Values, inputs: readonly tf.Tensor[]): Derived =>
  whileTraining(() => derive(f, inputs))

const derive = (f: () => Values, inputs: readonly tf.Tensor[]): Derived => {
  if (inputs.length === 0) return { grads: [], values: f().map(cloned) }
  const out: { values: readonly unknown[]; failure: { readonly error: unknown } | null } = {
    values: [],
    failure: null,
  }
  const { grads } = tf.engine().gradients(
    () => {
      // An error thrown in here would leave the engine's tape behind, and the engine frees all but the loss:
      // so the error waits outside, and the values are kept.
      try {
        const values = f()
        out.values = values.map(cloned)
        tensorsIn(out.values).forEach(tf.keep)
        return values[0]
      } catch (error) {
        out.failure = { error }
        return tf.scalar(0)
      }
    },
    [...inputs],
    undefined,
    true,
  )
  if (out.failure !== null) throw out.failure.error
  const values = out.values.map(cloned)
  tensorsIn(out.values).forEach(tf.dispose)
  // The engine leaves out the gradient of an unused input, and may give one tensor for two.
  const given: readonly (tf.Tensor | undefined)[] = grads
  return {
    grads: inputs.map((input, i) => {
      const gradient = given[i]
      if (gradient === undefined) return tf.zerosLike(input)
      return given.indexOf(gradient) < i ? gradient.clone() : gradient
    }),
    values,
  }
}
