/**
 * A variable's memory lent to a step, and back: the variable stays the same object, and its memory the same where the
 * step could write over it.
 *
 * How a variable holds its memory is not public API of TensorFlow.js: this is the only file here that knows it. Where
 * it looks different, the step gets a copy, and the variable is assigned its result.
 */
import * as tf from '@tensorflow/tfjs-core'
import { cloneTensor } from '../../interpret/tensor.js'

/** What the engine does to name a new handle. */
interface Engine {
  nextTensorId(): number
}

/** What is written of a handle: where its data are, and that it is no longer to be used. */
interface Handle {
  dataId: object
  isDisposedInternal: boolean
}

const isEngine = (engine: object): engine is Engine =>
  'nextTensorId' in engine && typeof engine.nextTensorId === 'function'

const isHandle = (tensor: object): tensor is Handle =>
  'isDisposedInternal' in tensor &&
  typeof tensor.isDisposedInternal === 'boolean' &&
  Object.getOwnPropertyDescriptor(tensor, 'dataId')?.writable === true

/** A tensor that stands for a variable in a step. */
export interface Loan {
  /** To be given to a step that may consume it. */
  readonly tensor: tf.Tensor
  /** Gives the variable what the step made of it, and takes that tensor over. */
  readonly settle: (result: tf.Tensor) => void
  /** Takes the tensor back, where there was no step. */
  readonly cancel: () => void
}

/** The variable's numbers are copied in the step, and assigned after it. */
const copied = (variable: tf.Variable): Loan => {
  const tensor = cloneTensor(variable)
  return {
    tensor,
    settle: (result) => {
      variable.assign(result)
      result.dispose()
    },
    cancel: () => tensor.dispose(),
  }
}

/**
 * Lends a variable's memory. Engine and backend count handles and references: since one handle stands where another
 * stood, all counts stay as they are.
 */
export const lend = (variable: tf.Variable): Loan => {
  const known: object = tf.engine()
  const own: object = variable
  if (!isEngine(known) || !isHandle(own)) return copied(variable)
  const tensor = new tf.Tensor(variable.shape, variable.dtype, variable.dataId, known.nextTensorId())
  const lent: object = tensor
  if (!isHandle(lent)) return copied(variable)
  return {
    tensor,
    settle: (result) => {
      own.dataId = result.dataId
      const handle: object = result
      // it is a tensor as the lent one is
      if (isHandle(handle)) handle.isDisposedInternal = true
    },
    cancel: () => {
      lent.isDisposedInternal = true
    },
  }
}

/** Calls a function while variables have other values. */
export const withValues = <T>(
  pairs: readonly (readonly [variable: tf.Variable, value: tf.Tensor])[],
  call: () => T,
): T => {
  const before = pairs.map(([{ dataId }]) => dataId)
  for (const [variable, { dataId }] of pairs) variable.dataId = dataId
  try {
    return call()
  } finally {
    for (const [i, [variable]] of pairs.entries()) variable.dataId = before[i] ?? variable.dataId
  }
}
