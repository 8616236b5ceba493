/** What a page has for us: isolation, threads, WebGPU; and a step of an optimizer in it. */
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import { rounds } from '../rounds.js'

const useWasm = async (): Promise<void> => {
  if (tf.getBackend() === 'wasm') return
  setWasmPaths('/wasm/')
  setThreadsCount(2)
  await tf.setBackend('wasm')
}

/** Whether memory can be shared with workers, and what WebGPU there is. */
export const surroundings = async (): Promise<{
  isolated: boolean
  shared: boolean
  adapter: string | null
}> => {
  const adapter = await navigator.gpu?.requestAdapter()
  return {
    isolated: crossOriginIsolated,
    shared: typeof SharedArrayBuffer === 'function',
    adapter: adapter ? adapter.info.architecture : null,
  }
}

/** Whether the WASM backend has started with its threads; their build keeps its memory beside the exports. */
export const threads = async (): Promise<{ backend: string; threads: boolean; shared: boolean }> => {
  await useWasm()
  const backend: object = tf.backend()
  const wasm: unknown = 'wasm' in backend ? backend.wasm : undefined
  const memory: unknown =
    wasm !== null && typeof wasm === 'object' && 'wasmMemory' in wasm ? wasm.wasmMemory : undefined
  return {
    backend: tf.getBackend(),
    threads: Boolean(await tf.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT')),
    shared: memory instanceof WebAssembly.Memory && memory.buffer instanceof SharedArrayBuffer,
  }
}

/** A few rounds of an optimizer on the WASM backend. */
export const steps = async (): Promise<readonly (readonly number[])[]> => {
  await useWasm()
  return rounds()
}

/** A failure, for the test of its report. */
export const fail = async (): Promise<never> => {
  console.warn('about to fail')
  throw new RangeError('on purpose')
}
