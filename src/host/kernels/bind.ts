/**
 * Binding: a job's passes with their kernels, the leaves that each is for, and where in the scratch memory their
 * tables, uniforms and results go. It stays from step to step.
 */

import type { Loop } from '../../compile/loop.js'
import { type Final, type Passes, type Phase, passesOf, type Stage } from '../../compile/passes.js'
import { entryWords } from '../../compile/wasm/kernel.js'
import { sizeOf } from '../../rule/leaf.js'
import type { Refusal } from '../fallback.js'
import type { Job } from '../work.js'
import type { Kernel } from './compile.js'

/** A phase, compiled. */
export interface Bound<P extends Phase> {
  readonly phase: P
  /** `null` of a loop that has nothing to do. */
  readonly kernel: Kernel | null
  /** The phase's numbers, of one leaf at a time. */
  readonly numbers: Float64Array
  /** Where, in bytes from the start of the scratch memory, the table and the reductions' results are. */
  readonly table: number
  readonly results: number
}

/** A part of a leaf. */
export interface Piece {
  /** Which of the group's leaves it is of. */
  readonly row: number
  /** How many elements come before it, and how many it has. */
  readonly from: number
  readonly size: number
}

/** The leaves of one plan. */
export interface Group {
  readonly passes: Passes
  /** Which leaves of the job these are, and how many elements each has. */
  readonly leaves: readonly number[]
  readonly sizes: readonly number[]
  readonly shapes: readonly (readonly number[])[]
  /** How many elements all its leaves have. */
  readonly elements: number
  /** Large leaves are done in pieces, which threads can share; the others are of one piece. */
  readonly pieces: readonly Piece[]
  readonly stages: readonly Bound<Stage>[]
  readonly final: Bound<Final>
  /** The values of reductions over a leaf: a row of the passes' reductions per leaf. */
  readonly reduced: Float64Array
}

/** A job, bound. */
export interface Binding {
  readonly groups: readonly Group[]
  /** How many bytes of scratch memory the largest phase needs. */
  readonly scratch: number
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

/** Binds a job. */
export const bind = (job: Job, compile: (loop: Loop) => Kernel | Refusal): Binding | Refusal => {
  let refused: Refusal | undefined
  let scratch = 0
  const groups = [...job.plan.leaves.values()].flatMap((plan): readonly Group[] => {
    const leaves = job.leaves.flatMap((leaf, i) => (leaf.plan === plan ? [i] : []))
    if (leaves.length === 0) return []
    const shapes = leaves.map((i) => job.leaves[i]?.spec.shape ?? [])
    const sizes = shapes.map(sizeOf)
    const pieces = piecesOf(sizes)
    const passes = passesOf(plan, job.host)
    const boundPhase = <P extends Phase>(phase: P): Bound<P> => {
      const { loop, perLeaf } = phase
      const table = align(4 * loop.uniforms.length * (perLeaf ? leaves.length : 1))
      const results = align(table + 4 * entryWords(loop) * pieces.length)
      scratch = Math.max(scratch, results + 8 * loop.reductions.length * pieces.length)
      const numbers = new Float64Array(phase.tape.length)
      const works = loop.stores.length + loop.reductions.length > 0
      const kernel = works ? compile(loop) : null
      if (kernel === null || !('_tag' in kernel)) return { phase, kernel, numbers, table, results }
      refused = kernel
      return { phase, kernel: null, numbers, table, results }
    }
    return [
      {
        passes,
        leaves,
        shapes,
        sizes,
        elements: sizes.reduce((total, size) => total + size, 0),
        pieces,
        stages: passes.stages.map(boundPhase),
        final: boundPhase(passes.final),
        reduced: new Float64Array(passes.reductions.length * leaves.length),
      },
    ]
  })
  return refused ?? { groups, scratch }
}
