/** Small models and real data that optimizers are tested on: handwritten digits, and the text of a licence. */
import { readFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs'
import { backends } from '../backends.js'
import { type Data, digits } from './digits.js'

/** A model that begins at the same weights each time, not compiled, and its data. */
export interface Task {
  readonly name: string
  /** Where TensorFlow.js alone has all kernels that its gradients need, so that its optimizers can be compared. */
  readonly on: readonly (typeof backends)[number][]
  readonly model: () => tf.LayersModel
  readonly data: () => Data
}

const seeded = (seed: number) => tf.initializers.glorotUniform({ seed })

const size = 28 * 28

/** A dense network on digits. */
export const dense: Task = {
  name: 'a dense network on digits',
  on: backends,
  model: () =>
    tf.sequential({
      layers: [
        tf.layers.dense({ inputShape: [size], units: 16, activation: 'relu', kernelInitializer: seeded(1) }),
        tf.layers.dense({ units: 10, activation: 'softmax', kernelInitializer: seeded(2) }),
      ],
    }),
  data: () => digits(96, [size]),
}

/** A convolutional network on digits. */
const convolutional: Task = {
  name: 'a convolutional network on digits',
  // WASM has no Conv2DBackpropFilter
  on: ['cpu'],
  model: () =>
    tf.sequential({
      layers: [
        tf.layers.conv2d({
          inputShape: [28, 28, 1],
          filters: 4,
          kernelSize: 5,
          strides: 2,
          activation: 'tanh',
          kernelInitializer: seeded(3),
        }),
        tf.layers.averagePooling2d({ poolSize: 2 }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 10, activation: 'softmax', kernelInitializer: seeded(4) }),
      ],
    }),
  data: () => digits(32, [28, 28, 1]),
}

/** So many words of the Apache licence, as numbers from 1 on in the order of their first use. */
const words = (n: number): { readonly numbers: readonly number[]; readonly vocabulary: number } => {
  const text = readFileSync(new URL('../../LICENSE', import.meta.url), 'utf8')
  const all = (text.toLowerCase().match(/[a-z]+/g) ?? []).slice(0, n)
  const known = new Map<string, number>()
  for (const word of all) if (!known.has(word)) known.set(word, known.size + 1)
  return { numbers: all.map((word) => known.get(word) ?? 0), vocabulary: known.size + 1 }
}

const text = words(150)
const window = 6

/** So many windows of the text, and the word after each. */
const windows = (n: number): { readonly before: tf.Tensor2D; readonly next: tf.Tensor2D } => {
  const starts = Array.from({ length: n }, (_, i) => i)
  const next = starts.map((i) => text.numbers[i + window] ?? 0)
  return {
    before: tf.tensor2d(starts.map((i) => text.numbers.slice(i, i + window))),
    next: tf.tidy(() => tf.oneHot(tf.tensor1d(next, 'int32'), text.vocabulary).toFloat() as tf.Tensor2D),
  }
}

const lstm = (): tf.layers.Layer =>
  tf.layers.lstm({
    units: 8,
    inputShape: [window, text.vocabulary],
    kernelInitializer: seeded(6),
    recurrentInitializer: seeded(7),
  })

const nextWord = (): tf.layers.Layer =>
  tf.layers.dense({ units: text.vocabulary, activation: 'softmax', kernelInitializer: seeded(8) })

/** An LSTM that learns which word comes next in the licence. */
export const recurrent: Task = {
  name: 'an LSTM on a text',
  on: backends,
  model: () => tf.sequential({ layers: [lstm(), nextWord()] }),
  data: () => {
    const { before, next } = windows(48)
    const x = tf.tidy(() => tf.oneHot(before.toInt(), text.vocabulary).toFloat())
    before.dispose()
    return { x, y: next }
  },
}

/** The same after an embedding. */
const embedded: Task = {
  name: 'an embedding and an LSTM on a text',
  // WASM has no UnsortedSegmentSum
  on: ['cpu'],
  model: () =>
    tf.sequential({
      layers: [
        tf.layers.embedding({
          inputDim: text.vocabulary,
          outputDim: 8,
          inputLength: window,
          embeddingsInitializer: tf.initializers.randomUniform({ minval: -0.5, maxval: 0.5, seed: 5 }),
        }),
        lstm(),
        nextWord(),
      ],
    }),
  data: () => {
    const { before, next } = windows(48)
    return { x: before, y: next }
  },
}

/** All of them. */
export const tasks: readonly Task[] = [dense, convolutional, recurrent, embedded]

/** A model's weights as they are now, one list. */
export const weightsOf = (model: tf.LayersModel): readonly (readonly number[])[] =>
  model.getWeights().map((weight) => [...weight.dataSync()])

/** Trains for some epochs; the order of the data is given. Tells the losses. */
export const train = async (
  model: tf.LayersModel,
  { x, y }: Data,
  epochs: number,
  more: tf.ModelFitArgs = {},
): Promise<readonly number[]> => {
  const { history } = await model.fit(x, y, { epochs, batchSize: 16, shuffle: false, ...more })
  return (history.loss ?? []).map(Number)
}
