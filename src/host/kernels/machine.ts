/** A step under way: what its kernels run on, and how a phase's numbers are computed on the host. */

import type { Phase } from '../../compile/passes.js'
import type { Reduce, Slot } from '../../rule/expr.js'
import { remember } from '../../rule/intern.js'
import type { Work } from '../work.js'
import type { Bound, BoundStage, Group } from './binding.js'

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
  /** How its kernels make sums: those that are made in order are looked at when they are complete. */
  readonly sums: 'in turns' | 'in order'
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

/** Reads the slots that a group's tapes are given: they stay as they are until all phases have run. */
export const readSlots = <L>(
  { machine }: Run<L>,
  { passes, leaves, given, round, perLeaf }: Group<L>,
): void => {
  const { slots, scalars } = passes
  if (slots.length === 0) return
  const width = slots.length + scalars.length
  const rows = perLeaf ? leaves.length : 1
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < slots.length; i++) {
      const { name, scope } = slots[i] as Slot
      given[row * width + i] = round(machine.single(name, scope === 'tree' ? null : (leaves[row] as number)))
    }
}

/** Writes what a phase's tape reads of what it is given. */
const give = <L>(
  { work, sites }: Run<L>,
  { passes, given, reduced, round }: Group<L>,
  { tape }: Phase,
  row: number,
): void => {
  const { values, reads } = tape
  const { host } = work
  const { slots, scalars, reductions } = passes
  const width = slots.length + scalars.length
  for (let i = 0; i < reads.length; i++) {
    const place = reads[i] as number
    const own = place - host.length
    if (own < 0) values[place] = round(host[place] as number)
    else if (own < width) values[place] = given[row * width + own] as number
    else {
      const { over, site } = reductions[own - width] as Reduce
      values[place] =
        over === 'tree'
          ? round(sites.get(site) ?? Number.NaN)
          : (reduced[row * reductions.length + own - width] as number)
    }
  }
}

/**
 * Computes a phase's numbers for a leaf, and puts the uniforms in their place. Those of a phase whose numbers are the same
 * for all leaves are computed with the first. Whether anybody needs them of the other leaves.
 */
export const computeNumbers = <L>(
  run: Run<L>,
  group: Group<L>,
  bound: Bound<Phase, L>,
  row: number,
): boolean => {
  const { tape, loop, perLeaf } = bound.phase
  const uniforms = loop.uniforms.length
  if (tape.length > 0 && (perLeaf || row === 0)) {
    give(run, group, bound.phase, row)
    tape.run(bound.numbers)
    if (uniforms > 0) run.machine.putUniforms(group, bound, row)
  }
  return perLeaf || tape.length > uniforms
}
