/** Training, a step at a time: what of a step's time is the optimizer's is taken as well. */
import * as tf from '@tensorflow/tfjs'
import { adam, dispose, step, valueAndGrad } from 'gradpipe'
import { toOptimizer } from 'gradpipe/tfjs'
import { hyper } from '../rules.js'
import type { LayersModel } from './models.js'
import { type Batch, batchOf, loss, parameters, type Weights } from './transformer.js'

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
export const ofLayers = ({ make, data }: LayersModel, library: Library): Training => {
  const model = make()
  const optimizer = optimizerOf(library)
  const spent = timed(optimizer)
  model.compile({ optimizer, loss: 'categoricalCrossentropy' })
  const { x, y } = data()
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

const weightsOf = <T extends tf.Tensor>(wrap: (tensor: tf.Tensor) => T): Readonly<Record<string, T>> =>
  Object.fromEntries(
    parameters.map(({ name, shape, values }) => [name, wrap(tf.tensor(values, [...shape]))] as const),
  )

const pureTransformer = (batch: Batch): Training => {
  const tx = adam(learningRate, { b1, b2, eps })
  const gradient = valueAndGrad((weights: Weights) => loss(weights, batch))
  const advance = step(tx, { donate: true })
  let optimizing = 0
  let weights: Weights = weightsOf((tensor) => tensor)
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
      tf.dispose([batch.before, batch.next])
    },
  }
}

const trainTransformer = (batch: Batch): Training => {
  const optimizer = optimizerOf('tf.train')
  const spent = timed(optimizer)
  const weights = weightsOf((tensor) => {
    const variable = tf.variable(tensor)
    tensor.dispose()
    return variable
  })
  return {
    step: async () => {
      const value = optimizer.minimize(() => loss(weights, batch), true)
      const [number = Number.NaN] = (await value?.data()) ?? []
      value?.dispose()
      return number
    },
    optimizer: spent,
    close: () => {
      optimizer.dispose()
      tf.dispose([...Object.values(weights), batch.before, batch.next])
    },
  }
}

/** Trains the transformer: by `valueAndGrad` and `step`, or by `minimize`. */
export const ofTransformer = (library: Library): Training =>
  library === 'gradpipe' ? pureTransformer(batchOf()) : trainTransformer(batchOf())
