/** What a test makes on a backend, and disposes at its end: no tensor is left then. */
import * as tf from '@tensorflow/tfjs'
import { type GradpipeOptimizer, toOptimizer } from 'gradpipe/tfjs'
import { expect } from 'vitest'
import { type backends, useBackend } from '../backends.js'

interface Disposable {
  dispose(): void
}

let before = 0
let made: Disposable[] = []

/** Before each test. */
export const begin = async (backend: (typeof backends)[number]): Promise<void> => {
  await useBackend(backend)
  before = tf.memory().numTensors
  made = []
}

/** After each test. */
export const end = (): void => {
  for (const each of made) each.dispose()
  expect(tf.memory().numTensors).toBe(before)
}

/** Disposes it when the test ends. */
export const keep = <T extends Disposable>(each: T): T => {
  made.push(each)
  return each
}

export const variable = (
  name: string,
  values: readonly number[] = [1],
  shape: number[] = [values.length],
): tf.Variable => {
  const initial = tf.tensor([...values], shape)
  const own = keep(tf.variable(initial, true, name))
  initial.dispose()
  return own
}

export const optimizerOf = (...args: Parameters<typeof toOptimizer>): GradpipeOptimizer =>
  keep(toOptimizer(...args))
