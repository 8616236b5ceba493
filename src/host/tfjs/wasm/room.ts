/** Room: memory of the backend for a while. */
import type { WasmDoor } from './backend.js'

/** Calls a function with memory for so many numbers, which is given back after it. */
export const withRoom = <T>(door: WasmDoor, size: number, f: (address: number) => T): T => {
  const { tensor, address } = door.makeTensor([size], size)
  try {
    return f(address)
  } finally {
    tensor.dispose()
  }
}
