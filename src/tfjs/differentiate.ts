/** differentiate: the gradients of a loss, by TensorFlow.js's automatic differentiation. */
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
 * The gradients of a loss with respect to some tensors; zeros for those that it does not depend on.
 *
 * Call it within a `tf.tidy`: everything that it returns is new, and belongs to the surrounding scope.
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
      // An error thrown in here would leave the engine's tape behind, so the error is thrown later, outside. And the
      // engine frees everything but the loss, so the values are kept.
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
