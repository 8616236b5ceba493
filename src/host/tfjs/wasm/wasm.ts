/**
 * The interpreter for tensors of the WASM backend: a whole chain in one pass over their memory.
 *
 * Kernels read and write the tensors where they are. Between the kernels the host computes what has one value per
 * leaf or tree: it sees the same memory.
 */
import { inTurns } from '../../../compile/wasm/turns.js'
import { remember } from '../../../rule/intern.js'
import type { Refusal } from '../../fallback.js'
import { bind } from '../../kernels/bind.js'
import { compiler } from '../../kernels/compile.js'
import { viewsOf } from '../../kernels/machine.js'
import { runAll } from '../../kernels/run.js'
import { type Done, type Job, staying, type Work } from '../../work.js'
import type { Tensor, TensorData, WasmDoor } from './backend.js'
import { locate, locateColumn, shared } from './locate.js'
import { lay, machine, scratchOf } from './machine.js'
import { collect, placeAll, placedIn, placing } from './place.js'
import { launcher } from './threads.js'

const nothing: ReadonlySet<number> = new Set()

/** What is kept for a backend, and for the jobs that were computed on it. */
const keptFor = remember((door: WasmDoor) => {
  const { memory, isShared } = door
  const compile = compiler({ memory, isShared, sums: inTurns })
  const launch = launcher(door)
  const binding = remember((job: Job) => {
    const bound = bind(job, compile, lay)
    return '_tag' in bound ? bound : { ...bound, scratch: scratchOf(bound) }
  })
  return { launch, binding }
})

type WasmInterpreter = (work: Work<Tensor>) => Done<Tensor> | Refusal

/** The interpreter for tensors of a WASM backend. It refuses where the engine compiles no kernel with SIMD. */
export const wasmInterpreter: (door: WasmDoor) => WasmInterpreter = remember((door: WasmDoor) => {
  const { launch, binding } = keptFor(door)
  return (work: Work<Tensor>) => {
    const bound = binding(work.job)
    if ('_tag' in bound) return bound
    const located = locate(door, work)
    const to = placing(door, work.donate, work.donate ? shared(located) : nothing)
    try {
      const placed = placeAll(bound.groups, work, located, to)
      const scratch = door.scratch(bound.scratch)
      const views = viewsOf(door.memory.buffer) // after everything is allocated: the memory may have grown
      runAll(machine(located, placed, views, scratch, launch), work, bound)
      return collect(door, bound.groups, placed)
    } catch (error) {
      to.dispose()
      throw error
    }
  }
})

/** As `inPlace` of a host. */
export const wasmInPlace = (door: WasmDoor, work: Work<Tensor>): (() => boolean) | null => {
  const { launch, binding } = keptFor(door)
  const bound = binding(work.job)
  if ('_tag' in bound) return null
  const { groups } = bound
  const all = staying(work)
  const data: (TensorData | null)[] = all.map(() => null)
  let located = locate(door, work)
  let placed = placedIn(groups, located)
  return () => {
    let isMoved = false
    for (let i = 0; i < all.length; i++) {
      const own = door.dataOf(all[i] as Tensor)
      if (own.refCount !== 1) return false
      if (own !== data[i]) {
        data[i] = own
        isMoved = true
      }
    }
    if (isMoved) {
      located = locate(door, work)
      placed = placedIn(groups, located)
    } else locateColumn(door, work.gradients, located.gradients)
    const scratch = door.scratch(bound.scratch)
    const views = viewsOf(door.memory.buffer)
    runAll(machine(located, placed, views, scratch, launch), work, bound)
    for (let i = 0; i < all.length; i++) door.renew(all[i] as Tensor)
    return true
  }
}
