/**
 * The loop of a training: some steps in each frame, so that the page stays quick, and numbers read back now and then.
 *
 * A page that is hidden gets no frames, so its training rests.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Learner } from './learner.js'

/** What a loop tells. */
export interface Listener {
  /** The mean loss of the last steps. */
  readonly onLoss: (step: number, loss: number) => void
  /** The share of the test digits that are read right. */
  readonly onAccuracy: (step: number, accuracy: number) => void
  /** Something has failed; the loop is over. */
  readonly onError: (error: unknown) => void
}

/** How many steps are read back at once: on WebGPU every reading waits for the device. */
const stepsPerReading = 10

/** The accuracy is looked at after so many steps. */
const stepsPerTest = 20

/** How long the steps of one frame may take, in milliseconds: the rest of 16 is for the page. */
const budget = 11

const nextFrame = (): Promise<void> => new Promise((resolve) => requestAnimationFrame(() => resolve()))

/** Reads a tensor and frees it. */
export const numbersOf = async (tensor: tf.Tensor): Promise<Float32Array> => {
  try {
    return await tensor.data<'float32'>()
  } finally {
    tensor.dispose()
  }
}

/** Lets a network learn until the function that is returned is called, or `last` steps are taken. */
export const runLoop = (
  learner: Learner,
  last: number,
  { onLoss, onAccuracy, onError }: Listener,
  onEnd: () => void,
): (() => void) => {
  let running = true
  let losses: tf.Scalar[] = []

  const read = async (): Promise<void> => {
    if (losses.length === 0) return
    const step = learner.steps()
    const mean = tf.tidy(() => tf.mean(tf.stack(losses)))
    tf.dispose(losses)
    losses = []
    const [loss = Number.NaN] = await numbersOf(mean)
    if (running) onLoss(step, loss)
  }
  const test = async (): Promise<void> => {
    const step = learner.steps()
    const [accuracy = Number.NaN] = await numbersOf(learner.accuracy())
    if (running) onAccuracy(step, accuracy)
  }
  /** As many steps as the frame has time for. */
  const steps = async (): Promise<void> => {
    const end = performance.now() + budget
    do {
      losses.push(learner.step())
      if (learner.steps() % stepsPerReading === 0) await read()
      if (running && learner.steps() % stepsPerTest === 0) await test()
    } while (running && learner.steps() < last && performance.now() < end)
  }
  const run = async (): Promise<void> => {
    try {
      while (running && learner.steps() < last) {
        await nextFrame()
        if (running) await steps()
      }
      if (running) onEnd()
    } catch (error) {
      if (running) onError(error)
    } finally {
      running = false
      tf.dispose(losses)
    }
  }
  void run()
  return () => {
    running = false
    tf.dispose(losses)
    losses = []
  }
}
