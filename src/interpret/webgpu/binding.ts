/** What a dispatch binds. */
import { remember } from '../../rule/intern.js'
import { BINDING } from './kernel.js'
import type { Layout, Window } from './layout.js'
import type { Compiled, Program } from './program.js'

/** A dispatch: a kernel on a window of a leaf, and the buffers of its tensors. */
interface Dispatch {
  readonly compiled: Compiled
  readonly leaf: number
  readonly window: number
  readonly tensors: readonly (GPUBuffer | null)[]
}

/** A bind group, and the dispatch that it is for. */
interface Bound extends Dispatch {
  readonly group: GPUBindGroup
}

/** What a kernel that writes no tensor is launched on. */
const nothing: Window = { start: 0, count: 0, reducing: 1, computing: 1 }

/** A window of a leaf; one of nothing, if the leaf is empty. */
export const windowOf = (layout: Layout, leaf: number, window: number): Window =>
  layout.windows[leaf]?.[window] ?? nothing

const entriesOf = (program: Program, { compiled, leaf, window, tensors }: Dispatch): GPUBindGroupEntry[] => {
  const { layout } = program
  const { kernel } = compiled
  const entries: GPUBindGroupEntry[] = []
  const bind = (binding: number, buffer: GPUBuffer | null, from: number, length: number): void => {
    if (buffer !== null) entries.push({ binding, resource: { buffer, offset: from * 4, size: length * 4 } })
  }
  const { recordStride, leafStride, resultStride } = layout
  bind(BINDING.record, program.records, ((layout.recordOf[leaf] ?? 0) + window) * recordStride, recordStride)
  if (kernel.usesShared) bind(BINDING.shared, program.values, 0, layout.sharedStride)
  if (kernel.usesLeaf) bind(BINDING.leaf, program.values, layout.leafAt(leaf), leafStride)
  if (kernel.results === 'shares') bind(BINDING.results, program.partials, 0, layout.partialsLength)
  if (kernel.results === 'leaf') bind(BINDING.results, program.results, leaf * resultStride, resultStride)
  const { start, count } = windowOf(layout, leaf, window)
  for (const [i, buffer] of tensors.entries()) bind(BINDING.tensors + i, buffer, start, count)
  return entries
}

const isFor = (bound: Bound, { compiled, leaf, window, tensors }: Dispatch): boolean =>
  bound.compiled === compiled &&
  bound.leaf === leaf &&
  bound.window === window &&
  bound.tensors.every((buffer, i) => buffer === tensors[i])

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
    layout: dispatch.compiled.bindings,
    entries: entriesOf(program, dispatch),
  })
  kept.unshift({ ...dispatch, group })
  if (kept.length > KEPT) kept.pop()
  return group
}
