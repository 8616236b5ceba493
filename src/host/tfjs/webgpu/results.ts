/** The tensors that a step's results go to: new ones, or those that were given up. */

import type { ElementAtom } from '../../../compile/statements.js'
import type { Width } from '../../../compile/wgsl/functions.js'
import { Slot } from '../../../rule/expr.js'
import { shapeAlong } from '../../../rule/scope.js'
import type { Done, Work } from '../../work.js'
import { inputOf, inputs, isOwn } from '../inputs.js'
import type { Memory, Tensor } from './backend.js'
import type { OutputKernels, PlanProgram, Program } from './program.js'

/** What a leaf is given, and where what comes of it goes. */
export interface LeafRun {
  readonly index: number
  readonly program: PlanProgram
  readonly width: Width
  readonly kernels: OutputKernels
  /** The outputs with several values. */
  readonly written: ReadonlyMap<string, GPUBuffer>
}

/** A number that goes from the leaves' results to a tensor of its own. */
export interface Single {
  readonly at: number
  readonly target: GPUBuffer
}

/** The tensors of a step's results. */
export interface Results {
  readonly leaves: readonly LeafRun[]
  readonly singles: readonly Single[]
  readonly done: Done<Tensor>
  /** Handles whose memory the results have taken over. */
  readonly taken: readonly Tensor[]
}

/** Tells which tensors may be written over: nobody else holds them, and their buffers stand once in the work. */
const takeable = (work: Work<Tensor>, memory: Memory): ((tensor: Tensor | null) => tensor is Tensor) => {
  const times = new Map<GPUBuffer, number>()
  if (work.donate)
    for (const tensor of inputs(work)) {
      const buffer = memory.bufferOf(tensor)
      if (buffer !== null) times.set(buffer, (times.get(buffer) ?? 0) + 1)
    }
  return (tensor): tensor is Tensor => {
    if (!work.donate || tensor === null || !memory.isSole(tensor)) return false
    const buffer = memory.bufferOf(tensor)
    return buffer !== null && times.get(buffer) === 1
  }
}

/** Makes the tensors for a step's results. */
export const makeResults = (work: Work<Tensor>, program: Program, memory: Memory): Results => {
  const { job } = work
  const { layout } = program
  const isTakeable = takeable(work, memory)
  const taken: Tensor[] = []
  const tree: Record<string, Tensor> = {}
  const columns: Record<string, (Tensor | null)[]> = {}
  const singles: Single[] = []
  const copied = new Set<ElementAtom>(
    [...program.plans.values()].flatMap(({ copies }) => copies.map(({ atom }) => atom)),
  )

  const leaves = job.leaves.map(({ plan, spec }, index): LeafRun => {
    const own = program.planOf(plan)
    const isTree = (name: string): boolean => !isOwn(plan.outputs[name]?.scope ?? 'tree')
    const put = (name: string, tensor: Tensor): Tensor => {
      if (isTree(name)) tree[name] = tensor
      else {
        columns[name] ??= job.leaves.map(() => null)
        columns[name][index] = tensor
      }
      return tensor
    }
    const make = (name: string, shape: readonly number[], before: Tensor | null): Tensor => {
      if (before === null) return put(name, memory.fresh(shape))
      taken.push(before)
      return put(name, memory.takeOver(before))
    }

    for (const { name, atom } of own.copies) {
      const tensor = inputOf(work, index, atom)
      if (tensor !== null && !(isTree(name) && Object.hasOwn(tree, name))) put(name, memory.share(tensor))
    }
    // what another output keeps as it is, is not written over
    const take = (atom: ElementAtom): Tensor | null => {
      const tensor = copied.has(atom) ? null : inputOf(work, index, atom)
      return isTakeable(tensor) ? tensor : null
    }
    const taking = own.several.map((each) => take(each.own))
    const elements = layout.units[index]?.get('element')
    const isEmpty = (elements?.windows ?? []).length === 0
    const width = elements?.width ?? 1
    const kernels = own.outputs(isEmpty ? null : taking.map((tensor) => tensor !== null), width)
    const written = new Map<string, GPUBuffer>()
    for (const [i, { name, scope }] of own.several.entries()) {
      const before = kernels.inPlace.has(name) ? (taking[i] ?? null) : null
      const buffer = memory.bufferOf(make(name, shapeAlong(scope, spec.shape), before))
      if (buffer !== null) written.set(name, buffer)
    }
    for (const [i, name] of own.scalars.entries()) {
      if (isTree(name) && Object.hasOwn(tree, name)) continue
      const target = memory.bufferOf(make(name, [], take(Slot(name, isTree(name) ? 'tree' : 'leaf'))))
      if (target !== null) singles.push({ at: index * layout.resultStride + i, target })
    }
    return { index, program: own, width, kernels, written }
  })
  return { leaves, singles, done: { columns, tree }, taken }
}
