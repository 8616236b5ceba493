/** `@tensorflow/tfjs-backend-wasm` for examples: it knows where its files are. */
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url'
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url'
import { env } from '@tensorflow/tfjs-core'

export * from '@tensorflow/tfjs-backend-wasm'

// threads want a page that is isolated
env().set('WASM_HAS_MULTITHREAD_SUPPORT', false)
setWasmPaths({
  'tfjs-backend-wasm.wasm': plain,
  'tfjs-backend-wasm-simd.wasm': simd,
  // asked for by name, and never loaded
  'tfjs-backend-wasm-threaded-simd.wasm': simd,
})
