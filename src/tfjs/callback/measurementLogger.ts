/** measurementLogger: writes what a transformation measures into the logs of a training. */
import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { GradpipeError } from '../../error.js'
import { children, isArray, isBranch, type Tree } from '../../tree/tree.js'
import { callbackOf, type TrainingCallback, type TrainingLogs } from './callback.js'
import { hasState, optimizerOf, stateOf } from './optimizerState.js'

type Scalar = number | tf.Tensor

const isScalar = (value: unknown): value is Scalar =>
  typeof value === 'number' || (value instanceof tf.Tensor && value.size === 1)

/** The single numbers that `snapshot` and `monitor` keep anywhere in a state, by name. */
const measurementsIn = (node: Tree<unknown>): readonly (readonly [name: string, value: Scalar])[] => {
  if (node === null || !isBranch(node)) return []
  return children(node).flatMap(([key, child]) => {
    const isOfMeasures =
      (key === 'measurement' || key === 'measurements') &&
      child !== null &&
      isBranch(child) &&
      !isArray(child)
    if (!isOfMeasures) return measurementsIn(child)
    return children(child).flatMap(([name, value]) =>
      isScalar(value) ? [[String(name), value] as const] : [],
    )
  })
}

/**
 * Makes a callback that writes what the optimizer's transformation measures into the logs: the value for each batch,
 * and the mean of its batches for each epoch, and so for the history.
 *
 * `snapshot` and `monitor`, as members of the chain, say what is measured; the norm of the gradients costs no second
 * pass over them. The callback writes measures of the whole tree, one number each, under their names. They stay on
 * the device until someone reads them.
 *
 * Throws `InvalidArgument` in `fit` for an optimizer that was not made from a transformation, and if nothing is
 * measured.
 *
 * @category Callbacks
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs'
 * import { adamw, chain, clipByGlobalNorm, norm, snapshot } from 'gradpipe'
 * import { measurementLogger, toOptimizer } from 'gradpipe/tfjs'
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] })
 * const gradNorm = snapshot('grad_norm', (u) => norm(u, 'tree'))
 * const optimizer = toOptimizer(chain(gradNorm, clipByGlobalNorm(1), adamw(1e-2)))
 * model.compile({ optimizer, loss: 'meanSquaredError' })
 * const [x, y] = [tf.tensor2d([[1]]), tf.tensor2d([[9]])]
 * const { history } = await model.fit(x, y, { epochs: 2, verbose: 0, callbacks: measurementLogger(model) })
 * assert.equal(history.grad_norm?.length, 2)
 * optimizer.dispose()
 * tf.dispose([x, y])
 * model.dispose()
 * ```
 */
export const measurementLogger = (model: LayersModel): TrainingCallback => {
  /** The sums of an epoch's values so far. */
  let sums = new Map<string, tf.Scalar>()
  let batches = 0
  const forget = (): void => {
    tf.dispose([...sums.values()])
    sums = new Map()
    batches = 0
  }
  const add = (name: string, value: Scalar): void => {
    const before = sums.get(name)
    sums.set(name, tf.keep(tf.tidy(() => tf.add<tf.Scalar>(before ?? 0, tf.reshape(value, [])))))
    before?.dispose()
  }
  const expectMeasuring = (is: boolean): void => {
    if (is) return
    throw new GradpipeError(
      'InvalidArgument',
      'measurementLogger',
      'an optimizer made of a transformation with a snapshot or monitor of the whole tree',
      optimizerOf('measurementLogger', model).getClassName(),
    )
  }
  const onTrainBegin = (): void => {
    forget()
    expectMeasuring(hasState(optimizerOf('measurementLogger', model)))
  }
  const onBatchEnd = (logs: TrainingLogs): void => {
    const measurements = measurementsIn(stateOf(model))
    expectMeasuring(measurements.length > 0)
    for (const [name, value] of measurements) {
      add(name, value)
      // tfjs frees what is in the logs of a batch
      logs[name] = typeof value === 'number' ? value : tf.keep(tf.reshape<tf.Rank.R0>(value, []))
    }
    batches += 1
  }
  const onEpochEnd = async (_: number, logs: TrainingLogs): Promise<void> => {
    const means = [...sums].map(async ([name, sum]) => {
      const [total = Number.NaN] = await sum.data()
      logs[name] = total / batches
    })
    await Promise.all(means)
    forget()
  }
  return callbackOf({
    onTrainBegin,
    onEpochBegin: forget,
    onBatchEnd,
    onEpochEnd,
    onTrainEnd: forget,
  })
}
