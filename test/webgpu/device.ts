/**
 * TensorFlow.js's WebGPU backend in Node, on Dawn.
 *
 * Without an adapter the tests of WebGPU are skipped and say why; with `CI` set that is a failure.
 */
import * as tf from '@tensorflow/tfjs-core'
import { describe, test } from 'vitest'
import { create, globals } from 'webgpu'
import { isThorough } from '../laws/runs.js'

// what a browser has, and tfjs looks for while it loads
Object.assign(globalThis, globals)
// without `CI` kernels do not hold their reads within a buffer, which a compiler in software spends a tenth of its time on:
// those of TensorFlow.js that sum read beyond, and may give NaN then
const gpu = create(isThorough ? [] : ['enable-dawn-features=disable_robustness'])
Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true })
await import('@tensorflow/tfjs-backend-cpu')
const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu')

/**
 * While Dawn waits for the device it asks, in every turn of the event loop, whether that is done: a core's work, and the
 * device in software has need of all of them. Its questions, which are no functions of JavaScript, come after a pause.
 */
const pauseBetweenQuestions = (): void => {
  const { setImmediate: soon } = globalThis
  const never = new Int32Array(new SharedArrayBuffer(4))
  const isNative = (f: unknown): boolean => /\{ \[native code\] \}$/.test(String(f))
  const later = (act: (...args: unknown[]) => void, ...args: unknown[]): NodeJS.Immediate => {
    if (isNative(act)) Atomics.wait(never, 0, 0, 0.05)
    return soon(act, ...args)
  }
  globalThis.setImmediate = Object.assign(later, soon)
}
pauseBetweenQuestions()

const adapter = await gpu.requestAdapter()

/** What the tests run on; `null` where there is nothing. */
export const adapterName: string | null =
  adapter === null ? null : `${adapter.info.vendor} ${adapter.info.description}`

/** Whether the device is a program: a dispatch takes about a millisecond there, and a kernel some tens to compile. */
export const isSoftware: boolean = /swiftshader|llvmpipe/i.test(adapterName ?? '')

/** A suite that needs WebGPU. */
export const describeOnWebgpu = (name: string, tests: () => void): void => {
  if (adapterName !== null) describe(name, tests)
  else if (process.env.CI) test(`${name}: a WebGPU adapter`, () => Promise.reject(new Error('no adapter')))
  else describe.skip(`${name} (skipped: Dawn finds no WebGPU adapter)`, tests)
}

/**
 * Activates the backend, on a device of its own: what was on another one is gone. The device claims to have these
 * limits, for tests that would otherwise need gigabytes.
 */
export const useWebgpu = async (limits: Readonly<Record<string, number>> = {}): Promise<GPUDevice> => {
  // an adapter gives one device
  const fresh = await gpu.requestAdapter()
  if (fresh === null) throw new Error('no adapter')
  const device = await fresh.requestDevice()
  const claimed: Record<string, number> = { ...limits }
  for (const name of [
    'maxStorageBuffersPerShaderStage',
    'maxStorageBufferBindingSize',
    'maxUniformBufferBindingSize',
    'maxUniformBuffersPerShaderStage',
    'maxComputeWorkgroupsPerDimension',
    'maxBufferSize',
    'maxComputeInvocationsPerWorkgroup',
    'maxComputeWorkgroupSizeX',
  ] as const)
    claimed[name] ??= device.limits[name]
  Object.defineProperty(device, 'limits', { value: claimed })
  if (tf.findBackendFactory('webgpu') !== null) tf.removeBackend('webgpu')
  tf.registerBackend('webgpu', () => new WebGPUBackend(device, fresh.info), 3)
  await tf.setBackend('webgpu')
  return device
}
