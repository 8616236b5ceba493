/** The memory of our own in which kernels compute what arrays hold: they are copied in and out, piece by piece. */
import { type Views, viewsOf } from '../kernels/machine.js'

/** A page of WebAssembly. */
const PAGE = 65_536

/** A memory that grows as it must. */
export interface Memory {
  readonly memory: WebAssembly.Memory
  /** Views of at least so many bytes. */
  readonly views: (bytes: number) => Views
}

/** A memory without room yet. Throws where there is no WebAssembly. */
const makeMemory = (): Memory => {
  const memory = new WebAssembly.Memory({ initial: 0 })
  let known = viewsOf(memory.buffer)
  return {
    memory,
    views: (bytes) => {
      const missing = bytes - known.i32.byteLength
      if (missing > 0) {
        memory.grow(Math.ceil(missing / PAGE))
        known = viewsOf(memory.buffer)
      }
      return known
    },
  }
}

let own: Memory | undefined

/** The memory, made when it is first needed. Throws where there is no WebAssembly. */
export const ownMemory = (): Memory => {
  own ??= makeMemory()
  return own
}
