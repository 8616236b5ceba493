/** The machine for arrays: windows of them are copied into the memory of our own, computed there, and copied out. */

import type { Phase } from '../../compile/passes.js'
import { entryWords, HEADER } from '../../compile/wasm/kernel.js'
import type { Expr } from '../../rule/expr.js'
import type { Elements } from '../../rule/ndarray.js'
import { reductions } from '../brought.js'
import type { Bound, Group } from '../kernels/binding.js'
import type { Machine, Views } from '../kernels/machine.js'
import { count } from '../statistics.js'
import { bring, type Stepped, singleOf } from './inputs.js'
import type { Layout, Segment, Window } from './layout.js'
import type { Memory } from './memory.js'

/** The machine of a step. */
export const machine = <V>({ views }: Memory, stepped: Stepped<V>): Machine<Layout> => {
  const { outputs } = stepped
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

  const goThrough = (
    group: Group<Layout>,
    bound: Bound<Phase, Layout>,
    then: (window: Window, view: Elements) => void,
  ): void => {
    const { layout, phase } = bound
    const all = views(layout.bytes)
    const view = viewOf(all, group)
    const bytes = view.BYTES_PER_ELEMENT
    for (const window of layout.windows) {
      for (let k = 0; k < layout.streams.length; k++)
        bring(
          stepped,
          phase.loop.streams[k] as Expr,
          group,
          window,
          view,
          (layout.streams[k] as number) / bytes,
        )
      compute(bound, window, all, bytes)
      then(window, view)
    }
  }

  return {
    sums: 'in order',
    single: (name, leaf) => singleOf(stepped, name, leaf),
    putUniforms: (group, { phase, numbers, layout }, row) => {
      const { length } = phase.loop.uniforms
      const view = viewOf(views(layout.bytes), group)
      const at = phase.perLeaf ? row * length : 0
      for (let i = 0; i < length; i++) view[at + i] = numbers[i] as number
    },
    reduce: (group, bound) => {
      const { f64 } = views(bound.layout.bytes)
      const compute = (): void => goThrough(group, bound, () => undefined)
      reductions().inCells(bound, f64, group.leaves.length, compute)
    },
    store: (group) => {
      const { final } = group
      const { layout, phase } = final
      const { stored, loop, perLeaf } = phase
      if (final.kernel === null) {
        // the same number everywhere
        const view = viewOf(views(layout.bytes), group)
        for (const [k, node] of loop.stores.entries()) {
          const uniform = loop.uniforms.indexOf(node)
          const name = stored[k] as string
          for (let row = 0; row < group.leaves.length; row++) {
            const at = uniform + (perLeaf ? row * loop.uniforms.length : 0)
            outputs.fill(group, name, row, view[at] as number)
          }
        }
        return
      }
      goThrough(group, final, ({ segments }, view) => {
        const bytes = view.BYTES_PER_ELEMENT
        for (let k = 0; k < stored.length; k++)
          outputs.put(group, k, segments, view, (layout.stores[k] as number) / bytes)
      })
    },
    write: (index, i, row, value) => outputs.write(index, i, row, value),
  }
}
