/** Watching a training: loss, accuracy and time, step by step, and that no tensor is forgotten. */
import assert from 'node:assert/strict'
import * as tf from '@tensorflow/tfjs'
import type { Batch } from './batch.js'
import { accuracy } from './network.js'
import type { Training } from './training.js'

/** A training, as told afterwards. */
export interface Report {
  /** The loss of each step's batch. */
  readonly losses: readonly number[]
  /** The accuracies on the test digits, every so many steps. */
  readonly tests: readonly Test[]
  /** The time that the steps took, without the tests. */
  readonly seconds: number
}

export interface Test {
  /** The number of steps made. */
  readonly step: number
  readonly accuracy: number
  /** The same with the moving average of the weights. */
  readonly averaged: number
}

export interface Watch {
  readonly test: Batch
  /** Test after every so many steps. */
  readonly every: number
  /** Called after each step with its loss. */
  readonly onStep?: (loss: number) => void
}

/** Runs a training to its end. Throws if a step leaves more tensors behind than the one before. */
export const record = (training: Training, { test, every, onStep }: Watch): Report => {
  const losses: number[] = []
  const tests: Test[] = []
  let milliseconds = 0
  let tensors: number | undefined

  let resumed = performance.now()
  for (const { loss, predict, predictAveraged } of training) {
    milliseconds += performance.now() - resumed
    losses.push(loss)
    const step = losses.length
    if (step % every === 0)
      tests.push({ step, accuracy: accuracy(predict, test), averaged: accuracy(predictAveraged, test) })
    onStep?.(loss)
    tensors ??= tf.memory().numTensors
    assert.equal(tf.memory().numTensors, tensors, `tensors are left over in step ${step}`)
    resumed = performance.now()
  }
  return { losses, tests, seconds: milliseconds / 1000 }
}
