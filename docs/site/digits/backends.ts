/** Where the network is computed: on the graphics card, in WebAssembly, or, where neither is to be had, in JavaScript. */
import * as tf from '@tensorflow/tfjs-core'
// TensorFlow.js's core brings no gradients along
import '@tensorflow/tfjs-core/dist/register_all_gradients.js'
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url'
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url'

/** A backend of TensorFlow.js. */
export type Backend = 'webgpu' | 'webgl' | 'wasm' | 'cpu'

/** Names for people. */
export const titles: Readonly<Record<Backend, string>> = {
  webgpu: 'WebGPU',
  webgl: 'WebGL',
  wasm: 'WASM',
  cpu: 'JavaScript',
}

/** Why there is no WebGPU; `null` where there is. */
export const lackOfWebgpu = async (): Promise<string | null> => {
  // `gpu` is missing where a browser has no WebGPU, or the page came over an insecure connection
  const gpu: GPU | undefined = navigator.gpu
  if (gpu === undefined)
    return isSecureContext ? 'this browser has no WebGPU' : 'WebGPU needs a page that came over https'
  try {
    return (await gpu.requestAdapter()) === null ? 'this browser finds no graphics card for WebGPU' : null
  } catch (error) {
    return `WebGPU does not start: ${reason(error)}`
  }
}

/** What an error says. TensorFlow.js also throws objects that are no errors. */
export const reason = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error)

/** Paths can be set once, before the backend starts. */
let hasPaths = false

const register: Readonly<Record<Backend, () => Promise<void>>> = {
  webgpu: async () => {
    await import('@tensorflow/tfjs-backend-webgpu')
  },
  webgl: async () => {
    await import('@tensorflow/tfjs-backend-webgl')
  },
  wasm: async () => {
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm')
    if (hasPaths) return
    hasPaths = true
    // Threads want a page that is isolated, and on a network this small they cost more than they bring.
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false)
    setWasmPaths({
      'tfjs-backend-wasm.wasm': plain,
      'tfjs-backend-wasm-simd.wasm': simd,
      // asked for by name, and never loaded
      'tfjs-backend-wasm-threaded-simd.wasm': simd,
    })
  },
  cpu: async () => {
    await import('@tensorflow/tfjs-backend-cpu')
  },
}

const start = async (backend: Backend): Promise<void> => {
  await register[backend]()
  if (!(await tf.setBackend(backend))) throw new Error('it does not start here')
}

/** The backend that runs, and what has failed before it. */
export interface Started {
  readonly backend: Backend
  /** In words; empty where nothing has failed. */
  readonly failed: readonly string[]
}

/** Starts the backend that is wanted, or else one that runs without a graphics card. Rejects where none does. */
export const startBackend = async (wanted: Backend): Promise<Started> => {
  const order: readonly Backend[] =
    wanted === 'cpu' ? ['cpu'] : [...new Set<Backend>([wanted, 'wasm', 'cpu'])]
  const failed: string[] = []
  for (const backend of order) {
    try {
      await start(backend)
      return { backend, failed }
    } catch (error) {
      failed.push(`${titles[backend]} fails: ${reason(error)}`)
    }
  }
  throw new Error(failed.join('; '))
}
