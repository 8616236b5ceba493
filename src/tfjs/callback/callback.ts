/** What `fit` calls on its way, in both of the forms that it takes. */
import type * as tf from '@tensorflow/tfjs-core'

/**
 * What a callback is told of a batch or an epoch, and may add to: numbers, or scalars that are on the device still.
 *
 * @category Callbacks
 */
export type TrainingLogs = Record<string, number | tf.Scalar>

/** What a callback does; what it leaves out, it does not do. */
export interface Handlers {
  onTrainBegin?(): void | Promise<void>
  onTrainEnd?(): void | Promise<void>
  onEpochBegin?(epoch: number): void | Promise<void>
  onEpochEnd?(epoch: number, logs: TrainingLogs): void | Promise<void>
  onBatchBegin?(): void | Promise<void>
  onBatchEnd?(logs: TrainingLogs): void | Promise<void>
}

/**
 * A callback for `model.fit({ callbacks })` and `model.fitDataset`, alone or in a list.
 *
 * TensorFlow.js takes lists of plain objects and lists of its own `tf.Callback`s, and tells them apart by the first
 * entry. These go into both; where one of its own, `tf.callbacks.earlyStopping()` for instance, is in the list, one of
 * its own must come first (`new tf.CustomCallback({})` is one that does nothing).
 *
 * @category Callbacks
 */
export interface TrainingCallback {
  /** Set by nobody; a `tf.Callback` has it. */
  validationData: tf.Tensor[]
  /** The parameters of the training, as `fit` tells them. */
  params: Record<string, number | string | boolean | number[] | string[] | boolean[]>
  /** Called by `fit`. */
  setParams(params: TrainingCallback['params']): void
  /** Called by `fit`. The callback was given its model when it was made. */
  setModel(model: object): void
  /** Called by `fit`. */
  onTrainBegin(logs?: TrainingLogs): Promise<void>
  /** Called by `fit`. */
  onTrainEnd(logs?: TrainingLogs): Promise<void>
  /** Called by `fit`. */
  onEpochBegin(epoch: number, logs?: TrainingLogs): Promise<void>
  /** Called by `fit`. */
  onEpochEnd(epoch: number, logs?: TrainingLogs): Promise<void>
  /** Called by `fit`. */
  onBatchBegin(batch: number, logs?: TrainingLogs): Promise<void>
  /** Called by `fit`. */
  onBatchEnd(batch: number, logs?: TrainingLogs): Promise<void>
}

/** A callback that does what the handlers say. It may be called without `this`, as TensorFlow.js calls plain objects. */
export const callbackOf = (handlers: Handlers): TrainingCallback => ({
  validationData: [],
  params: {},
  setParams: () => {},
  setModel: () => {},
  onTrainBegin: async () => handlers.onTrainBegin?.(),
  onTrainEnd: async () => handlers.onTrainEnd?.(),
  onEpochBegin: async (epoch) => handlers.onEpochBegin?.(epoch),
  onEpochEnd: async (epoch, logs = {}) => handlers.onEpochEnd?.(epoch, logs),
  onBatchBegin: async () => handlers.onBatchBegin?.(),
  onBatchEnd: async (_, logs = {}) => handlers.onBatchEnd?.(logs),
})
