/** A network that learns: its parameters, the state of its optimizer, the digits, and functions of these. */
import * as tf from '@tensorflow/tfjs-core'
import { dispose, type GradientTransformation, step } from 'gradpipe'
import { valueAndGrad } from 'gradpipe/tfjs'
import { type Batch, shuffled } from '../../examples/digits/batch.js'
import {
  classes,
  crossEntropy,
  type Network,
  newNetwork,
  pixels,
  predictWith,
  shareRight,
} from '../../examples/digits/network.js'
import type { PackedDigits } from './load.js'
import type { Packed } from './pack.js'
import { batchSize, stepsPerEpoch } from './sizes.js'

/** All digits, on the device. */
export interface Digits {
  readonly train: Batch
  readonly test: Batch
}

const toBatch = ({ labels, pixels: bytes }: Packed): Batch => {
  const ones = new Float32Array(labels.length * classes)
  for (const [i, label] of labels.entries()) ones[i * classes + label] = 1
  const images = Float32Array.from(bytes, (x) => x / 255)
  return {
    images: tf.tensor2d(images, [labels.length, pixels]),
    labels: tf.tensor2d(ones, [labels.length, classes]),
  }
}

/** Puts digits onto the device; they are the caller's to dispose. */
export const toDevice = ({ train, test }: PackedDigits): Digits => ({
  train: toBatch(train),
  test: toBatch(test),
})

/** A network, and how it learns. What its functions return is the caller's to dispose. */
export interface Learner {
  /** Learns from the next batch. Gives its loss before the step. */
  readonly step: () => tf.Scalar
  /** The steps taken. */
  readonly steps: () => number
  /** The share of the test digits that are read right. */
  readonly accuracy: () => tf.Scalar
  /** How likely a picture of 784 pixels is each digit. */
  readonly probabilities: (picture: Float32Array) => tf.Tensor
  /** Frees all that is the learner's: not the digits. */
  readonly dispose: () => void
}

const lossAndGrads = valueAndGrad((network: Network, { images, labels }: Batch) =>
  crossEntropy(predictWith(network)(images), labels),
)

/** A new network. Each starts with the same weights, and sees the digits in the same order. */
export const newLearner = ({ train, test }: Digits, tx: GradientTransformation<unknown>): Learner => {
  const advance = step(tx, { donate: true })
  const numbers = Array.from({ length: train.images.shape[0] }, (_, i) => i)
  let network = newNetwork()
  let state = tx.init(network)
  let steps = 0
  let order: readonly number[] = []

  const nextBatch = (): Batch => {
    const at = steps % stepsPerEpoch
    if (at === 0) order = shuffled(numbers, 1 + steps / stepsPerEpoch)
    return tf.tidy(() => {
      const chosen = tf.tensor1d(order.slice(at * batchSize, (at + 1) * batchSize), 'int32')
      return { images: tf.gather(train.images, chosen), labels: tf.gather(train.labels, chosen) }
    })
  }

  return {
    step: () => {
      const batch = nextBatch()
      try {
        const { value, grads } = lossAndGrads(network, batch)
        ;[network, state] = advance(network, state, grads)
        steps++
        return value
      } finally {
        dispose(batch)
      }
    },
    steps: () => steps,
    accuracy: () => shareRight(predictWith(network), test),
    probabilities: (picture) =>
      tf.tidy(() => tf.softmax(predictWith(network)(tf.tensor2d(picture, [1, pixels])))),
    dispose: () => dispose(network, state),
  }
}
