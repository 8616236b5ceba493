/**
 * Binding: a job's passes with their kernels, the leaves that each is for, and where in the scratch memory their
 * tables, uniforms and results go. It stays from step to step.
 */
import type { Refusal } from '../fallback.js'
import type { Job } from '../work.js'
import type { Kernel } from './compile.js'
import { entryWords } from './kernel.js'
import type { Loop } from './loop.js'
import { type Final, type Passes, type Phase, passesOf, type Stage } from './passes.js'

/** A phase, compiled. */
export interface Bound<P extends Phase> {
  readonly phase: P
  /** `null` of a loop that has nothing to do. */
  readonly kernel: Kernel | null
  /** Where, in bytes from the start of the scratch memory, the table and the reductions' results are. */
  readonly table: number
  readonly results: number
}

/** The leaves of one plan. */
export interface Group {
  readonly passes: Passes
  /** Which leaves of the job these are, and how many elements each has. */
  readonly leaves: readonly number[]
  readonly sizes: readonly number[]
  readonly shapes: readonly (readonly number[])[]
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

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, n) => size * n, 1)

const align = (bytes: number): number => (bytes + 15) & ~15

/** Binds a job. */
export const bind = (job: Job, compile: (loop: Loop) => Kernel | Refusal): Binding | Refusal => {
  let refused: Refusal | undefined
  let scratch = 0
  const groups = [...job.plan.leaves.values()].flatMap((plan): readonly Group[] => {
    const leaves = job.leaves.flatMap((leaf, i) => (leaf.plan === plan ? [i] : []))
    if (leaves.length === 0) return []
    const shapes = leaves.map((i) => job.leaves[i]?.spec.shape ?? [])
    const passes = passesOf(plan, job.host)
    const boundPhase = <P extends Phase>(phase: P): Bound<P> => {
      const { loop, perLeaf } = phase
      const table = align(4 * loop.uniforms.length * (perLeaf ? leaves.length : 1))
      const results = align(table + 4 * entryWords(loop) * leaves.length)
      scratch = Math.max(scratch, results + 8 * loop.reductions.length * leaves.length)
      const works = loop.stores.length + loop.reductions.length > 0
      const kernel = works ? compile(loop) : null
      if (kernel === null || typeof kernel === 'function') return { phase, kernel, table, results }
      refused = kernel
      return { phase, kernel: null, table, results }
    }
    return [
      {
        passes,
        leaves,
        shapes,
        sizes: shapes.map(sizeOf),
        stages: passes.stages.map(boundPhase),
        final: boundPhase(passes.final),
        reduced: new Float64Array(passes.reductions.length * leaves.length),
      },
    ]
  })
  return refused ?? { groups, scratch }
}
