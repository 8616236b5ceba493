/** Batches, and the order in which digits are dealt out. */
import * as tf from '@tensorflow/tfjs-core'

/** Digits as tensors, one in each row. */
export interface Batch {
  /** The pixels, [n, 784], from 0 (paper) to 1 (ink). */
  readonly images: tf.Tensor2D
  /** What they are, [n, 10]: a 1 among zeros. */
  readonly labels: tf.Tensor2D
}

/** The items in an order that the seed decides. */
export const shuffled = <T>(items: readonly T[], seed: number): readonly T[] => {
  const keys = tf.tidy(() => tf.randomUniform([items.length], 0, 1, 'float32', seed).dataSync())
  return items
    .map((item, i) => ({ item, key: keys[i] ?? 0 }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item)
}
