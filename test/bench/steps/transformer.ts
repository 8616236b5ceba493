/** A small decoder-only transformer of plain tensors: what it is made of, and its loss on a batch. */
import * as tf from '@tensorflow/tfjs-core'
import { noise } from '../noise.js'

/** Its sizes. */
export const sizes = { batch: 8, length: 64, width: 128, heads: 4, layers: 2, vocabulary: 128 } as const

const { batch, length, width, heads, layers, vocabulary } = sizes

/** The shapes of the parameters, by name; those of a layer begin with its number. */
const shapes: Readonly<Record<string, readonly number[]>> = {
  embed: [vocabulary, width],
  position: [length, width],
  ...Object.fromEntries(
    Array.from({ length: layers }, (_, i) =>
      Object.entries({
        scale1: [width],
        shift1: [width],
        attend: [width, 3 * width],
        project: [width, width],
        scale2: [width],
        shift2: [width],
        up: [width, 4 * width],
        upBias: [4 * width],
        down: [4 * width, width],
        downBias: [width],
      }).map(([name, shape]) => [`${i}.${name}`, shape] as const),
    ).flat(),
  ),
  scale: [width],
  shift: [width],
  head: [width, vocabulary],
}

/** A parameter before the training, as numbers. */
export interface Parameter {
  readonly name: string
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/** The parameters before the training: scales are 1, and the spread of a matrix is that of its inputs. */
export const parameters: readonly Parameter[] = Object.entries(shapes).map(([name, shape], i) => {
  const n = shape.reduce((a, b) => a * b, 1)
  const values = /scale/.test(name)
    ? new Float32Array(n).fill(1)
    : shape.length < 2
      ? new Float32Array(n)
      : noise(n, 1 / Math.sqrt(shape[0] ?? 1), i + 1)
  return { name, shape, values }
})

/** Words, and the word that follows each: [batch · length] numbers below the vocabulary. */
export const words = (): { readonly before: Int32Array; readonly next: Int32Array } => {
  const all = Int32Array.from(noise(batch * length + 1, vocabulary, 9), (x) => Math.floor(Math.abs(x)))
  return { before: all.slice(0, -1), next: all.slice(1) }
}

/** Parameters as tensors. */
export type Weights = Readonly<Record<string, tf.Tensor>>

/** Words as ones among zeros, [batch · length, vocabulary]: what WASM can differentiate without gradpipe, too. */
export interface Batch {
  readonly before: tf.Tensor2D
  readonly next: tf.Tensor2D
}

/** The batch as tensors. */
export const batchOf = (): Batch => {
  const { before, next } = words()
  const oneHot = (numbers: Int32Array): tf.Tensor2D =>
    tf.tidy(() => tf.oneHot(tf.tensor1d(numbers, 'int32'), vocabulary).toFloat() as tf.Tensor2D) // of a vector
  return { before: oneHot(before), next: oneHot(next) }
}

/** Before a word come those that it may attend to: 0 for them, and −1e9 for those after it. */
export const causal = (): Float32Array => {
  const mask = new Float32Array(length * length)
  for (let i = 0; i < length; i++) mask.fill(-1e9, i * length + i + 1, (i + 1) * length)
  return mask
}

const norm = (x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor): tf.Tensor => {
  const centred = tf.sub(x, tf.mean(x, -1, true))
  const variance = tf.mean(tf.square(centred), -1, true)
  return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-5))), scale), shift)
}

const split = (x: tf.Tensor): tf.Tensor =>
  tf.transpose(tf.reshape(x, [batch, length, heads, width / heads]), [0, 2, 1, 3])

const attention = (x: tf.Tensor, attend: tf.Tensor, project: tf.Tensor, mask: tf.Tensor): tf.Tensor => {
  const [q, k, v] = tf.split(tf.matMul(x, attend), 3, 1).map(split)
  if (q === undefined || k === undefined || v === undefined) throw new Error('three parts')
  const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(width / heads))
  const mixed = tf.matMul(tf.softmax(tf.add(scores, mask)), v)
  return tf.matMul(tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [batch * length, width]), project)
}

/** The mean cross-entropy of the next word. */
export const loss = (weights: Weights, { before, next }: Batch): tf.Scalar => {
  const at = (name: string): tf.Tensor => {
    const weight = weights[name]
    if (weight === undefined) throw new Error(`no ${name}`)
    return weight
  }
  const mask = tf.tensor2d(causal(), [length, length])
  const positions = tf.tile(at('position'), [batch, 1])
  let h = tf.add(tf.matMul(before, at('embed')), positions)
  for (let i = 0; i < layers; i++) {
    const own = (name: string): tf.Tensor => at(`${i}.${name}`)
    const first = norm(h, own('scale1'), own('shift1'))
    h = tf.add(h, attention(first, own('attend'), own('project'), mask))
    const second = norm(h, own('scale2'), own('shift2'))
    const inner = tf.relu(tf.add(tf.matMul(second, own('up')), own('upBias')))
    h = tf.add(h, tf.add(tf.matMul(inner, own('down')), own('downBias')))
  }
  const scores = tf.matMul(norm(h, at('scale'), at('shift')), at('head'))
  return tf.losses.softmaxCrossEntropy(next, scores)
}
