/** `@tensorflow/tfjs-core` for examples: with its gradients, and two backends, of which the one in JavaScript runs first. */
import { setBackend } from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js'
import '@tensorflow/tfjs-core/dist/register_all_gradients.js'
import './backendCpu.js'
import './backendWasm.js'

export * from '@tensorflow/tfjs-core'

// an example takes tensors at once; `tf.setBackend('wasm')` waits for the other one
await setBackend('cpu')
