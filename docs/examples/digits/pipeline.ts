/** Training with gradpipe: an optimizer put together from parts, and a loop that hands its state on. */

import type * as tf from '@tensorflow/tfjs-core'
import {
  adamw,
  chain,
  clipByGlobalNorm,
  dispose,
  ema,
  type GradientTransformation,
  step,
  type tree,
  warmupCosineDecaySchedule,
} from 'gradpipe'
import { valueAndGrad } from 'gradpipe/tfjs'
import type { Batch } from './batch.js'
import type { Model } from './model.js'
import { crossEntropy } from './network.js'
import type { Training } from './training.js'

/** Clipped gradients, AdamW, and a learning rate that warms up and then falls along a cosine. */
export const pipeline = (steps: number): GradientTransformation => {
  const learningRate = warmupCosineDecaySchedule({
    initValue: 0,
    peakValue: 0.02,
    warmupSteps: steps / 10,
    decaySteps: steps,
  })
  return chain(clipByGlobalNorm(1), adamw(learningRate, { weightDecay: 0.01 }))
}

/** Trains a model by any optimizer of gradpipe, and keeps a moving average of its weights. */
export function* train<P extends tree.Tree<tf.Tensor>>(
  optimizer: GradientTransformation,
  { begin, predictWith }: Model<P>,
  batches: Iterable<Batch>,
): Training {
  const lossAndGrads = valueAndGrad((network: P, { images, labels }: Batch) =>
    crossEntropy(predictWith(network)(images), labels),
  )
  const advance = step(optimizer)
  const averaging = ema(0.98)

  let network = begin()
  let state = optimizer.init(network)
  let averages = averaging.init(network)

  for (const batch of batches) {
    const { value, grads } = lossAndGrads(network, batch)
    const [nextNetwork, nextState] = advance(network, state, grads)
    const [average, nextAverages] = averaging.update(nextNetwork, averages)

    yield {
      loss: value.arraySync(),
      predict: predictWith(nextNetwork),
      predictAveraged: predictWith(average),
    }

    // A step changes nothing that it is given and returns new tensors, so what is no longer needed is ours to free.
    dispose(value, grads, average, network, state, averages)
    network = nextNetwork
    state = nextState
    averages = nextAverages
  }
  dispose(network, state, averages)
}
