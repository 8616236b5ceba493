/** Modules that are no loops of rules, compiled for a backend's memory. */
import type { WasmDoor } from './backend.js'

/** What runs in a backend's memory, compiled. */
export type Run = (...parameters: number[]) => void

const isRun = (value: unknown): value is Run => typeof value === 'function'

/** Compiles a module for a backend's memory. Throws where the engine compiles no SIMD. */
export const compiled = (
  { memory, isShared }: WasmDoor,
  bytesFor: (shared: boolean) => Uint8Array<ArrayBuffer>,
): { readonly run: Run; readonly bytes: Uint8Array<ArrayBuffer> } => {
  const bytes = bytesFor(isShared)
  const { run } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports
  if (isRun(run)) return { run, bytes }
  throw new TypeError('a kernel exports its function')
}
