/**
 * One handle on a tensor's memory in the place of another. Engine and backend count handles and references: since one
 * comes where another goes, all counts stay as they are, and need not be touched.
 *
 * How TensorFlow.js makes and marks handles is not its public API: this is the only file that knows it. Where it looks
 * different, there is no other handle, and who asked for it does without.
 */
import * as tf from '@tensorflow/tfjs-core'

/** What the engine does to name a new handle. */
interface Engine {
  nextTensorId(): number
}

/** A handle's mark that it is no longer to be used. */
interface Handle {
  isDisposedInternal: boolean
}

const isEngine = (engine: object): engine is Engine =>
  'nextTensorId' in engine && typeof engine.nextTensorId === 'function'

const isHandle = (tensor: object): tensor is Handle =>
  'isDisposedInternal' in tensor && typeof tensor.isDisposedInternal === 'boolean'

/** Another handle, which the engine does not count; `null` where handles look different. */
export const anotherHandle = (engine: object, tensor: tf.Tensor): tf.Tensor | null =>
  isEngine(engine) && isHandle(tensor)
    ? new tf.Tensor(tensor.shape, tensor.dtype, tensor.dataId, engine.nextTensorId())
    : null

/** Makes handles on whatever memory a tensor has when it is called; `null` where handles look different. */
export const handlesOn = (engine: object, tensor: tf.Tensor): (() => tf.Tensor) | null =>
  isEngine(engine) && isHandle(tensor)
    ? () => new tf.Tensor(tensor.shape, tensor.dtype, tensor.dataId, engine.nextTensorId())
    : null

/** Marks a handle whose place another one has: nothing is counted. */
export const retire = (tensor: tf.Tensor): void => {
  const handle: object = tensor
  if (isHandle(handle)) handle.isDisposedInternal = true
}
