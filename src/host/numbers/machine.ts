/** The machine for arrays: windows of them are copied into the memory of our own, computed there, and copied out. */

import type { Phase } from '../../compile/passes.js'
import { entryWords, HEADER } from '../../compile/wasm/kernel.js'
import type { Expr } from '../../rule/expr.js'
import type { Elements } from '../../rule/ndarray.js'
import { reductions } from '../brought.js'
import type { Bound, BoundStage, Group } from '../kernels/binding.js'
import type { Machine, Views } from '../kernels/machine.js'
import { count } from '../statistics.js'
import { bring, type Stepped, singleOf } from './inputs.js'
import type { Layout, Segment, Window } from './layout.js'
import type { Memory } from './memory.js'

const viewOf = ({ f32, f64 }: Views, { precision }: Group<Layout>): Elements =>
  precision === 'float32' ? f32 : f64

/** Fills the table for a window, and runs the kernel. */
const compute = (
  { phase, kernel, layout }: Bound<Phase, Layout>,
  { segments, size: elements }: Window,
  { i32 }: Views,
  bytes: number,
): void => {
  if (kernel === null) return
  const { loop, perLeaf } = phase
  const { isApart, cells, table, streams, stores } = layout
  const entries = isApart ? segments.length : 1
  const words = entryWords(loop)
  let next = table >>> 2
  for (let e = 0; e < entries; e++) {
    const { row, size, at } = segments[e] as Segment
    i32[next] = isApart ? size : elements
    i32[next + 1] = perLeaf ? bytes * loop.uniforms.length * row : 0
    i32[next + 2] = cells + 16 * loop.reductions.length * row
    const offset = isApart ? bytes * at : 0
    for (let k = 0; k < streams.length; k++) i32[next + HEADER + k] = (streams[k] as number) + offset
    const afterStreams = next + HEADER + streams.length
    for (let k = 0; k < stores.length; k++) i32[afterStreams + k] = (stores[k] as number) + offset
    next += words
  }
  kernel.run(table, entries)
  count('launches')
}

/** The machine of a step. */
export class KernelMachine<V> implements Machine<Layout> {
  readonly sums = 'in order'
  readonly #views: Memory['views']
  readonly #stepped: Stepped<V>

  constructor({ views }: Memory, stepped: Stepped<V>) {
    this.#views = views
    this.#stepped = stepped
  }

  single(name: string, leaf: number | null): number {
    return singleOf(this.#stepped, name, leaf)
  }

  putUniforms(group: Group<Layout>, { phase, numbers, layout }: Bound<Phase, Layout>, row: number): void {
    const { length } = phase.loop.uniforms
    const view = viewOf(this.#views(layout.bytes), group)
    const at = phase.perLeaf ? row * length : 0
    for (let i = 0; i < length; i++) view[at + i] = numbers[i] as number
  }

  reduce(group: Group<Layout>, bound: BoundStage<Layout>): void {
    const { layout } = bound
    const all = this.#views(layout.bytes)
    reductions().inCells(bound, all.f64, group.leaves.length, () => {
      for (const window of layout.windows) this.#goThrough(group, bound, window, all)
    })
  }

  store(group: Group<Layout>, index: number): void {
    const { final } = group
    const { layout, phase } = final
    const { stored, loop, perLeaf } = phase
    const { outputs } = this.#stepped
    const all = this.#views(layout.bytes)
    const view = viewOf(all, group)
    if (final.kernel === null) {
      // the same number everywhere
      for (const [k, node] of loop.stores.entries()) {
        const uniform = loop.uniforms.indexOf(node)
        for (let row = 0; row < group.leaves.length; row++) {
          const at = uniform + (perLeaf ? row * loop.uniforms.length : 0)
          outputs.fill(index, k, row, view[at] as number)
        }
      }
      return
    }
    for (const window of layout.windows) {
      this.#goThrough(group, final, window, all)
      for (let k = 0; k < stored.length; k++)
        outputs.put(index, k, window.segments, view, (layout.stores[k] as number) / view.BYTES_PER_ELEMENT)
    }
  }

  write(index: number, i: number, row: number, value: number): void {
    this.#stepped.outputs.write(index, i, row, value)
  }

  /** Brings what a phase reads of a window, and computes it. */
  #goThrough(group: Group<Layout>, bound: Bound<Phase, Layout>, window: Window, all: Views): void {
    const { streams } = bound.layout
    const nodes = bound.phase.loop.streams
    const view = viewOf(all, group)
    const bytes = view.BYTES_PER_ELEMENT
    for (let k = 0; k < streams.length; k++)
      bring(this.#stepped, nodes[k] as Expr, group, window, view, (streams[k] as number) / bytes)
    compute(bound, window, all, bytes)
  }
}
