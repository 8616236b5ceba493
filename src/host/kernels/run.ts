/** Runs a job's phases: numbers on the host, loops by kernels, in turns. */

import type { Phase } from '../../compile/passes.js'
import { root32, square32 } from '../../compile/squares.js'
import { entryWords, HEADER } from '../../compile/wasm/kernel.js'
import type { Expr, Reduce } from '../../rule/expr.js'
import { remember } from '../../rule/intern.js'
import { count } from '../statistics.js'
import type { Tensor, TensorData } from '../tfjs/wasm/backend.js'
import type { Located } from '../tfjs/wasm/locate.js'
import type { Placed } from '../tfjs/wasm/place.js'
import type { Launch } from '../tfjs/wasm/threads.js'
import type { Work } from '../work.js'
import type { Binding, Bound, Group, Piece } from './bind.js'

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

/** A step under way. */
export interface Run {
  readonly work: Work<Tensor>
  readonly located: Located
  readonly views: Views
  /** The address of the scratch memory. */
  readonly scratch: number
  /** The values of reductions over the tree, by site; of norms, the sums of squares. */
  readonly sites: Map<string, number>
  readonly launch: Launch
}

/** The value of a reduction, in float32, from what the shares add up to. */
const whole = (kind: Reduce['kind'], value: number): number =>
  kind === 'norm' ? root32(value) : Math.fround(value)

/** Writes what a phase's tape is given. */
const give = (run: Run, { passes, leaves, reduced }: Group, { tape }: Phase, row: number): void => {
  const { values } = tape
  const { host } = run.work
  let next = 0
  while (next < host.length) values[next] = Math.fround(host[next++] as number)
  for (const { name, scope } of passes.slots) {
    const data =
      scope === 'tree' ? run.located.treeSlots[name] : run.located.slots[name]?.[leaves[row] as number]
    values[next++] = data ? (run.views.f32[data.memoryOffset >>> 2] as number) : Number.NaN
  }
  const { reductions } = passes
  for (let i = 0; i < reductions.length; i++) {
    const { kind, over, site } = reductions[i] as Reduce
    values[next++] =
      over === 'tree'
        ? whole(kind, run.sites.get(site) ?? Number.NaN)
        : (reduced[row * reductions.length + i] as number)
  }
}

/**
 * Computes a phase's numbers, once or for every leaf, and puts the uniforms in their place. `use` is given each
 * leaf's numbers, which begin after the uniforms.
 */
const computeNumbers = (
  run: Run,
  group: Group,
  { phase, numbers }: Bound<Phase>,
  use: (row: number, numbers: Float64Array, first: number) => void,
): void => {
  const { tape, loop, perLeaf } = phase
  const uniforms = loop.uniforms.length
  const at = run.scratch >>> 2
  for (let row = 0; row < group.leaves.length; row++) {
    if (perLeaf || row === 0) {
      give(run, group, phase, row)
      tape.run(numbers)
      const from = at + (perLeaf ? row * uniforms : 0)
      for (let i = 0; i < uniforms; i++) run.views.f32[from + i] = numbers[i] as number
    }
    if (tape.length > uniforms) use(row, numbers, uniforms)
    else if (!perLeaf) break
  }
}

/** Where the leaves of a stream have their numbers. */
const streamOf = ({ located }: Run, node: Expr): readonly (TensorData | null)[] =>
  node._tag === 'Gradient'
    ? located.gradients
    : node._tag === 'Parameter'
      ? located.parameters
      : node._tag === 'Slot'
        ? (located.slots[node.name] ?? [])
        : []

/** Fills a phase's table, and runs its kernel. */
const launch = (
  run: Run,
  { leaves, elements, pieces }: Group,
  { phase, kernel, table, results }: Bound<Phase>,
  stores: readonly (readonly number[])[],
): void => {
  if (kernel === null) return
  const { loop, perLeaf } = phase
  const { i32 } = run.views
  const words = entryWords(loop)
  const start = (run.scratch + table) >>> 2
  for (let i = 0, at = start; i < pieces.length; i++, at += words) {
    const { row, size } = pieces[i] as Piece
    i32[at] = size
    i32[at + 1] = run.scratch + (perLeaf ? 4 * loop.uniforms.length * row : 0)
    i32[at + 2] = run.scratch + results + 8 * loop.reductions.length * i
  }
  for (let k = 0; k < loop.streams.length; k++) {
    const column = streamOf(run, loop.streams[k] as Expr)
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
  run.launch(kernel, run.scratch + table, 4 * words, pieces.length, elements)
  count('launches')
}

/** Two shares of a reduction. */
const combine = ({ kind }: Reduce, a: number | undefined, b: number): number =>
  a === undefined ? b : kind === 'max' ? Math.max(a, b) : a + b

/** Runs a stage of reductions over the leaves of a group; `shares` gathers those over the tree, by site. */
const reduceStage = (run: Run, group: Group, index: number, shares: Map<string, number>): void => {
  const bound = group.stages[index]
  if (bound === undefined) return
  const { ofNumbers, loop } = bound.phase
  const { passes, reduced, sizes, pieces } = group
  const record = (row: number, reduce: Reduce, value: number): void => {
    if (reduce.over === 'tree') shares.set(reduce.site, combine(reduce, shares.get(reduce.site), value))
    else
      reduced[row * passes.reductions.length + passes.reductions.indexOf(reduce)] = whole(reduce.kind, value)
  }
  const at = (run.scratch + bound.results) >>> 3
  const ofPiece = (i: number, k: number): number =>
    run.views.f64[at + i * loop.reductions.length + k] as number
  computeNumbers(run, group, bound, (row, numbers, first) => {
    for (const [i, reduce] of ofNumbers.entries()) {
      const [size, value] = [sizes[row] ?? 0, numbers[first + i] ?? Number.NaN]
      if (reduce.kind === 'max') record(row, reduce, size === 0 ? Number.NEGATIVE_INFINITY : value)
      // a sum begins at 0, so that one of negative zeros alone is 0
      else record(row, reduce, size === 0 ? 0 : 0 + size * (reduce.kind === 'sum' ? value : square32(value)))
    }
  })
  launch(run, group, bound, [])
  for (let i = 0, next = 0; i < pieces.length; i = next) {
    const { row } = pieces[i] as Piece
    for (next = i + 1; pieces[next]?.row === row; ) next++
    for (const [k, reduce] of loop.reductions.entries()) {
      let value = ofPiece(i, k)
      for (let other = i + 1; other < next; other++) value = combine(reduce, value, ofPiece(other, k))
      record(row, reduce, value)
    }
  }
}

/** Runs all phases: stage after stage of reductions, then the outputs. */
export const runAll = (run: Run, { groups }: Binding, placed: Placed): void => {
  for (let stage = 0; stage < run.work.job.plan.stages; stage++) {
    const shares = new Map<string, number>()
    for (const group of groups) reduceStage(run, group, stage, shares)
    for (const [site, value] of shares) run.sites.set(site, value)
  }
  // what is written into a donated slot must not be read by the next group: numbers are written last
  const writes: (readonly [address: number, value: number])[] = []
  for (const [g, group] of groups.entries()) {
    computeNumbers(run, group, group.final, (row, numbers, first) => {
      for (const [i, addresses] of (placed.numbers[g] ?? []).entries()) {
        const address = addresses[row]
        if (address !== undefined) writes.push([address, numbers[first + i] ?? Number.NaN])
      }
    })
    launch(run, group, group.final, placed.stores[g] ?? [])
  }
  for (const [address, value] of writes) run.views.f32[address >>> 2] = value
}
