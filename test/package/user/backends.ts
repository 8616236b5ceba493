/** The backends of TensorFlow.js, in a page and in its worker. */
import '@tensorflow/tfjs-backend-cpu'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import '@tensorflow/tfjs-backend-webgpu'

// where the user's server has the files of the WASM backend
setWasmPaths('/wasm/')
