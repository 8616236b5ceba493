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
import type { Done, Job, Work } from '../../work.js'
import type { Tensor, WasmDoor } from './backend.js'
import { locate, shared } from './locate.js'
import { lay, machine, scratchOf } from './machine.js'
import { collect, placeAll, placing } from './place.js'
import { launcher } from './threads.js'

const nothing: ReadonlySet<number> = new Set()

type WasmInterpreter = (work: Work<Tensor>) => Done<Tensor> | Refusal

/** The interpreter for tensors of a WASM backend. It refuses where the engine compiles no kernel with SIMD. */
export const wasmInterpreter: (door: WasmDoor) => WasmInterpreter = remember((door: WasmDoor) => {
  const { memory, isShared } = door
  const compile = compiler({ memory, isShared, sums: inTurns })
  const launch = launcher(door)
  const binding = remember((job: Job) => {
    const bound = bind(job, compile, lay)
    return '_tag' in bound ? bound : { ...bound, scratch: scratchOf(bound) }
  })
  return (work: Work<Tensor>) => {
    const bound = binding(work.job)
    if ('_tag' in bound) return bound
    const located = locate(door, work)
    const to = placing(door, work.donate, work.donate ? shared(located) : nothing)
    try {
      const placed = placeAll(bound.groups, work, located, to)
      const scratch = door.scratch(bound.scratch)
      const views = viewsOf(memory.buffer) // after everything is allocated: the memory may have grown
      runAll(machine(located, placed, views, scratch, launch), work, bound)
      return collect(door, bound.groups, placed)
    } catch (error) {
      to.dispose()
      throw error
    }
  }
})
