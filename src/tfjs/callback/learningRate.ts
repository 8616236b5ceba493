/** learningRateScheduler and learningRateLogger: set and log the learning rate of a LayersModel's optimizer. */
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { GradpipeError } from '../../error.js'
import { options, shown } from '../../options.js'
import { callable, checkRanges, oneOf } from '../../range.js'
import type { Schedule } from '../../schedule/schedule.js'
import { callbackOf, type TrainingCallback, type TrainingLogs } from './callback.js'
import { optimizerOf } from './optimizerState.js'
import { stepsBySchedule } from './stepCount.js'

/**
 * Options of {@link learningRateScheduler}.
 *
 * @category Callbacks
 */
export interface LearningRateSchedulerOptions {
  /**
   * What the schedule counts: epochs, or batches since the very first epoch. Default `epoch`. If training resumes
   * (`initialEpoch`), the batches of the epochs before count too.
   */
  readonly per?: 'epoch' | 'batch'
}

const numberIn = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)

/** The rate of an optimizer, if it tells one. */
const currentRate = (model: LayersModel, name: string): number | undefined =>
  numberIn(Reflect.get(optimizerOf(name, model), 'learningRate'))

/** How many batches an epoch of the current training has, as far as TensorFlow.js knows. */
const batchesPerEpoch = (model: LayersModel): number | undefined => {
  // a Sequential trains a model inside of it, which has the history
  const inside: unknown = Reflect.get(model, 'model')
  const { history } = (inside ?? model) as LayersModel // of a Sequential, a model
  const { steps, samples, batchSize }: Readonly<Record<string, unknown>> = history?.params ?? {}
  if (typeof steps === 'number') return steps
  return typeof samples === 'number' && typeof batchSize === 'number'
    ? Math.ceil(samples / batchSize)
    : undefined
}

/**
 * Sets the rate of an optimizer: by its method if it has one, like tf.train.sgd, which keeps the rate in a tensor,
 * and the optimizers of transformations. Throws `InvalidArgument` for an optimizer without a rate of its own.
 */
const setterOf = (model: LayersModel): ((rate: number) => void) => {
  const optimizer = optimizerOf('learningRateScheduler', model)
  const method: unknown = Reflect.get(optimizer, 'setLearningRate')
  if (typeof method === 'function') return (rate) => Reflect.apply(method, optimizer, [rate])
  if (numberIn(Reflect.get(optimizer, 'learningRate')) !== undefined)
    return (rate) => Reflect.set(optimizer, 'learningRate', rate)
  throw new GradpipeError(
    'InvalidArgument',
    'learningRateScheduler',
    'an optimizer whose learningRate can be set',
    optimizer.getClassName(),
  )
}

/**
 * Makes a callback that sets the learning rate of the model's optimizer before every epoch, or every batch. It writes
 * the rate into the logs as `lr`, so the history has it.
 *
 * The schedule gets the number of epochs (or batches) so far, and the current rate. The callback is for optimizers
 * whose `learningRate` can be set: those of `tf.train`, and those of a transformation with a rate that
 * `injectHyperparams` keeps. Every transformation also takes a schedule in place of its learning rate;
 * {@link learningRateLogger} shows that.
 *
 * Throws `InvalidArgument` for a schedule that is not a function. In `fit`, it throws if the optimizer has no rate to
 * set, if the schedule returns no number, and if batches have to be counted but the number in earlier epochs is
 * unknown (`fitDataset` without `batchesPerEpoch`).
 *
 * @category Callbacks
 * @see Keras, `LearningRateScheduler`
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs'
 * import { exponentialDecay } from 'gradpipe'
 * import { learningRateScheduler } from 'gradpipe/tfjs'
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] })
 * const optimizer = tf.train.adam(0.1)
 * model.compile({ optimizer, loss: 'meanSquaredError' })
 * const [x, y] = [tf.tensor2d([[1], [2], [3]]), tf.tensor2d([[3], [5], [7]])]
 * const schedule = exponentialDecay({ initValue: 0.1, transitionSteps: 1, decayRate: 0.5 })
 * const { history } = await model.fit(x, y, { epochs: 3, verbose: 0, callbacks: learningRateScheduler(model, schedule) })
 * assert.deepEqual(history.lr, [0.1, 0.05, 0.025])
 * tf.dispose([x, y])
 * model.dispose()
 * optimizer.dispose()
 * ```
 */
