/** The limit that physics sets: the parameters copied within the memory of the WASM backend. */
import * as tf from '@tensorflow/tfjs-core'
import { type Layout, parametersOf } from '../layouts.js'
import type { Session } from '../peer.js'

/** What the copy needs of the backend's module, if it looks as it did when this was written. */
interface Module {
  readonly HEAPU8: Uint8Array
  readonly _malloc: (bytes: number) => number
  readonly _free: (address: number) => void
}

const isModule = (value: unknown): value is Module =>
  typeof value === 'object' &&
  value !== null &&
  'HEAPU8' in value &&
  value.HEAPU8 instanceof Uint8Array &&
  '_malloc' in value &&
  typeof value._malloc === 'function' &&
  '_free' in value &&
  typeof value._free === 'function'

/** The backend's module, which replaces HEAPU8 when its memory grows. */
export const wasmModule = (): Module | undefined => {
  const backend: object = tf.backend()
  const module: unknown = 'wasm' in backend ? backend.wasm : undefined
  return isModule(module) ? module : undefined
}

/** A session whose step copies as many floats as the layout holds: 8 bytes of traffic for each. */
export const openCopy = (layout: Layout): Session | undefined => {
  const module = wasmModule()
  if (module === undefined) return undefined
  const bytes = 4 * parametersOf(layout)
  const from = module._malloc(bytes) >>> 0
  const to = module._malloc(bytes) >>> 0
  return {
    prepare: () => {},
    step: () => {
      module.HEAPU8.copyWithin(to, from, from + bytes)
    },
    params: async () => [],
    close: () => {
      module._free(from)
      module._free(to)
    },
  }
}
