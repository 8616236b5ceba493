import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  adamw,
  applyIfFinite,
  chain,
  clipByGlobalNorm,
  dispose,
  ema,
  exponentialDecay,
  type GradpipeError,
  injectHyperparams,
  monitor,
  multiSteps,
  norm,
  scaleByAdam,
  scaleBySchedule,
  sgd,
  snapshot,
} from '../../src/index.js'
import {
  exponentialMovingAverage,
  learningRateLogger,
  learningRateScheduler,
  measurementLogger,
  modelToTree,
  type TrainingCallback,
  toOptimizer,
} from '../../src/tfjs/index.js'
import { backends, numbers, useBackend } from '../backends.js'
import { normalized } from './digitModels.js'

const loss = 'categoricalCrossentropy'
const schedule = exponentialDecay({ initValue: 0.2, transitionSteps: 1, decayRate: 0.5 })
const halving = (n: number): number => 0.5 ** n
const quiet = { verbose: 0, shuffle: false } as const

const weights = (model: tf.LayersModel): readonly (readonly number[])[] => model.getWeights().map(numbers)

/** A model, some digits, and its optimizer; freed after the test. */
const withModel = async (
  optimizer: tf.Optimizer,
  test: (model: tf.LayersModel, x: tf.Tensor, y: tf.Tensor) => Promise<void>,
): Promise<void> => {
  const { x, y } = normalized.data(32)
  const model = normalized.make()
  model.compile({ optimizer, loss, metrics: ['accuracy'] })
  try {
    await test(model, x, y)
  } finally {
    dispose(x, y)
    model.dispose()
    optimizer.dispose()
  }
}

