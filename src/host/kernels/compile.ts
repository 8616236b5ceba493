/** Compiles loops for a backend's memory, each structure once. */

import type { Loop } from '../../compile/loop.js'
import { structureOf } from '../../compile/structure.js'
import { importedFunctions } from '../../compile/wasm/imports.js'
import { kernelBytes } from '../../compile/wasm/kernel.js'
import { boundedCache } from '../boundedCache.js'
import { type Refusal, refusal } from '../fallback.js'
import { count } from '../statistics.js'
import type { WasmDoor } from '../tfjs/wasm/backend.js'

/** A compiled loop. */
export interface Kernel {
  /** Runs the loop over the entries of a table at an address. */
  readonly run: (table: number, count: number) => void
  /** The module, for other threads to compile. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** More structures of rules than a program has; each kernel takes a few kilobytes. */
const capacity = 256

const isFunction = (value: unknown): value is Kernel['run'] => typeof value === 'function'

const compile = (door: WasmDoor, loop: Loop): Kernel | Refusal => {
  try {
    const bytes = kernelBytes(loop, door.isShared)
    const module = new WebAssembly.Module(bytes)
    const instance = new WebAssembly.Instance(module, { env: { memory: door.memory, ...importedFunctions } })
    const { run } = instance.exports
    if (isFunction(run)) return { run, bytes }
    throw new TypeError('a kernel exports its function')
  } catch (error) {
    // an engine without SIMD, or a content-security policy that forbids compilation
    return refusal('wasm', String(error), structureOf(loop))
  }
}

/** The compiler for a backend. */
export const compiler = (door: WasmDoor): ((loop: Loop) => Kernel | Refusal) => {
  const cache = boundedCache<Kernel | Refusal>(capacity)
  return (loop) => {
    let isNew = false
    const kernel = cache(structureOf(loop), () => {
      isNew = true
      return compile(door, loop)
    })
    count(isNew ? 'compilations' : 'hits')
    return kernel
  }
}
