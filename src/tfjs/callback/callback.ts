/** Callbacks of `fit`, in both of the forms that it takes. */
import type * as tf from '@tensorflow/tfjs-core'

/**
 * The logs of a batch or an epoch, which a callback reads and may add to: numbers, or scalars that are still on the
 * device.
 *
 * @category Callbacks
 */
export type TrainingLogs = Record<string, number | tf.Scalar>

/** The functions of a callback; all are optional. */
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
 * entry. A callback of this type fits both. If the list has one of TensorFlow.js's own, such as
 * `tf.callbacks.earlyStopping()`, one of its own must come first (`new tf.CustomCallback({})` does nothing).
 *
 * @category Callbacks
 */
export interface TrainingCallback {
  /** Nobody sets it; a `tf.Callback` has it. */
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

/** Makes a callback from its handlers. It works without `this`, as TensorFlow.js calls plain objects. */
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
