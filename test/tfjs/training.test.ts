/** Training by toOptimizer is the training by TensorFlow.js's own optimizer, where that has the same rule. */
import * as tf from '@tensorflow/tfjs'
import { adagrad, adam, adamax, rmsprop, sgd } from 'gradpipe'
import { toOptimizer } from 'gradpipe/tfjs'
import { describe, expect, test } from 'vitest'
import { backends, useBackend } from '../backends.js'
import { isThorough } from '../laws/runs.js'
import type { Data } from './digits.js'
import { tasks, train, weightsOf } from './models.js'

/**
 * What may lie between two trainings. Both compute in float32, but TensorFlow.js rounds after each of its operations, and
 * keeps the powers of the decays in float32 too: a few units in the last place of a step, over 24 steps at most. 1e-6 was
 * seen, and an epsilon in another place makes 3e-2.
 */
const tolerance = 5e-6

/**
 * The same rule twice, with the same constants.
 *
 * There is no adadelta: TensorFlow.js divides by the average of the squares before this gradient, Zeiler's by the one
 * with it.
 */
const rules = [
  { name: 'sgd', ours: () => toOptimizer(sgd(0.1)), theirs: () => tf.train.sgd(0.1) },
  {
    name: 'momentum',
    ours: () => toOptimizer(sgd(0.05, { momentum: 0.9 })),
    theirs: () => tf.train.momentum(0.05, 0.9),
  },
  {
    name: 'Nesterov momentum',
    ours: () => toOptimizer(sgd(0.05, { momentum: 0.9, nesterov: true })),
    theirs: () => tf.train.momentum(0.05, 0.9, true),
  },
  {
    name: 'adagrad',
    ours: () => toOptimizer(adagrad(0.05, { initialAccumulatorValue: 0.1, eps: 1e-7 })),
    theirs: () => tf.train.adagrad(0.05, 0.1),
  },
  {
    name: 'rmsprop',
    ours: () => toOptimizer(rmsprop(0.002, { decay: 0.9, eps: 1e-6 })),
    theirs: () => tf.train.rmsprop(0.002, 0.9, 0, 1e-6),
  },
  {
    name: 'rmsprop with momentum',
    ours: () => toOptimizer(rmsprop(0.002, { decay: 0.9, eps: 1e-6, momentum: 0.5 })),
    theirs: () => tf.train.rmsprop(0.002, 0.9, 0.5, 1e-6),
  },
  {
    name: 'adam',
    ours: () => toOptimizer(adam(0.005, { eps: 1e-5 })),
    theirs: () => tf.train.adam(0.005, 0.9, 0.999, 1e-5),
  },
  {
    name: 'adamax',
    ours: () => toOptimizer(adamax(0.005, { eps: 1e-9 })),
    theirs: () => tf.train.adamax(0.005, 0.9, 0.999, 1e-9),
  },
]

const epochs = isThorough ? 4 : 2

/** The first batch of some data, which is freed. */
const firstOf = (data: Data): Data => {
  const [x, y] = [data.x, data.y].map((all) => tf.slice(all, [0], [16]))
  tf.dispose([data.x, data.y])
  if (x === undefined || y === undefined) throw new Error('there are no data')
  return { x, y }
}

describe.each(backends)('on %s', (backend) => {
  describe.each(tasks.filter(({ on }) => on.includes(backend)))('$name', (task) => {
    test.each(rules)('is trained by $name as by tf.train', async (rule) => {
      await useBackend(backend)
      const { ours, theirs } = rule
      // without `CI` every second rule has one batch for all data, and on the next task the others have
      const isShort = !isThorough && (rules.indexOf(rule) + tasks.indexOf(task)) % 2 === 1
      const data = isShort ? firstOf(task.data()) : task.data()
      const trained = async (optimizer: tf.Optimizer) => {
        const model = task.model()
        const before = weightsOf(model)
        model.compile({ optimizer, loss: 'categoricalCrossentropy' })
        const losses = await train(model, data, epochs)
        const weights = weightsOf(model)
        model.dispose()
        optimizer.dispose()
        return { before, losses, weights }
      }
      const [mine, reference] = [await trained(ours()), await trained(theirs())]
      expect(mine.before).toEqual(reference.before)
      expect(mine.losses.at(-1)).toBeLessThan(mine.losses[0] ?? 0)
      const off = mine.weights.map((weight, i) =>
        Math.max(...weight.map((w, j) => Math.abs(w - (reference.weights[i]?.[j] ?? Number.NaN)))),
      )
      expect(Math.max(...off)).toBeLessThan(tolerance)
      tf.dispose([data.x, data.y])
    })
  })
})
