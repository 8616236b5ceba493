/** What a dispatch binds. */

import { bindingsOf, SHARED } from '../../../compile/wgsl/kernel.js'
import { remember } from '../../../rule/intern.js'
import type { Layout } from './layout.js'
import type { Compiled, Program } from './program.js'
import type { Window } from './units.js'

/** A dispatch: a kernel on a window of a leaf, or on some small leaves, and the buffers of their tensors. */
interface Dispatch {
  readonly compiled: Compiled
  readonly leaves: readonly number[]
  readonly window: number
  /** Leaf by leaf. */
  readonly tensors: readonly (GPUBuffer | null)[]
}

/** A bind group, and the dispatch that it is for. */
interface Bound extends Dispatch {
  readonly group: GPUBindGroup
}

/** What a kernel that writes no tensor is launched on. */
const nothing: Window = { start: 0, count: 0, reducing: 1, computing: 1 }

/** A window of a leaf; one of nothing, if the leaf is empty. */
const windowOf = (layout: Layout, leaf: number, unit: string, window: number): Window =>
  layout.units[leaf]?.get(unit)?.windows[window] ?? nothing

const entriesOf = (
  program: Program,
  { compiled, leaves, window, tensors }: Dispatch,
): GPUBindGroupEntry[] => {
  const { layout } = program
  const { kernel, unit } = compiled
  const entries: GPUBindGroupEntry[] = []
  const bind = (binding: number, buffer: GPUBuffer | null, from: number, length: number): void => {
    if (buffer !== null) entries.push({ binding, resource: { buffer, offset: from * 4, size: length * 4 } })
  }
  if (kernel.usesCells) bind(SHARED.cells, program.cells, 0, layout.cellsLength)
  const { recordStride, leafStride, resultStride } = layout
  if (kernel.usesShared) bind(SHARED.values, program.values, 0, layout.sharedStride)
  if (kernel.results === 'shares') bind(SHARED.results, program.partials, 0, layout.partialsLength)
  for (const [k, leaf] of leaves.entries()) {
    const at = bindingsOf(k)
    bind(at.record, program.records, (layout.recordOf(leaf, unit) + window) * recordStride, recordStride)
    if (kernel.usesLeaf) bind(at.leaf, program.values, layout.leafAt(leaf), leafStride)
    if (kernel.results === 'leaf') bind(SHARED.results, program.results, leaf * resultStride, resultStride)
    const { start, count } = windowOf(layout, leaf, unit, window)
    for (let i = 0; i < kernel.tensors.length; i++) {
      const buffer = tensors[k * kernel.tensors.length + i] ?? null
      if (kernel.tensors[i]?.whole !== true) bind(at.tensors + i, buffer, start, count)
      else if (buffer !== null) entries.push({ binding: at.tensors + i, resource: { buffer } })
    }
  }
  return entries
}

const isSame = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((each, i) => each === b[i])

const isFor = (bound: Bound, { compiled, leaves, window, tensors }: Dispatch): boolean =>
  bound.compiled === compiled &&
  bound.window === window &&
  isSame(bound.leaves, leaves) &&
  isSame(bound.tensors, tensors)

/** The bind groups of a program's last steps, dispatch by dispatch, the newest first. */
const boundOf = remember((_: Program): Bound[][] => [])

/**
 * How many bind groups are kept per dispatch: TensorFlow.js hands out again what was given back last, so that
 * borrowing steps, too, come to the same buffers every fourth time.
 */
const KEPT = 4

/** The bind group for the step's so-manieth dispatch: that of an earlier step, if it binds the same buffers. */
export const bindGroup = (
  device: GPUDevice,
  program: Program,
  dispatch: Dispatch,
  index: number,
): GPUBindGroup => {
  const all = boundOf(program)
  all[index] ??= []
  const kept = all[index]
  for (const bound of kept) if (isFor(bound, dispatch)) return bound.group
  const group = device.createBindGroup({
    layout: dispatch.compiled.on(dispatch.leaves.length).bindings,
    entries: entriesOf(program, dispatch),
  })
  kept.unshift({ ...dispatch, group })
  if (kept.length > KEPT) kept.pop()
  return group
}
