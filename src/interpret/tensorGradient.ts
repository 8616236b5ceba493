/**
 * Functions with gradients of their own, for TensorFlow.js's automatic differentiation.
 *
 * Its own gradients are those of the single operations: they give NaN where an intermediate result is infinite,
 * −1 for |x| at 0, and the whole gradient to each of several greatest elements.
 */
import * as tf from '@tensorflow/tfjs-core'

/**
 * A function of tensors with its gradients, which are made of the inputs, the value and the gradient `dy` of what
 * comes after. What it closes over may be gone by then: every tensor that a gradient reads is an input.
 */
export const withGradient =
  <const I extends readonly tf.Tensor[]>(
    value: (...inputs: I) => tf.Tensor,
    gradients: (dy: tf.Tensor, value: tf.Tensor, ...inputs: I) => readonly tf.Tensor[],
  ): ((...inputs: I) => tf.Tensor) =>
  (...inputs) =>
    tf.customGrad((...given) => {
      // customGrad hands on the inputs in their order, and the function that keeps tensors last
      const save = given.at(-1) as tf.GradSaveFunc
      const tensors = given.slice(0, -1) as unknown[] as [...I]
      const y = value(...tensors)
      save([y, ...tensors])
      return {
        value: y,
        gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
          const [kept, ...others] = saved
          // saved is what was given to save
          return [...gradients(dy, kept as tf.Tensor, ...(others as unknown[] as [...I]))]
        },
      }
    })(...inputs)

/** A function of single elements, with its derivative. */
export const withSlope = (
  value: (x: tf.Tensor) => tf.Tensor,
  slope: (x: tf.Tensor) => tf.Tensor,
): ((x: tf.Tensor) => tf.Tensor) =>
  withGradient<readonly [tf.Tensor]>(value, (dy, _, x) => [tf.mul(dy, slope(x))])

/**
 * One where a condition holds of an element, else zero. TensorFlow.js has no gradient for most comparisons, and asks
 * for it even where only a choice depends on them: these have one, of zeros.
 */
export const indicator = (holds: (x: tf.Tensor) => tf.Tensor): ((x: tf.Tensor) => tf.Tensor) =>
  withGradient<readonly [tf.Tensor]>(
    (x) => tf.cast(holds(x), 'float32'),
    (_, __, x) => [none(x)],
  )

/** The gradient of an input that has none: a mask. */
export const none = (input: tf.Tensor): tf.Tensor => tf.zerosLike(input)
