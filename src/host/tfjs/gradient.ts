/**
 * Functions with gradients of their own, for TensorFlow.js's automatic differentiation.
 *
 * Its own gradients are those of the single operations: they give NaN where an intermediate result is infinite,
 * −1 for |x| at 0, and the whole gradient to each of several greatest elements; most comparisons have none, and it
 * asks for one even where only a choice depends on them.
 */
import type * as tf from '@tensorflow/tfjs-core'
import { tfjs } from './library.js'

/** Whether TensorFlow.js records operations, to differentiate through them. */
export const isRecording = (): boolean => tfjs.engine().isTapeOn()

/**
 * A function of tensors with its gradients, which are made of the inputs, the value and the gradient `dy` of what
 * comes after. What it closes over may be gone by then: every tensor that a gradient reads is an input.
 */
export const withGradient = <const I extends readonly tf.Tensor[]>(
  value: (...inputs: I) => tf.Tensor,
  gradients: (dy: tf.Tensor, value: tf.Tensor, ...inputs: I) => readonly tf.Tensor[],
): ((...inputs: I) => tf.Tensor) => {
  const f = (...inputs: I): tf.Tensor =>
    tfjs.customGrad((...given) => {
      // customGrad hands on the inputs, and the function that keeps tensors last
      const save = given.at(-1) as tf.GradSaveFunc
      const y = value(...inputs)
      save([y, ...inputs])
      return {
        value: y,
        gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
          // saved is what was given to save
          const [kept, ...others] = saved as [tf.Tensor, ...I]
          // what is kept of the value knows nothing of the inputs: a second derivative needs it anew
          return [...gradients(dy, isRecording() ? f(...others) : kept, ...others)]
        },
      }
    })(...inputs)
  return f
}

/** A function of single elements, with its derivative. */
export const withSlope = (
  value: (x: tf.Tensor) => tf.Tensor,
  slope: (x: tf.Tensor) => tf.Tensor,
): ((x: tf.Tensor) => tf.Tensor) =>
  withGradient<readonly [tf.Tensor]>(value, (dy, _, x) => [tfjs.mul(dy, slope(x))])

/** The gradient of an input that has none: a mask. */
export const none = (input: tf.Tensor): tf.Tensor => tfjs.zerosLike(input)

/** One where a condition holds of an element, else zero; the gradient is zero. */
export const indicator = (holds: (x: tf.Tensor) => tf.Tensor): ((x: tf.Tensor) => tf.Tensor) => {
  const plain = (x: tf.Tensor): tf.Tensor => tfjs.cast(holds(x), 'float32')
  const recorded = withGradient<readonly [tf.Tensor]>(plain, (_, __, x) => [none(x)])
  return (x) => (isRecording() ? recorded(x) : plain(x))
}

/** A comparison, whose gradients are zero: booleans, or ones and zeros while TensorFlow.js records. */
export const comparison = (
  op: (x: tf.Tensor, y: tf.Tensor) => tf.Tensor,
): ((x: tf.Tensor, y: tf.Tensor) => tf.Tensor) => {
  const recorded = withGradient<readonly [tf.Tensor, tf.Tensor]>(
    (x, y) => tfjs.cast(op(x, y), 'float32'),
    (_, __, x, y) => [none(x), none(y)],
  )
  return (x, y) => (isRecording() ? recorded(x, y) : op(x, y))
}
