/** The fused interpreter for WebGPU in a page: what Node tries on Dawn, on the browser's own WebGPU. */
import '@tensorflow/tfjs-backend-cpu'
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import '@tensorflow/tfjs-backend-webgpu'
import * as tf from '@tensorflow/tfjs-core'
import { adam, dispose, kernelStatistics, step } from '../../../src/index.js'
import '../../../src/tfjs/tensors.js'
import * as operators from '../../webgpu/operators.js'
import { numbersOf } from '../../webgpu/read.js'
import * as trials from '../../webgpu/trials.js'

const useWebgpu = async (): Promise<GPUDevice> => {
  await tf.setBackend('webgpu')
  // the backend of that name
  return (tf.backend() as WebGPUBackend).device
}

/** What is found, per thing that was tried, where it is anything. */
type Found = Readonly<Record<string, readonly string[]>>

const collect = async (
  tried: readonly (readonly [name: string, differing: () => Promise<readonly string[]>])[],
): Promise<Found> => {
  const found: Record<string, readonly string[]> = {}
  for (const [name, differing] of tried) {
    const differences = await differing()
    if (differences.length > 0) found[name] = differences.slice(0, 10)
  }
  return found
}

/** Where operators differ from those of numbers. */
export const operations = async (): Promise<{ readonly tried: number; readonly found: Found }> => {
  const device = await useWebgpu()
  const { unaries, binaries, compares, differing, chosenOtherwise } = operators
  const tried = [
    ...unaries.map(([op, ulps]) => [op, () => differing(device, [op, 'g'], ulps)] as const),
    ...binaries.map(([op, ulps]) => [op, () => differing(device, [op, 'g', 'p'], ulps)] as const),
    ...compares.map((op) => [op, () => chosenOtherwise(device, op)] as const),
  ]
  return { tried: tried.length, found: await collect(tried) }
}

/** Where steps differ from those on numbers, and how many of them were not fused. */
export const steps = async (): Promise<{
  readonly tried: number
  readonly found: Found
  readonly fallbacks: number
}> => {
  const device = await useWebgpu()
  const before = kernelStatistics().fallbacks
  const tried = Object.entries(trials.transformations).map(
    ([name, tx]) => [name, () => trials.differing(device, tx)] as const,
  )
  return {
    tried: tried.length,
    found: await collect(tried),
    fallbacks: kernelStatistics().fallbacks - before,
  }
}

/** Tensors and bytes that a hundred donated steps add, and where the parameter arrives that follows its own gradient. */
export const donated = async (): Promise<{
  readonly tensors: number
  readonly bytes: number
  readonly end: number
}> => {
  await useWebgpu()
  const inPlace = step(adam(0.1), { donate: true })
  let params = tf.tensor1d([1, -2, 3, 5])
  let state = adam(0.1).init(params)
  const round = (): void => {
    ;[params, state] = inPlace(params, state, tf.mul(params, 2))
  }
  round()
  const { numTensors, numBytes } = tf.memory()
  for (let i = 0; i < 300; i++) round()
  const [tensors, bytes] = [tf.memory().numTensors - numTensors, tf.memory().numBytes - numBytes]
  const end = Math.max(...(await numbersOf(params)).flat().map(Math.abs))
  dispose(params, state)
  return { tensors, bytes, end }
}