describe.each(backends)('on %s', (backend) => {
  beforeAll(() => useBackend(backend))

  describe('exponentialMovingAverage', () => {
    it('averages the trained weights after every batch as ema does', () =>
      withModel(tf.train.sgd(0.1), async (model, x, y) => {
        const averages = exponentialMovingAverage(model, { decay: 0.9 })
        const tx = ema(0.9)
        const first = modelToTree(model).trainable
        let state = tx.init(first)
        let expected = first
        const seen: (typeof first)[] = []
        const spy = {
          onBatchEnd: () => {
            seen.push(modelToTree(model).trainable)
          },
        }
        await model.fit(x, y, { ...quiet, epochs: 3, batchSize: 8, callbacks: [averages, spy] })
        for (const now of seen) {
          const [next, after] = tx.update(now, state)
          dispose(state, expected, now)
          ;[expected, state] = [next, after]
        }
        const found = averages.averages()
        expect(seen.length).toBe(12)
        expect(Object.keys(found)).toEqual(Object.keys(expected))
        for (const [name, value] of Object.entries(found)) {
          const wanted = numbers(expected[name])
          for (const [i, n] of numbers(value).entries())
            expect(Math.abs(n - (wanted[i] ?? Number.NaN))).toBeLessThan(1e-6)
        }
        dispose(found, expected, state)
        averages.dispose()
      }))

    it('evaluates on the averages after each epoch, in the history', () =>
      withModel(tf.train.sgd(0.1), async (model, x, y) => {
        const averages = exponentialMovingAverage(model, {
          decay: 0.5,
          validationData: [x, y],
          batchSize: 16,
        })
        const { history } = await model.fit(x, y, { ...quiet, epochs: 3, callbacks: averages })
        expect(history.ema_val_loss?.length).toBe(3)
        expect(history.ema_val_acc?.length).toBe(3)
        const evaluated = averages.using(() => model.evaluate(x, y, { batchSize: 16 }) as tf.Scalar[])
        expect(numbers(evaluated[0])[0]).toBeCloseTo(Number(history.ema_val_loss?.[2]), 5)
        dispose(evaluated)
        averages.dispose()
      }))

    it('has no tensor and no byte more after hundreds of batches', () =>
      withModel(tf.train.sgd(0.01), async (model, x, y) => {
        const averages = exponentialMovingAverage(model, { validationData: [x, y] })
        await model.fit(x, y, { ...quiet, epochs: 2, batchSize: 8, callbacks: averages })
        const before = tf.memory()
        await model.fit(x, y, { ...quiet, epochs: 60, batchSize: 8, callbacks: averages })
        const after = tf.memory()
        expect([after.numTensors, after.numBytes]).toEqual([before.numTensors, before.numBytes])
        averages.dispose()
      }))

    it('gives the model its weights back, also when the evaluation throws or rejects', () =>
      withModel(tf.train.sgd(0.1), async (model, x, y) => {
        const averages = exponentialMovingAverage(model, { decay: 0.5 })
        await model.fit(x, y, { ...quiet, epochs: 2, callbacks: averages })
        const [trained, { numTensors }] = [weights(model), tf.memory()]
        const inside = averages.using(() => averages.using(() => weights(model)))
        expect(inside).not.toEqual(trained)
        expect(weights(model)).toEqual(trained)
        expect(() =>
          averages.using(() => {
            expect(weights(model)).toEqual(inside)
            throw new Error('no evaluation')
          }),
        ).toThrow('no evaluation')
        expect(weights(model)).toEqual(trained)
        const later = averages.using(async () => {
          await Promise.resolve()
          expect(weights(model)).toEqual(inside)
          throw new Error('later')
        })
        expect(weights(model)).toEqual(inside)
        await expect(later).rejects.toThrow('later')
        expect(weights(model)).toEqual(trained)
        expect(tf.memory().numTensors).toBe(numTensors)
        averages.dispose()
      }))

    it('does not let the averages be trained', () =>
      withModel(tf.train.sgd(0.1), async (model, x, y) => {
        const averages = exponentialMovingAverage(model, { decay: 0.5 })
        averages.update()
        const before = weights(model)
        await expect(
          averages.using(() => model.fit(x, y, { ...quiet, callbacks: averages })),
        ).rejects.toThrow('within using')
        expect(weights(model)).toEqual(before)
        averages.dispose()
      }))

    it('goes on from a saved state to the same bits', () =>
      withModel(tf.train.sgd(0.1), async (model, x, y) => {
        const one = exponentialMovingAverage(model, { decay: 0.7 })
        await model.fit(x, y, { ...quiet, batchSize: 8, callbacks: one })
        const state = one.getState()
        const two = exponentialMovingAverage(model, { decay: 0.7 })
        two.setState(state)
        dispose(state)
        await model.fit(x, y, { ...quiet, batchSize: 8, callbacks: [one, two] })
        const [a, b] = [one.averages(), two.averages()]
        expect(Object.values(b).map(numbers)).toEqual(Object.values(a).map(numbers))
        dispose(a, b)
        one.dispose()
        two.dispose()
      }))

    it('refuses states of other weights, averages of nothing, and a decay out of range', () =>
      withModel(tf.train.sgd(0.1), async (model) => {
        const averages = exponentialMovingAverage(model)
        const { numTensors } = tf.memory()
        const refuses = (call: () => unknown, error: Partial<GradpipeError>): void =>
          expect(call).toThrow(expect.objectContaining(error))
        refuses(() => averages.using(() => 1), { _tag: 'InvalidArgument' })
        refuses(() => averages.setState({ count: 0.5, ema: {} }), { path: 'state.count' })
        refuses(() => averages.setState({ count: 1, ema: {} }), { path: 'state.ema.hidden/kernel' })
        const one = tf.scalar(1)
        refuses(() => averages.setState({ count: 1, ema: { one } }), { path: 'state.ema.one' })
        one.dispose()
        refuses(() => exponentialMovingAverage(model, { decay: 1 }), {
          path: 'exponentialMovingAverage.decay',
        })
        expect(tf.memory().numTensors).toBe(numTensors)
        averages.dispose()
      }))

    it('averages after real updates alone, if it is asked to', () =>
      withModel(toOptimizer(multiSteps(sgd(0.1), 4)), async (model, x, y) => {
        const perBatch = exponentialMovingAverage(model, { decay: 0.5 })
        const perUpdate = exponentialMovingAverage(model, { decay: 0.5, per: 'update' })
        const byHand = exponentialMovingAverage(model, { decay: 0.5 })
        const fit = { ...quiet, batchSize: 8, callbacks: [perBatch, perUpdate] }
        for (let epoch = 0; epoch < 2; epoch++) {
          // one update in each epoch, at its last batch
          await model.fit(x, y, { ...fit, epochs: 1 })
          byHand.update()
        }
        const counts = [perBatch, perUpdate].map((each) => {
          const state = each.getState()
          dispose(state)
          return state.count
        })
        expect(counts).toEqual([8, 2])
        const [found, expected] = [perUpdate.averages(), byHand.averages()]
        expect(Object.values(found).map(numbers)).toEqual(Object.values(expected).map(numbers))
        dispose(found, expected)
        for (const each of [perBatch, perUpdate, byHand]) each.dispose()
      }))

    it('averages after every batch of an optimizer that makes an update of each', () =>
      withModel(tf.train.sgd(0.1), async (model, x, y) => {
        const averages = exponentialMovingAverage(model, { per: 'update' })
        await model.fit(x, y, { ...quiet, batchSize: 8, callbacks: averages })
        const state = averages.getState()
        expect(state.count).toBe(4)
        dispose(state)
        averages.dispose()
      }))

    it('says that it was disposed, whoever uses it', () =>
      withModel(tf.train.sgd(0.1), async (model, x, y) => {
        const averages = exponentialMovingAverage(model, { validationData: [x, y] })
        averages.update()
        const state = averages.getState()
        averages.dispose()
        averages.dispose()
        const before = weights(model)
        const { numTensors } = tf.memory()
        const disposed = expect.objectContaining({ _tag: 'Disposed', path: 'exponentialMovingAverage' })
        for (const use of [
          () => averages.update(),
          () => averages.averages(),
          () => averages.using(() => 1),
          () => averages.getState(),
          () => averages.setState(state),
        ])
          expect(use).toThrow(disposed)
        await expect(model.fit(x, y, { ...quiet, callbacks: averages })).rejects.toThrow('disposed averages')
        expect(weights(model)).toEqual(before)
        expect(tf.memory().numTensors).toBe(numTensors)
        dispose(state)
      }))

    it('evaluates on a dataset, in fitDataset, beside other callbacks and on an optimizer of a transformation', () =>
      withModel(
        toOptimizer(
          chain(
            snapshot('grad_norm', (u) => norm(u, 'tree')),
            sgd(schedule),
          ),
        ),
        async (model, x, y) => {
          const rows = (t: tf.Tensor) => tf.data.array(t.unstack().map((row) => row))
          const [xs, ys] = [rows(x), rows(y)]
          const dataset = tf.data.zip({ xs, ys }).batch(16)
          const averages = exponentialMovingAverage(model, { decay: 0.5, validationData: dataset })
          const { history } = await model.fitDataset(dataset, {
            epochs: 2,
            verbose: 0,
            callbacks: [averages, learningRateLogger(model, schedule), measurementLogger(model)],
          })
          expect(Object.keys(history).sort()).toEqual(
            ['acc', 'ema_val_acc', 'ema_val_loss', 'grad_norm', 'loss', 'lr'].sort(),
          )
          expect(history.lr).toEqual([0.1, 0.025])
          averages.dispose()
        },
      ))

    it("stands in one list with TensorFlow.js's own callbacks, one of which may watch it", () =>
      withModel(tf.train.sgd(0), async (model, x, y) => {
        const averages = exponentialMovingAverage(model, { validationData: [x, y] })
        const stop = tf.callbacks.earlyStopping({ monitor: 'ema_val_loss', patience: 1, minDelta: 10 })
        const { epoch } = await model.fit(x, y, {
          ...quiet,
          epochs: 9,
          callbacks: [new tf.CustomCallback({}), averages, stop],
        })
        expect(epoch.length).toBe(2)
        averages.dispose()
      }))
  })

  describe('learningRateScheduler', () => {
    it.each<[string, () => tf.Optimizer]>([
      ['sgd', () => tf.train.sgd(0.1)],
      ['momentum', () => tf.train.momentum(0.1, 0.9)],
      ['adam', () => tf.train.adam(0.1)],
      ['rmsprop', () => tf.train.rmsprop(0.1)],
    ])('sets the rate of tf.train.%s before each epoch, and the history has it', (_, make) =>
      withModel(make(), async (model, x, y) => {
        const callback = learningRateScheduler(model, schedule)
        const { history } = await model.fit(x, y, { ...quiet, epochs: 3, callbacks: callback })
        expect(history.lr).toEqual([0.2, 0.1, 0.05])
      }),
    )

    it('trains with the rate that it sets', () =>
      withModel(tf.train.sgd(0.1), async (model, x, y) => {
        const before = weights(model)
        await model.fit(x, y, {
          ...quiet,
          epochs: 1,
          callbacks: learningRateScheduler(model, (_, current) => current * 0),
        })
        const after = weights(model)
        expect(after.slice(0, 2)).toEqual(before.slice(0, 2))
      }))

    it('counts batches through the whole training, and tells them', () =>
      withModel(tf.train.sgd(0.1), async (model, x, y) => {
        const seen: number[] = []
        await model.fit(x, y, {
          ...quiet,
          epochs: 2,
          batchSize: 16,
          callbacks: [
            learningRateScheduler(model, schedule, { per: 'batch' }),
            { onBatchEnd: (_: number, logs?: tf.Logs) => void seen.push(logs?.lr ?? Number.NaN) },
          ],
        })
        expect(seen).toEqual([0.2, 0.1, 0.05, 0.025])
      }))

    const rates = (): { readonly seen: number[]; readonly spy: tf.CustomCallbackArgs } => {
      const seen: number[] = []
      return { seen, spy: { onBatchEnd: async (_, logs) => void seen.push(logs?.lr ?? Number.NaN) } }
    }

    it('goes on where a training goes on, with the same callback and with a new one', () =>
      withModel(tf.train.sgd(0.1), async (model, x, y) => {
        const { seen, spy } = rates()
        const fit = { ...quiet, batchSize: 16 }
        const counting = (n: number): number => (1 + n) / 1024
        const first = learningRateScheduler(model, counting, { per: 'batch' })
        await model.fit(x, y, { ...fit, epochs: 2, callbacks: [first, spy] })
        await model.fit(x, y, { ...fit, initialEpoch: 2, epochs: 3, callbacks: [first, spy] })
        const second = learningRateScheduler(model, counting, { per: 'batch' })
        await model.fit(x, y, { ...fit, initialEpoch: 3, epochs: 4, callbacks: [second, spy] })
        expect(seen.map((rate) => rate * 1024)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
        // and begins anew where a training does
        await model.fit(x, y, { ...fit, epochs: 1, callbacks: [first, spy] })
        expect(seen.slice(8).map((rate) => rate * 1024)).toEqual([1, 2])
      }))

    it('counts a dataset on where it is told, or has seen, how many batches an epoch has', () =>
      withModel(tf.train.sgd(0.1), async (model, x, y) => {
        const [xs, ys] = [x, y].map((t) => tf.data.generator(() => t.unstack()[Symbol.iterator]()))
        if (xs === undefined || ys === undefined) throw new Error('two')
        const dataset = tf.data.zip({ xs, ys }).batch(16)
        const { seen, spy } = rates()
        const counting = (n: number): number => (1 + n) / 1024
        const train = (initialEpoch: number, callback: TrainingCallback, more = {}) =>
          model.fitDataset(dataset, {
            initialEpoch,
            epochs: initialEpoch + 1,
            verbose: 0,
            callbacks: [callback, spy],
            ...more,
          })
        const first = learningRateScheduler(model, counting, { per: 'batch' })
        await train(0, first)
        await train(1, first)
        const other = learningRateScheduler(model, counting, { per: 'batch' })
        await expect(train(2, other)).rejects.toThrow(
          'expected batchesPerEpoch, or the callback of the epochs before',
        )
        await train(2, other, { batchesPerEpoch: 2 })
        expect(seen.map((rate) => rate * 1024)).toEqual([1, 2, 3, 4, 5, 6])
      }))

    it('sets the rate that a transformation keeps', () =>
      withModel(
        toOptimizer(
          injectHyperparams(({ learningRate }: { learningRate: number }) => adamw(learningRate))({
            learningRate: 0.1,
          }),
        ),
        async (model, x, y) => {
          const callbacks = learningRateScheduler(model, (n, current) => (n === 0 ? 0.25 : current / 2))
          const { history } = await model.fit(x, y, { ...quiet, epochs: 3, callbacks })
          expect(history.lr).toEqual([0.25, 0.125, 0.0625])
        },
      ))

    it('refuses rates that are none, and what is no schedule', () =>
      withModel(tf.train.sgd(0.1), async (model, x, y) => {
        expect(() => learningRateScheduler(model, 0.1 as never)).toThrow('learningRateScheduler.schedule')
        expect(() => learningRateScheduler(model, schedule, { per: 'year' as never })).toThrow(
          'learningRateScheduler.per',
        )
        const before = weights(model)
        await expect(
          model.fit(x, y, { ...quiet, callbacks: learningRateScheduler(model, () => Number.NaN) }),
        ).rejects.toThrow('a finite number')
        expect(weights(model)).toEqual(before)
      }))

    it('says before the first batch that an optimizer has no rate to set', () =>
      withModel(toOptimizer(sgd(0.1)), async (model, x, y) => {
        const { numTensors } = tf.memory()
        await expect(
          model.fit(x, y, { ...quiet, callbacks: learningRateScheduler(model, schedule) }),
        ).rejects.toThrow('can be set')
        expect(tf.memory().numTensors).toBe(numTensors)
      }))
  })

  describe('learningRateLogger', () => {
    it('shows the rate that is injected into a transformation, and the one of a schedule', () =>
      withModel(
        toOptimizer(
          chain(
            clipByGlobalNorm(1),
            injectHyperparams(({ learningRate }: { learningRate: number }) => adamw(learningRate))({
              learningRate: schedule,
            }),
          ),
        ),
        async (model, x, y) => {
          const fit = { ...quiet, epochs: 3 }
          const injected = await model.fit(x, y, { ...fit, callbacks: learningRateLogger(model) })
          expect(injected.history.lr).toEqual([0.2, 0.1, 0.05])
          const scheduled = await model.fit(x, y, { ...fit, callbacks: learningRateLogger(model, schedule) })
          expect(scheduled.history.lr).toEqual([0.025, 0.0125, 0.00625])
        },
      ))

    it.each<[string, () => tf.Optimizer, readonly number[]]>([
      ['multiSteps', () => toOptimizer(multiSteps(sgd(halving), 4)), [1, 0.5]],
      [
        'multiSteps behind a member that counts batches',
        () => toOptimizer(chain(scaleByAdam(), multiSteps(sgd(halving), 4))),
        [1, 0.5],
      ],
      ['applyIfFinite', () => toOptimizer(applyIfFinite(sgd(halving), 2)), [0.125, 0.0078125]],
      ['nothing, on tf.train', () => tf.train.sgd(0.1), [0.125, 0.0078125]],
    ])('logs what the steps have used, in %s', (_, make, expected) =>
      withModel(make(), async (model, x, y) => {
        const { history } = await model.fit(x, y, {
          ...quiet,
          batchSize: 8,
          epochs: 2,
          callbacks: learningRateLogger(model, halving),
        })
        expect(history.lr).toEqual(expected)
      }),
    )

    it('says that it cannot tell whose the schedule is', () =>
      withModel(
        toOptimizer(chain(scaleBySchedule(halving), multiSteps(sgd(halving), 4))),
        async (model, x, y) => {
          await expect(
            model.fit(x, y, { ...quiet, batchSize: 8, callbacks: learningRateLogger(model, halving) }),
          ).rejects.toThrow(/0\.count: 1, 1\.innerOptState(\.1)?\.count: 0/)
        },
      ))

    it('says where nobody tells', () =>
      withModel(toOptimizer(sgd(0.1)), async (model, x, y) => {
        await expect(model.fit(x, y, { ...quiet, callbacks: learningRateLogger(model) })).rejects.toThrow(
          'tells its learning rate',
        )
      }))
  })

  describe('measurementLogger', () => {
    it('logs the norm of the gradients: of each batch, and of an epoch the mean', () =>
      withModel(
        toOptimizer(
          chain(
            snapshot('grad_norm', (u) => norm(u, 'tree')),
            clipByGlobalNorm(0.1),
            monitor({ clipped: (u) => norm(u, 'tree'), each: (u) => norm(u, 'leaf') }),
            sgd(0.1),
          ),
        ),
        async (model, x, y) => {
          const batches: number[] = []
          const fit = {
            ...quiet,
            epochs: 2,
            batchSize: 16,
            callbacks: [
              measurementLogger(model),
              {
                onBatchEnd: (_: number, logs?: tf.Logs) => void batches.push(logs?.grad_norm ?? Number.NaN),
              },
            ],
          }
          const { history } = await model.fit(x, y, fit)
          const [a = 0, b = 0, c = 0, d = 0] = batches
          expect(batches.length).toBe(4)
          expect(a).toBeGreaterThan(0.1)
          expect(Number(history.grad_norm?.[0])).toBeCloseTo((a + b) / 2, 5)
          expect(Number(history.grad_norm?.[1])).toBeCloseTo((c + d) / 2, 5)
          for (const value of history.clipped ?? []) expect(Number(value)).toBeCloseTo(0.1, 5)
          expect(history.each).toBeUndefined()
          const { numTensors } = tf.memory()
          await model.fit(x, y, { ...fit, epochs: 60 })
          expect(tf.memory().numTensors).toBe(numTensors)
        },
      ))

    it('says that another optimizer cannot tell', () =>
      withModel(tf.train.adam(0.1), async (model, x, y) => {
        await expect(model.fit(x, y, { ...quiet, callbacks: measurementLogger(model) })).rejects.toThrow(
          'expected an optimizer made of a transformation with a snapshot or monitor of the whole tree, given Adam',
        )
      }))
  })
})
