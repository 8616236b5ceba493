/** A step under way: what its kernels run on, and how a phase's numbers are computed on the host. */

import type { Phase } from '../../compile/passes.js'
import type { Make } from '../../compile/wasm/kernel.js'
import { remember } from '../../rule/intern.js'
import type { Work } from '../work.js'
import type { Bound, BoundStage, Group } from './bind.js'

// views of the memory

/** The memory as words of each kind. */
export interface Views {
  readonly f32: Float32Array
  readonly i32: Int32Array
  readonly f64: Float64Array
}

/** Views of a buffer; a memory that grows has another. */
export const viewsOf: (buffer: ArrayBufferLike) => Views = remember(
  (buffer: ArrayBufferLike): Views => ({
    f32: new Float32Array(buffer),
    i32: new Int32Array(buffer),
    f64: new Float64Array(buffer),
  }),
)

// a step

/** What the kernels of a step run on: it knows where the leaves have their numbers. */
export interface Machine<L> {
  readonly sums: Make['sums']
  /** The number of a slot that a leaf has alone, or the tree (`null`). */
  readonly single: (name: string, leaf: number | null) => number
  /** Puts the uniforms of a leaf in their place, or those of all leaves. */
  readonly putUniforms: (group: Group<L>, bound: Bound<Phase, L>, row: number) => void
  /** Runs a stage's loop over all leaves of a group, and writes its shares. */
  readonly reduce: (group: Group<L>, bound: BoundStage<L>) => void
  /** Runs the last loop over all leaves of the group of that index. */
  readonly store: (group: Group<L>, index: number) => void
  /** Writes an output of one number, the i-th of a group's; after everything else. */
  readonly write: (index: number, i: number, row: number, value: number) => void
}

/** A step under way. */
export interface Run<L> {
  readonly work: Pick<Work<unknown>, 'job' | 'host'>
  readonly machine: Machine<L>
  /** The values of reductions over the tree, by site. */
  readonly sites: Map<string, number>
}

/** Writes what a phase's tape is given. */
const give = <L>(
  { work, machine, sites }: Run<L>,
  { passes, leaves, reduced, round }: Group<L>,
  { tape }: Phase,
  row: number,
): void => {
  const { values } = tape
  const { host } = work
  let next = 0
  while (next < host.length) values[next] = round(host[next++] as number)
  for (const { name, scope } of passes.slots)
    values[next++] = round(machine.single(name, scope === 'tree' ? null : (leaves[row] as number)))
  const { reductions } = passes
  for (let i = 0; i < reductions.length; i++) {
    const reduce = reductions[i]
    values[next++] =
      reduce?.over === 'tree'
        ? round(sites.get(reduce.site) ?? Number.NaN)
        : (reduced[row * reductions.length + i] as number)
  }
}

/**
 * Computes a phase's numbers, once or for every leaf, and puts the uniforms in their place. `use` is given each
 * leaf's numbers, which begin after the uniforms.
 */
export const computeNumbers = <L>(
  run: Run<L>,
  group: Group<L>,
  bound: Bound<Phase, L>,
  use: (row: number, numbers: Float64Array, first: number) => void,
): void => {
  const { tape, loop, perLeaf } = bound.phase
  const uniforms = loop.uniforms.length
  const isUsed = tape.length > uniforms
  for (let row = 0; row < group.leaves.length; row++) {
    if (perLeaf || row === 0) {
      give(run, group, bound.phase, row)
      tape.run(bound.numbers)
      if (uniforms > 0) run.machine.putUniforms(group, bound, row)
    }
    if (isUsed) use(row, bound.numbers, uniforms)
    else if (!perLeaf) break
  }
}