export const learningRateScheduler = (
  model: LayersModel,
  schedule: (count: number, current: number) => number,
  given?: LearningRateSchedulerOptions,
): TrainingCallback => {
  checkRanges('learningRateScheduler', { schedule }, { schedule: callable })
  const { per } = options('learningRateScheduler', { per: 'epoch' }, given)
  checkRanges('learningRateScheduler', { per }, { per: oneOf('epoch', 'batch') })
  let batches = 0
  /** The batches before each epoch that began, or would begin next. */
  const before = new Map<number, number>()
  let isFirstEpoch = true
  const beginAt = (epoch: number): void => {
    if (epoch === 0) before.clear()
    const perEpoch = batchesPerEpoch(model)
    const known = epoch === 0 ? 0 : (before.get(epoch) ?? (perEpoch && perEpoch * epoch))
    if (known === undefined)
      throw new GradpipeError(
        'InvalidArgument',
        'learningRateScheduler.per',
        'batchesPerEpoch, or the callback of the epochs before',
        `initialEpoch ${epoch}`,
      )
    batches = known
  }
  const set = (count: number): void => {
    const current = currentRate(model, 'learningRateScheduler') ?? Number.NaN
    const rate: unknown = schedule(count, current)
    if (typeof rate !== 'number' || !Number.isFinite(rate))
      throw new GradpipeError(
        'InvalidArgument',
        'learningRateScheduler.schedule',
        'a finite number',
        shown(rate),
      )
    setterOf(model)(rate)
  }
  const log = (logs: TrainingLogs): void => {
    logs.lr = currentRate(model, 'learningRateScheduler') ?? Number.NaN
  }
  return callbackOf({
    onTrainBegin: () => {
      setterOf(model)
      isFirstEpoch = true
    },
    onEpochBegin: (epoch) => {
      if (per === 'epoch') set(epoch)
      else if (isFirstEpoch) beginAt(epoch)
      isFirstEpoch = false
    },
    onBatchBegin: () => {
      if (per === 'batch') set(batches)
    },
    onBatchEnd: (logs) => {
      batches += 1
      log(logs)
    },
    onEpochEnd: (epoch, logs) => {
      before.set(epoch + 1, batches)
      log(logs)
    },
  })
}

/**
 * Makes a callback that writes the learning rate of the last step into the logs of batches and epochs, as `lr`, so
 * the history has it.
 *
 * Pass the `schedule` that the optimizer was made with, and the rate is its value at the last step. If a wrapper such
 * as `multiSteps` makes one step from several batches, the steps inside count. Without a schedule, the rate is the
 * optimizer's `learningRate`: those of `tf.train` have one, and so do those of a transformation with a rate that
 * `injectHyperparams` keeps in the state.
 *
 * Throws `InvalidArgument` in `fit` if there is neither, and if members of a chain count their steps differently, so
 * that the schedule could belong to any of them.
 *
 * @category Callbacks
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs'
 * import { learningRateLogger } from 'gradpipe/tfjs'
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] })
 * const optimizer = tf.train.adam(0.1)
 * model.compile({ optimizer, loss: 'meanSquaredError' })
 * const [x, y] = [tf.tensor2d([[1], [2], [3]]), tf.tensor2d([[3], [5], [7]])]
 * const { history } = await model.fit(x, y, { epochs: 2, verbose: 0, callbacks: learningRateLogger(model) })
 * assert.deepEqual(history.lr, [0.1, 0.1])
 * tf.dispose([x, y])
 * model.dispose()
 * optimizer.dispose()
 * ```
 */
export const learningRateLogger = (model: LayersModel, schedule?: Schedule): TrainingCallback => {
  if (schedule !== undefined) checkRanges('learningRateLogger', { schedule }, { schedule: callable })
  const unknownRate = (): GradpipeError =>
    new GradpipeError(
      'InvalidArgument',
      'learningRateLogger',
      'a schedule, or an optimizer that tells its learning rate',
      'neither',
    )
  const log = (logs: TrainingLogs): void => {
    const rate =
      schedule === undefined
        ? currentRate(model, 'learningRateLogger')
        : schedule(Math.max(0, stepsBySchedule('learningRateLogger', model) - 1))
    if (rate === undefined) throw unknownRate()
    logs.lr = rate
  }
  return callbackOf({
    onTrainBegin: () => {
      if (schedule === undefined && currentRate(model, 'learningRateLogger') === undefined)
        throw unknownRate()
    },
    onBatchEnd: log,
    onEpochEnd: (_, logs) => log(logs),
  })
}
