/**
 * A variable's memory lent to a step, and back: the variable stays the same object, and its memory the same where the
 * step could write over it.
 *
 * How a variable holds its memory is not public API of TensorFlow.js: this is the only file that knows it. Where it looks
 * different, the step gets a copy, and the variable is assigned its result.
 */
import * as tf from '@tensorflow/tfjs-core'
import { handlesOn, retire } from '../../host/tfjs/handle.js'
import { cloneTensor } from '../../host/tfjs/tensor.js'

/** What is written of a variable: where its data are. */
interface Movable {
  dataId: object
}

const isMovable = (variable: object): variable is Movable =>
  Object.getOwnPropertyDescriptor(variable, 'dataId')?.writable === true

/** How a variable's memory is lent to a step. */
interface Loan {
  /** A tensor in the variable's place, to be given to a step that may consume it. */
  readonly lend: () => tf.Tensor
  /** Gives the variable what the step made of the tensor, and takes that over. */
  readonly settle: (result: tf.Tensor) => void
  /** Takes the tensor back, where there was no step. */
  readonly cancel: (tensor: tf.Tensor) => void
}

/** The variable's numbers are copied in the step, and assigned after it. */
const copies = (variable: tf.Variable): Loan => ({
  lend: () => cloneTensor(variable),
  settle: (result) => {
    variable.assign(result)
    result.dispose()
  },
  cancel: (tensor) => tensor.dispose(),
})

/** Lends a variable's memory: for as long as it is lent, another handle stands in the variable's place. */
export const loanOf = (variable: tf.Variable): Loan => {
  const own: object = variable
  const lend = handlesOn(tf.engine(), variable)
  if (!isMovable(own) || lend === null) return copies(variable)
  return {
    lend,
    settle: (result) => {
      own.dataId = result.dataId
      retire(result)
    },
    cancel: retire,
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
