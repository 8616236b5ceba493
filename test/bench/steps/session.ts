/** Training, a step at a time: what of a step's time is the optimizer's is taken as well. */
import * as tf from '@tensorflow/tfjs'
import { adam, dispose, step, tree } from 'gradpipe'
import { toOptimizer, valueAndGrad } from 'gradpipe/tfjs'
import {
  byProduct,
  initialTransformer,
  type Transformer,
  type TransformerSizes,
  tokensFor,
  transformerLoss,
} from '../../../docs/examples/muon/transformer.js'
import type { Network } from '../../tfjs/networks/layers.js'
import { hyper } from '../rules.js'

/** A training at work. */
export interface Training {
  /** From a batch to the next weights; gives the loss, so it waits for what a device does. */
  readonly step: () => Promise<number>
  /** Milliseconds of all steps so far that the optimizer took; null where it cannot be told apart. */
  readonly optimizer: () => number | null
  readonly close: () => void
}

/** Who trains: gradpipe, or TensorFlow.js alone. */
export type Library = 'gradpipe' | 'tf.train'

const { learningRate, b1, b2, eps } = hyper

const optimizerOf = (library: Library): tf.Optimizer =>
  library === 'gradpipe'
    ? toOptimizer(adam(learningRate, { b1, b2, eps }))
    : tf.train.adam(learningRate, b1, b2, eps)

/** What a step of an optimizer takes beyond the gradients, by its own methods, on backends that wait for kernels. */
const timed = (optimizer: tf.Optimizer): (() => number) => {
  let ms = 0
  const { minimize, computeGradients } = optimizer
  optimizer.minimize = (...args) => {
    const start = performance.now()
    const cost = minimize.apply(optimizer, args)
    ms += performance.now() - start
    return cost
  }
  optimizer.computeGradients = (...args) => {
    const start = performance.now()
    const gradients = computeGradients.apply(optimizer, args)
    ms -= performance.now() - start
    return gradients
  }
  return () => ms
}

/** Trains a model of layers by `trainOnBatch`. */
export const ofLayers = ({ make, data }: Network, batch: number, library: Library): Training => {
  const model = make()
  const optimizer = optimizerOf(library)
  const spent = timed(optimizer)
  model.compile({ optimizer, loss: 'categoricalCrossentropy' })
  const { x, y } = data(batch)
  return {
    // without metrics it is one number
    step: async () => Number(await model.trainOnBatch(x, y)),
    optimizer: spent,
    close: () => {
      model.dispose()
      optimizer.dispose()
      tf.dispose([x, y])
    },
  }
}

/** The sizes of a transformer, and how many sequences it reads at once. */
export interface TransformerTask extends TransformerSizes {
  readonly batch: number
}

/** Its loss on a batch, for both libraries: by products, as TensorFlow.js has no gradient of `gather` on WASM. */
const transformerTask = ({ batch, ...sizes }: TransformerTask) => {
  const { words, next } = tokensFor(sizes, batch)
  const loss = transformerLoss(sizes, byProduct)
  return {
    loss: (weights: Transformer): tf.Scalar => loss(weights, words, next) as tf.Scalar, // a sum
    weights: initialTransformer(sizes),
    free: () => tf.dispose([words, next]),
  }
}

const pureTransformer = (task: TransformerTask): Training => {
  const { loss, free, ...initial } = transformerTask(task)
  const tx = adam(learningRate, { b1, b2, eps })
  const gradient = valueAndGrad(loss)
  const advance = step(tx, { donate: true })
  let optimizing = 0
  let { weights } = initial
  let state = tx.init(weights)
  return {
    step: async () => {
      const { value, grads } = gradient(weights)
      const start = performance.now()
      ;[weights, state] = advance(weights, state, grads)
      optimizing += performance.now() - start
      const [number = Number.NaN] = await value.data()
      value.dispose()
      return number
    },
    optimizer: () => optimizing,
    close: () => {
      dispose(weights, state)
      free()
    },
  }
}

const trainTransformer = (task: TransformerTask): Training => {
  const { loss, free, weights: initial } = transformerTask(task)
  const optimizer = optimizerOf('tf.train')
  const spent = timed(optimizer)
  // a tree of the same form
  const weights = tree.map((weight: tf.Tensor): tf.Tensor => tf.variable(weight))(initial) as Transformer
  dispose(initial)
  return {
    step: async () => {
      const value = optimizer.minimize(() => loss(weights), true)
      const [number = Number.NaN] = (await value?.data()) ?? []
      value?.dispose()
      return number
    },
    optimizer: spent,
    close: () => {
      optimizer.dispose()
      dispose(weights)
      free()
    },
  }
}

/** Trains a transformer: by `valueAndGrad` and `step`, or by `minimize`. */
export const ofTransformer = (task: TransformerTask, library: Library): Training =>
  library === 'gradpipe' ? pureTransformer(task) : trainTransformer(task)
