/** exponentialMovingAverage: averages of a LayersModel's weights beside its training. */
import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import type { EmaState } from '../../block/ema.js'
import { usual } from '../../declare/hyperparameters.js'
import { GradpipeError } from '../../error.js'
import { cloneTensor } from '../../host/tfjs/tensor.js'
import { options, shown } from '../../options.js'
import { checkRanges, oneOf, steps } from '../../range.js'
import { fromRule } from '../../transform/fromRule.js'
import { step } from '../../transform/step.js'
import type { GradientTransformation } from '../../transform/transformation.js'
import { expectValue, type NamedTensors, variableOf, type Weight, weightsOf } from '../model/modelWeights.js'
import { callbackOf, type TrainingCallback, type TrainingLogs } from './callback.js'
import { updatesOf } from './stepCount.js'

/**
 * Data to evaluate a model on: inputs and targets, or a dataset of batches of them (`tf.data`).
 *
 * @category Callbacks
 */
export type EvaluationData =
  | readonly [x: tf.Tensor | tf.Tensor[], y: tf.Tensor | tf.Tensor[]]
  | {
      /** Batches of inputs and targets, one after the other. */
      iterator(): Promise<unknown>
    }

/**
 * Options of {@link exponentialMovingAverage}.
 *
 * @category Callbacks
 */
export interface ExponentialMovingAverageOptions {
  /** How much of the average remains after each batch (or update), in [0, 1). Default 0.999. */
  readonly decay?: number
  /** Whether to divide by $1 - d^t$, to correct for the start at zero. Default true. */
  readonly debias?: boolean
  /**
   * When the average moves: after each batch, or after each update of the weights, of which `multiSteps` makes fewer.
   * Default `batch`, as in Keras.
   */
  readonly per?: 'batch' | 'update'
  /** The data on which to evaluate the averages after each epoch. By default they are not evaluated. */
  readonly validationData?: EvaluationData
  /** How many examples to evaluate at once, if the data are tensors. Default 32. */
  readonly batchSize?: number
}

/**
 * The state of {@link WeightAverages}: that of `ema`, with tensors by the names of the weights.
 *
 * @category Callbacks
 */
// a type, so that it is a tree
export type WeightAveragesState = Omit<EmaState, 'ema'> & {
  /** The averages before bias correction. */
  readonly ema: NamedTensors
}

/**
 * Averages of a model's weights: a callback, with methods to use them.
 *
 * @category Callbacks
 */
export interface WeightAverages extends TrainingCallback {
  /** Updates the averages, as the callback does after each batch; for your own loops. */
  update(): void
  /**
   * The averages, after bias correction, as new tensors that belong to the caller. Throws `InvalidArgument` before
   * the first batch.
   */
  averages(): NamedTensors
  /**
   * Runs a function with the averages in the model, and then puts the model's own weights back, also if the function
   * throws. If it returns a promise, they are put back when that is settled. No batch may be trained meanwhile.
   * Throws like `averages`.
   */
  using<R>(f: () => R): R
  /** The state, to save it, as new tensors that belong to the caller. */
  getState(): WeightAveragesState
  /** Goes on from a saved state, which it borrows. Throws for a state of other weights, before anything changes. */
  setState(state: WeightAveragesState): void
  /** Frees the averages, but not the model. Using them afterwards throws `Disposed`. */
  dispose(): void
}

const NAME = 'exponentialMovingAverage'

/** p ← p + (1 − d) (g − p): the average itself takes the step, so it is updated in place. */
const towards = (decay: number): GradientTransformation<Pick<EmaState, 'count'>> =>
  fromRule({
    slots: {},
    scalars: () => ({ rate: 1 - decay }),
    step: ({ g, p }, { rate }) => ({ update: g.sub(p).mul(rate) }),
  })

const record = (weights: readonly Weight[], value: (weight: Weight) => tf.Tensor): NamedTensors =>
  Object.fromEntries(weights.map((weight) => [weight.name, value(weight)]))

const listed = <T>(values: T | readonly T[]): readonly T[] => (Array.isArray(values) ? values : [values as T])

/** Whether data are a pair of inputs and targets. */
const isPair = (data: EvaluationData): data is Extract<EvaluationData, readonly unknown[]> =>
  Array.isArray(data)

/** Evaluates a model, under names of its metrics. */
const evaluated = async (
  model: LayersModel,
  data: EvaluationData,
  batchSize: number,
): Promise<readonly (readonly [name: string, value: number])[]> => {
  const scalars = listed<tf.Scalar>(
    isPair(data)
      ? model.evaluate(data[0], data[1], { batchSize, verbose: 0 })
      : // tfjs-layers has a type of its own for datasets, which those of tf.data are not
        await model.evaluateDataset(data as Parameters<LayersModel['evaluateDataset']>[0], {}),
  )
  try {
    const values = await Promise.all(scalars.map((scalar) => scalar.data()))
    return values.map(([value = Number.NaN], i) => [model.metricsNames[i] ?? 'loss', value] as const)
  } finally {
    tf.dispose([...scalars])
  }
}

