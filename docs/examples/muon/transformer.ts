/** A small decoder-only transformer in plain tensors: its parameters, and its scores and loss as functions of them. */
import * as tf from '@tensorflow/tfjs'

/** Its sizes. */
export interface TransformerSizes {
  readonly layers: number
  readonly width: number
  readonly heads: number
  readonly sequence: number
  readonly vocabulary: number
}

// types, not interfaces, which are no records of leaves

type Norm = {
  readonly scale: tf.Tensor1D
  readonly offset: tf.Tensor1D
}

type Block = {
  readonly attention: Norm & { readonly qkv: tf.Tensor2D; readonly out: tf.Tensor2D }
  readonly mlp: Norm & { readonly up: tf.Tensor2D; readonly bias: tf.Tensor1D; readonly down: tf.Tensor2D }
}

/** Its parameters: the words' vectors are those of inputs and outputs. */
export type Transformer = {
  readonly words: tf.Tensor2D
  readonly places: tf.Tensor2D
  readonly blocks: readonly Block[]
  readonly last: Norm
}

/** Parameters to begin with, the same each time for a seed. */
export const initialTransformer = (
  { layers, width, sequence, vocabulary }: TransformerSizes,
  firstSeed = 1,
): Transformer => {
  let seed = firstSeed
  const normal = (rows: number, columns: number): tf.Tensor2D =>
    tf.tidy(
      () => tf.mul(tf.randomNormal([rows, columns], 0, 1, 'float32', seed++), rows ** -0.5) as tf.Tensor2D,
    )
  const norm = (): Norm => ({ scale: tf.ones([width]), offset: tf.zeros([width]) })
  return {
    words: normal(vocabulary, width),
    places: normal(sequence, width),
    blocks: Array.from({ length: layers }, () => ({
      attention: { ...norm(), qkv: normal(width, 3 * width), out: normal(width, width) },
      mlp: {
        ...norm(),
        up: normal(width, 4 * width),
        bias: tf.zeros([4 * width]),
        down: normal(4 * width, width),
      },
    })),
    last: norm(),
  }
}

/** Words to read, and the words that come next: [batch, sequence] of int32. */
export const tokensFor = (
  { sequence, vocabulary }: TransformerSizes,
  batch: number,
): { readonly words: tf.Tensor2D; readonly next: tf.Tensor2D } =>
  tf.tidy(() => {
    const text = tf.cast(
      tf.floor(tf.randomUniform([batch, sequence + 1], 0, vocabulary, 'float32', 7)),
      'int32',
    ) as tf.Tensor2D
    return {
      words: tf.slice(text, [0, 0], [batch, sequence]),
      next: tf.slice(text, [0, 1], [batch, sequence]),
    }
  })

const normalize = (x: tf.Tensor, { scale, offset }: Norm): tf.Tensor2D => {
  const { mean, variance } = tf.moments(x, -1, true)
  const normal = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5)))
  return tf.add(tf.mul(normal, scale), offset)
}

const attend = (x: tf.Tensor, p: Block['attention'], mask: tf.Tensor, sizes: TransformerSizes): tf.Tensor => {
  const { width, heads, sequence } = sizes
  const batch = x.size / (sequence * width)
  const [q, k, v] = tf
    .split(tf.matMul(normalize(x, p), p.qkv), 3, -1)
    .map((each) => tf.transpose(tf.reshape(each, [batch, sequence, heads, width / heads]), [0, 2, 1, 3]))
  if (q === undefined || k === undefined || v === undefined) throw new Error('three parts')
  const scores = tf.add(tf.mul(tf.matMul(q, k, false, true), (width / heads) ** -0.5), mask)
  const read = tf.transpose(tf.matMul(tf.softmax(scores), v), [0, 2, 1, 3])
  return tf.matMul(tf.reshape(read, [batch * sequence, width]) as tf.Tensor2D, p.out)
}

const think = (x: tf.Tensor, p: Block['mlp']): tf.Tensor =>
  tf.matMul(tf.relu(tf.add(tf.matMul(normalize(x, p), p.up), p.bias)) as tf.Tensor2D, p.down)

/** Finds the vectors of words. */
export type LookUp = (vectors: tf.Tensor2D, words: tf.Tensor1D) => tf.Tensor

/** By a product with ones and zeros, for backends without the gradient of `gather`. */
export const byProduct: LookUp = (vectors, words) =>
  tf.matMul(tf.cast(tf.oneHot(words, vectors.shape[0]), 'float32') as tf.Tensor2D, vectors)

/** Scores of what comes next, a row for each word that is read. */
export const transformerScores =
  (sizes: TransformerSizes, lookUp: LookUp = tf.gather) =>
  ({ words, places, blocks, last }: Transformer, read: tf.Tensor2D): tf.Tensor2D => {
    const { width, sequence } = sizes
    const rows = read.size
    // nothing may look ahead
    const mask = tf.mul(tf.sub(1, tf.linalg.bandPart(tf.ones([sequence, sequence]), -1, 0)), -1e9)
    const found = lookUp(words, tf.reshape(read, [rows]))
    const embedded = tf.add(tf.reshape(found, [-1, sequence, width]), places)
    const x = blocks.reduce<tf.Tensor>(
      (x, { attention, mlp }) => {
        const after = tf.add(x, attend(x, attention, mask, sizes))
        return tf.add(after, think(after, mlp))
      },
      tf.reshape(embedded, [rows, width]),
    )
    return tf.matMul(normalize(x, last), words, false, true)
  }

/** The mean negative log-likelihood of the next words. */
export const transformerLoss = (sizes: TransformerSizes, lookUp: LookUp = tf.gather) => {
  const scores = transformerScores(sizes, lookUp)
  return (parameters: Transformer, read: tf.Tensor2D, next: tf.Tensor2D): tf.Tensor => {
    const rows = read.size
    const targets = tf.oneHot(tf.reshape(next, [rows]) as tf.Tensor1D, sizes.vocabulary)
    return tf.neg(tf.div(tf.sum(tf.mul(tf.logSoftmax(scores(parameters, read)), targets)), rows))
  }
}
