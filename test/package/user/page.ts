/** The user's page: steps in it, and in a worker. Test code calls what it puts on `globalThis`. */
import './backends.js'
import { env, setBackend } from '@tensorflow/tfjs-core'
import { type Outcome, trial } from './trial.js'

/** Steps in a worker of the page. */
const inWorker = (backend: string): Promise<Outcome> => {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  return new Promise<Outcome>((resolve, reject) => {
    worker.addEventListener('message', ({ data }: MessageEvent<Outcome>) => resolve(data))
    worker.addEventListener('error', ({ message }) => reject(new Error(`in the worker: ${message}`)))
    worker.postMessage(backend)
  }).finally(() => worker.terminate())
}

/** Keeps TensorFlow.js from its build with threads, whose workers come from `blob:`. */
const oneThread = (): void => env().set('WASM_HAS_MULTITHREAD_SUPPORT', false)

/** Makes the page's policy stricter from here on. */
const forbid = (policy: string): void => {
  const meta = document.createElement('meta')
  meta.httpEquiv = 'Content-Security-Policy'
  meta.content = policy
  document.head.append(meta)
}

/** Whether the policy lets a page make code of text. */
const evaluates = (): boolean => {
  try {
    return new Function('return true')()
  } catch {
    return false
  }
}

/** Whether the policy lets a page compile WebAssembly. */
const compiles = (): boolean => {
  try {
    return (
      new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)) instanceof WebAssembly.Module
    )
  } catch {
    return false
  }
}

Object.assign(globalThis, { setBackend, oneThread, trial, inWorker, forbid, evaluates, compiles })