/**
 * Makes a callback that keeps an exponential moving average of the weights that a model trains, and evaluates it.
 *
 * $$a \leftarrow d\,a + (1 - d)\,w$$
 *
 * after every batch (with `per: 'update'`, after every update of the weights), from zero, in place and fused. Reading
 * the averages gives $a / (1 - d^t)$. It averages the weights that are trainable when it is made; moving averages of
 * batch normalization are averages already, and stay.
 *
 * With `validationData`, the logs of each epoch, and so the history, have `ema_val_loss`, and the metrics likewise.
 * The `val_loss` of `fit` remains that of the weights themselves: TensorFlow.js validates before any callback hears
 * of the last batch. To evaluate, predict or save with the averages, do it in `using`.
 *
 * Throws `InvalidArgument` for an option out of range, and like `modelToTree` for the model.
 *
 * @category Callbacks
 * @see Keras, `SwapEMAWeights`; Optax, `ema`
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs'
 * import { exponentialMovingAverage } from 'gradpipe/tfjs'
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] })
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' })
 * const [x, y] = [tf.tensor2d([[1], [2], [3]]), tf.tensor2d([[3], [5], [7]])]
 * const averages = exponentialMovingAverage(model, { decay: 0.5, validationData: [x, y] })
 * const { history } = await model.fit(x, y, { epochs: 5, verbose: 0, callbacks: averages })
 * assert.equal(history.ema_val_loss?.length, 5)
 * const loss = averages.using(() => model.evaluate(x, y))
 * tf.dispose([x, y, loss])
 * averages.dispose()
 * model.dispose()
 * ```
 */
export const exponentialMovingAverage = (
  model: LayersModel,
  given?: ExponentialMovingAverageOptions,
): WeightAverages => {
  const { decay, debias, per, validationData, batchSize } = options(
    NAME,
    { decay: 0.999, debias: true, per: 'batch', validationData: undefined, batchSize: 32 },
    given,
  )
  checkRanges(NAME, { decay, batchSize, per }, { ...usual, batchSize: steps, per: oneOf('batch', 'update') })
  const weights = weightsOf(model).filter(({ part }) => part === 'trainable')
  const moved = step(towards(decay), { donate: true })
  let count = 0
  let ema = record(weights, (weight) => tf.keep(tf.zerosLike(variableOf(weight))))
  /** The model's own weights while the averages are in their place, and how many callers need that. */
  let own: NamedTensors = {}
  let users = 0

  const kept = (tensors: NamedTensors): NamedTensors => {
    for (const tensor of Object.values(tensors)) tf.keep(tensor)
    return tensors
  }
  const assign = (values: NamedTensors): void => {
    for (const weight of weights) variableOf(weight).assign(values[weight.name] as tf.Tensor) // of the same names
  }
  let isDisposed = false
  const expectAlive = (): void => {
    if (isDisposed) throw new GradpipeError('Disposed', NAME, 'live averages', 'disposed averages')
  }
  const expectOwnWeights = (): void => {
    expectAlive()
    if (users > 0)
      throw new GradpipeError('InvalidArgument', NAME, 'no training within using', 'a training step')
  }
  const update = (): void => {
    expectOwnWeights()
    const now = record(weights, (weight) => cloneTensor(variableOf(weight)))
    const [next, after] = moved(ema, { count }, now)
    ema = kept(next)
    count = after.count
  }
  let updates = 0
  const onBatchBegin = (): void => {
    expectOwnWeights()
    updates = updatesOf(NAME, model)
  }
  const onBatchEnd = (): void => {
    if (per === 'batch' || updatesOf(NAME, model) !== updates) update()
  }
  const averages = (): NamedTensors => {
    expectAlive()
    if (count === 0) throw new GradpipeError('InvalidArgument', NAME, 'an average of some batches', 'none')
    const correction = 1 - decay ** count
    return record(weights, ({ name }) => {
      const value = ema[name] as tf.Tensor // of the same names
      return debias ? tf.tidy(() => tf.div(value, correction)) : cloneTensor(value)
    })
  }
  const swapIn = (): void => {
    if (users === 0) {
      const values = averages()
      own = kept(record(weights, (weight) => cloneTensor(variableOf(weight))))
      assign(values)
      tf.dispose(Object.values(values))
    }
    users += 1
  }
  const swapOut = (): void => {
    users -= 1
    if (users > 0) return
    assign(own)
    tf.dispose(Object.values(own))
    own = {}
  }
  const using = <R>(f: () => R): R => {
    swapIn()
    let isLater = false
    try {
      const result = f()
      isLater = result instanceof Promise
      // a promise of the same
      return result instanceof Promise ? (result.finally(swapOut) as R) : result
    } finally {
      if (!isLater) swapOut()
    }
  }
  const onEpochEnd = async (_: number, logs: TrainingLogs): Promise<void> => {
    expectAlive()
    if (validationData === undefined || count === 0) return
    for (const [name, value] of await using(() => evaluated(model, validationData, batchSize)))
      logs[`ema_val_${name}`] = value
  }

  return {
    ...callbackOf({ onTrainBegin: expectAlive, onBatchBegin, onBatchEnd, onEpochEnd }),
    update,
    averages,
    using,
    getState: () => {
      expectAlive()
      return { count, ema: record(weights, ({ name }) => cloneTensor(ema[name] as tf.Tensor)) } // of the same names
    },
    setState: (state) => {
      expectAlive()
      if (!Number.isInteger(state?.count) || state.count < 0)
        throw new GradpipeError('TreeMismatch', 'state.count', 'a whole number', shown(state?.count))
      const extra = Object.keys(state.ema ?? {}).find(
        (name) => !weights.some((weight) => weight.name === name),
      )
      if (extra !== undefined)
        throw new GradpipeError('TreeMismatch', `state.ema.${extra}`, 'no weight of this name', 'one')
      const next = record(weights, (weight) =>
        expectValue(`state.ema.${weight.name}`, weight, state.ema?.[weight.name]),
      )
      const before = ema
      ema = kept(record(weights, ({ name }) => cloneTensor(next[name] as tf.Tensor)))
      count = state.count
      tf.dispose(Object.values(before))
    },
    dispose: () => {
      isDisposed = true
      tf.dispose(Object.values(ema))
    },
  }
}
