/**
 * The machine for tensors of the WASM backend: kernels read and write them where they are. Tables, uniforms and results
 * lie in a scratch memory, and the host sees all of it.
 */

import type { Loop } from '../../../compile/loop.js'
import type { Phase } from '../../../compile/passes.js'
import { entryWords, HEADER } from '../../../compile/wasm/kernel.js'
import type { Expr } from '../../../rule/expr.js'
import type { Binding, Bound, Group } from '../../kernels/binding.js'
import type { Machine, Views } from '../../kernels/machine.js'
import { count } from '../../statistics.js'
import type { TensorData } from './backend.js'
import type { Located } from './locate.js'
import type { Addresses } from './place.js'
import type { Launch } from './threads.js'

// what stays

/** A part of a leaf. */
interface Piece {
  /** Which of the group's leaves it is of. */
  readonly row: number
  /** How many elements come before it, and how many it has. */
  readonly from: number
  readonly size: number
}

/** Where a phase has its things in the scratch memory, which begins with the uniforms. */
export interface Layout {
  /** Large leaves are done in pieces, which threads can share; the others are of one piece. */
  readonly pieces: readonly Piece[]
  /** Where, in bytes from the start of the scratch memory, the table and the reductions' results are. */
  readonly table: number
  readonly results: number
  /** How many bytes it takes. */
  readonly bytes: number
}

/**
 * How many elements a piece has at most: few enough that a thread which comes late still finds some, and enough that
 * to ask for the next costs nothing beside it. Results do not depend on the number of threads, since pieces do not.
 */
const PIECE = 2 ** 16

const piecesOf = (sizes: readonly number[]): readonly Piece[] =>
  sizes.flatMap((size, row) =>
    Array.from({ length: Math.max(1, Math.ceil(size / PIECE)) }, (_, i) => ({
      row,
      from: i * PIECE,
      size: Math.min(PIECE, size - i * PIECE),
    })),
  )

const align = (bytes: number): number => (bytes + 15) & ~15

/** Lays out the phases over leaves of these sizes. */
export const lay = (sizes: readonly number[]): ((phase: Phase) => Layout) => {
  const pieces = piecesOf(sizes)
  return ({ loop, perLeaf }) => {
    const table = align(4 * loop.uniforms.length * (perLeaf ? sizes.length : 1))
    const results = align(table + 4 * entryWords(loop) * pieces.length)
    return { pieces, table, results, bytes: results + 8 * loop.reductions.length * pieces.length }
  }
}

/** How many bytes of scratch memory the largest phase needs. */
export const scratchOf = ({ groups }: Binding<Layout>): number =>
  Math.max(0, ...groups.flatMap(({ stages, final }) => [...stages, final].map(({ layout }) => layout.bytes)))

// a step

const streamOf = (located: Located, node: Expr): readonly (TensorData | null)[] =>
  node._tag === 'Gradient'
    ? located.gradients
    : node._tag === 'Parameter'
      ? located.parameters
      : node._tag === 'Slot'
        ? (located.slots[node.name] ?? [])
        : []

/** The machine of a step, with the scratch memory at an address. */
export const machine = (
  located: Located,
  placed: Addresses,
  { f32, i32, f64 }: Views,
  scratch: number,
  launch: Launch,
): Machine<Layout> => {
  const fill = (
    { loop, perLeaf }: { readonly loop: Loop; readonly perLeaf: boolean },
    { leaves }: Group<Layout>,
    { pieces, table, results }: Layout,
    stores: readonly (readonly number[])[],
  ): void => {
    const words = entryWords(loop)
    const start = (scratch + table) >>> 2
    for (let i = 0, at = start; i < pieces.length; i++, at += words) {
      const { row, size } = pieces[i] as Piece
      i32[at] = size
      i32[at + 1] = scratch + (perLeaf ? 4 * loop.uniforms.length * row : 0)
      i32[at + 2] = scratch + results + 8 * loop.reductions.length * i
    }
    for (let k = 0; k < loop.streams.length; k++) {
      const column = streamOf(located, loop.streams[k] as Expr)
      for (let i = 0, at = start + HEADER + k; i < pieces.length; i++, at += words) {
        const { row, from } = pieces[i] as Piece
        i32[at] = (column[leaves[row] as number]?.memoryOffset ?? 0) + 4 * from
      }
    }
    for (let k = 0; k < stores.length; k++) {
      const column = stores[k] as readonly number[]
      for (let i = 0, at = start + HEADER + loop.streams.length + k; i < pieces.length; i++, at += words) {
        const { row, from } = pieces[i] as Piece
        i32[at] = (column[row] as number) + 4 * from
      }
    }
  }

  const run = (
    group: Group<Layout>,
    { phase, kernel, layout }: Bound<Phase, Layout>,
    stores: readonly (readonly number[])[],
  ): void => {
    if (kernel === null) return
    fill(phase, group, layout, stores)
    launch(kernel, scratch + layout.table, 4 * entryWords(phase.loop), layout.pieces.length, group.elements)
    count('launches')
  }

  return {
    sums: 'in turns',
    single: (name, leaf) => {
      const data = leaf === null ? located.treeSlots[name] : located.slots[name]?.[leaf]
      return data ? (f32[data.memoryOffset >>> 2] as number) : Number.NaN
    },
    putUniforms: (_, { phase, numbers }, row) => {
      const { length } = phase.loop.uniforms
      const at = (scratch >>> 2) + (phase.perLeaf ? row * length : 0)
      for (let i = 0; i < length; i++) f32[at + i] = numbers[i] as number
    },
    reduce: (group, bound) => {
      run(group, bound, [])
      const { layout, shares, reductions } = bound
      const { pieces } = layout
      const of = bound.phase.loop.reductions
      const at = (scratch + layout.results) >>> 3
      for (let i = 0, last = -1; i < pieces.length; i++) {
        const { row } = pieces[i] as Piece
        for (let k = 0; k < of.length; k++) {
          const value = f64[at + i * of.length + k] as number
          const place = row * reductions.length + k
          const before = shares[place] as number
          shares[place] =
            row !== last ? value : of[k]?.kind === 'max' ? Math.max(before, value) : before + value
        }
        last = row
      }
    },
    store: (group, index) => run(group, group.final, placed.stores[index] ?? []),
    write: (index, i, row, value) => {
      const address = placed.numbers[index]?.[i]?.[row]
      if (address !== undefined) f32[address >>> 2] = value
    },
  }
}
