/** Compiles loops for a memory, each structure once. */

import { binary, unary } from '../../compile/float64.js'
import type { Loop } from '../../compile/loop.js'
import { structureOf } from '../../compile/structure.js'
import { kernelBytes, type Make } from '../../compile/wasm/kernel.js'
import type { Precision } from '../../compile/wasm/width.js'
import { boundedCache } from '../boundedCache.js'
import { type Refusal, refusal } from '../fallback.js'
import { count } from '../statistics.js'

/** A compiled loop. */
export interface Kernel {
  /** Runs the loop over the entries of a table at an address. */
  readonly run: (table: number, count: number) => void
  /** The module, for other threads to compile. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** What kernels are compiled for. */
export interface KernelMemory extends Omit<Make, 'precision'> {
  readonly memory: WebAssembly.Memory
}

/** Compiles a loop in a precision; `null` of one that is done without a kernel. */
export type Compile = (loop: Loop, precision: Precision) => Kernel | Refusal | null

/** More structures of rules than a program has; each kernel takes a few kilobytes. */
const capacity = 256

const compile = ({ memory, ...make }: KernelMemory, loop: Loop, precision: Precision): Kernel | Refusal => {
  try {
    const bytes = kernelBytes(loop, { ...make, precision })
    const module = new WebAssembly.Module(bytes)
    // of the operators a module takes those that it imports
    const instance = new WebAssembly.Instance(module, { env: { memory, ...unary, ...binary } })
    const run = instance.exports.run as Kernel['run'] // which every kernel exports
    return { run, bytes }
  } catch (error) {
    // an engine without SIMD, or a content-security policy that forbids compilation
    return refusal('wasm', String(error), structureOf(loop))
  }
}

/** The compiler for a memory. */
export const compiler = (memory: KernelMemory): ((...loop: Parameters<Compile>) => Kernel | Refusal) => {
  const cache = boundedCache<Kernel | Refusal>(capacity)
  return (loop, precision) => {
    let isNew = false
    const kernel = cache(`${precision}\n${structureOf(loop)}`, () => {
      isNew = true
      return compile(memory, loop, precision)
    })
    count(isNew ? 'compilations' : 'hits')
    return kernel
  }
}
