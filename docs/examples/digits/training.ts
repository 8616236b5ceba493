/** A training: it goes step by step, and whoever asks for the steps can look at each. */
import type { Predict } from './model.js'

/** A training after a step. The functions hold until the next step is asked for. */
export interface Snapshot {
  /** The loss on the batch, before the step. */
  readonly loss: number
  readonly predict: Predict
  /** The same with a moving average of the weights. */
  readonly predictAveraged: Predict
}

/** Makes a step each time that it is asked for the next snapshot; frees all its tensors at the end. */
export type Training = Generator<Snapshot, void, void>
