/**
 * TensorFlow.js's WebGPU backend in Node, on Dawn: import this before anything of `webgpu`.
 *
 * Without an adapter the tests of WebGPU are skipped and say why; with `CI` set that is a failure.
 */
import * as tf from '@tensorflow/tfjs-core'
import { describe, test } from 'vitest'
import { create, globals } from 'webgpu'

// what a browser has, and tfjs looks for while it loads
Object.assign(globalThis, globals)
const gpu = create([])
Object.defineProperty(globalThis, 'navigator', {
  value: { ...globalThis.navigator, gpu },
  configurable: true,
})
await import('@tensorflow/tfjs-backend-cpu')
await import('@tensorflow/tfjs-backend-webgpu')

const adapter = await gpu.requestAdapter()

/** What the tests run on; `null` where there is nothing. */
export const adapterName: string | null =
  adapter === null ? null : [adapter.info.vendor, adapter.info.description].join(' ')

/** A suite that needs WebGPU. */
export const describeOnWebgpu = (name: string, tests: () => void): void => {
  if (adapterName !== null) describe(name, tests)
  else if (process.env.CI) test(`${name}: a WebGPU adapter`, () => Promise.reject(new Error('no adapter')))
  else describe.skip(`${name} (skipped: Dawn finds no WebGPU adapter)`, tests)
}

/** Activates the backend. */
export const useWebgpu = async (): Promise<void> => {
  await tf.setBackend('webgpu')
  await tf.ready()
}
