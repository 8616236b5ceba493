/**
 * A variable's memory lent to a step, and back: the variable stays the same object, and its memory the same where the
 * step could write over it.
 *
 * How a variable holds its memory is not public API of TensorFlow.js: this is the only file that knows it. Where it looks
 * different, the step gets a copy, and the variable is assigned its result.
 */
import * as tf from '@tensorflow/tfjs-core'
import { anotherHandle, retire } from '../../host/tfjs/handle.js'
import { cloneTensor } from '../../host/tfjs/tensor.js'

/** What is written of a variable: where its data are. */
interface Movable {
  dataId: object
}

const isMovable = (variable: object): variable is Movable =>
  Object.getOwnPropertyDescriptor(variable, 'dataId')?.writable === true

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

/** Lends a variable's memory: for as long as it is lent, another handle stands in the variable's place. */
export const lender = (variable: tf.Variable): (() => Loan) => {
  const own: object = variable
  if (!isMovable(own)) return () => copied(variable)
  const settle = (result: tf.Tensor): void => {
    own.dataId = result.dataId
    retire(result)
  }
  return () => {
    const tensor = anotherHandle(tf.engine(), variable)
    return tensor === null ? copied(variable) : { tensor, settle, cancel: () => retire(tensor) }
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
