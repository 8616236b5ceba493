/**
 * Training: while gradpipe differentiates, its own kernels do what those of the WASM backend cannot do, or do slowly.
 *
 * TensorFlow.js finds kernels by name in one table for the whole program. Ours are in it from the beginning of a
 * gradient to its end, so code that does not call gradpipe never uses them.
 */
import * as tf from '@tensorflow/tfjs-core'
import { type Refusal, refusal, tell } from '../../host/fallback.js'
import { unknownBackend, type WasmDoor, wasmDoor } from '../../host/tfjs/wasm/backend.js'
import { remember } from '../../rule/intern.js'
import { normalizations } from './batchNorm.js'
import { convolutions } from './convolution.js'
import { depthwiseConvolutions } from './depthwise.js'
import { dilations } from './dilation.js'
import { einsumGradient, indexed } from './einsum.js'
import { products } from './matMul.js'
import { poolings } from './pooling.js'
import { multiplierOf } from './product.js'
import { type Replaced, report } from './replacement.js'
import { scatters } from './scatter.js'
import { sums } from './sum.js'
import { repetitions } from './tile.js'

const backendName = 'wasm'

const all: readonly Replaced[] = [
  ...products,
  ...convolutions,
  ...depthwiseConvolutions,
  ...poolings,
  ...scatters,
  ...sums,
  ...repetitions,
  ...normalizations,
  ...dilations,
  ...indexed,
]

const isTensors = (inputs: tf.NamedTensorInfoMap): inputs is Record<string, tf.Tensor | undefined> =>
  Object.values(inputs).every((input) => input === undefined || input instanceof tf.Tensor)

/** A kernel that calls another one for what ours does not support. */
const kernelOf = (ours: Replaced, own: tf.KernelConfig | undefined): tf.KernelConfig => ({
  ...own,
  kernelName: ours.kernel,
  backendName,
  kernelFunc: (call) => {
    const { inputs, attrs = {}, backend } = call
    const door = wasmDoor(backend)
    const result = door === null || !isTensors(inputs) ? null : ours.run({ door, inputs, attrs })
    if (result === null) {
      if (own === undefined)
        throw new Error(`Kernel '${ours.kernel}' not registered for backend '${backendName}'`)
      return own.kernelFunc(call)
    }
    report(ours)
    return result
  },
})

/** Ours by their names, for kernels of TensorFlow.js's own. */
const standIns = all.map((ours) => ({
  name: ours.kernel,
  alone: kernelOf(ours, undefined),
  before: remember((own: tf.KernelConfig) => kernelOf(ours, own)),
}))

/** Why our kernels cannot run in a backend's memory. */
const obstacle = remember((door: WasmDoor): Refusal | null => {
  try {
    multiplierOf(door)
    return null
  } catch (error) {
    // an engine without SIMD, or a content-security policy that forbids compilation
    return refusal('wasm', String(error))
  }
})

const isReady = (): boolean => {
  const door = wasmDoor(tf.backend())
  const refused = door === null ? refusal('wasm', unknownBackend) : obstacle(door)
  if (refused !== null) tell(refused)
  return refused === null
}

const find = (name: string): tf.KernelConfig | undefined => tf.getKernel(name, backendName)

let isTraining = false

/** Calls a function while our kernels replace others. */
const withKernels = <T>(f: () => T): T => {
  const owns = standIns.map(({ name }) => find(name))
  try {
    for (const [i, { name, alone, before }] of standIns.entries()) {
      const own = owns[i]
      if (own !== undefined) tf.unregisterKernel(name, backendName)
      tf.registerKernel(own === undefined ? alone : before(own))
    }
    return f()
  } finally {
    for (const [i, { name }] of standIns.entries()) {
      const own = owns[i]
      if (find(name) !== undefined) tf.unregisterKernel(name, backendName)
      if (own !== undefined) tf.registerKernel(own)
    }
  }
}

/** Calls a function while there is a gradient of Einsum. */
const withGradient = <T>(f: () => T): T => {
  const { kernelName } = einsumGradient
  // what is not there may not be of this type
  const own: tf.GradConfig | undefined = tf.getGradient(kernelName)
  if (own !== undefined) return f()
  tf.registerGradient(einsumGradient)
  try {
    return f()
  } finally {
    tf.unregisterGradient(kernelName)
  }
}

/** Calls a function that differentiates, with the kernels that TensorFlow.js's active backend lacks. */
export const whileTraining = <T>(f: () => T): T => {
  if (isTraining) return f()
  isTraining = true
  try {
    return withGradient(() => (tf.getBackend() === backendName && isReady() ? withKernels(f) : f()))
  } finally {
    isTraining = false
  }
}
