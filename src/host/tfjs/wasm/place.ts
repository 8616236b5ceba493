/** Where a step's outputs go: into memory that was donated, or that of new tensors. */
import { UPDATE } from '../../../rule/rule.js'
import type { Group } from '../../kernels/binding.js'
import type { Column, Done, Work } from '../../work.js'
import type { Tensor, TensorData, WasmDoor } from './backend.js'
import type { Located } from './locate.js'

// one output

/** Finds a place for an output: the memory of what it replaces, which has no new tensor yet, or a new tensor's. */
export interface Placing {
  /** The address of the output; the new tensor, if there is one, is put into the column. */
  readonly place: (
    before: Tensor | null,
    data: TensorData | null,
    shape: readonly number[],
    size: number,
    column: (Tensor | null)[],
    at: number,
  ) => number
  readonly share: (tensor: Tensor) => Tensor
  /** Frees what was made. */
  readonly dispose: () => void
}

/** Of data that are `held` elsewhere, none is written over. */
export const placing = (door: WasmDoor, donate: boolean, held: ReadonlySet<number>): Placing => {
  const made: Tensor[] = []
  const keep = (tensor: Tensor): Tensor => {
    made.push(tensor)
    return tensor
  }
  return {
    place: (before, data, shape, size, column, at) => {
      if (donate && before !== null && data !== null && data.refCount === 1 && !held.has(data.id))
        return data.memoryOffset
      const { tensor, address } = door.makeTensor(shape, size)
      column[at] = keep(tensor)
      return address
    },
    share: (tensor) => keep(door.share(tensor)),
    dispose: () => {
      for (const tensor of made) tensor.dispose()
    },
  }
}

// all outputs

/** An output's tensors by leaf, `null` where it takes the memory of what was there before. */
interface Output {
  readonly column: (Tensor | null)[]
  readonly before: Column<Tensor>
}

/** Where a step writes its outputs. */
export interface Addresses {
  /** Per group, per stored output the addresses of its leaves. */
  readonly stores: readonly (readonly (readonly number[])[])[]
  /** Per group, per output of single numbers the addresses of its leaves. */
  readonly numbers: readonly (readonly (readonly number[])[])[]
}

/** The places of all outputs of a step. */
export interface Placed extends Addresses {
  readonly columns: Map<string, Output>
  /** Of scope `tree`: columns of one. */
  readonly tree: Map<string, Output>
}

/** Places all outputs. */
export const placeAll = (
  groups: readonly Group<unknown>[],
  work: Work<Tensor>,
  located: Located,
  to: Placing,
): Placed => {
  const columns = new Map<string, Output>()
  const tree = new Map<string, Output>()
  const outputOf = (name: string): Output => {
    const known = columns.get(name)
    if (known !== undefined) return known
    const before = name === UPDATE ? work.parameters : (work.slots[name] ?? [])
    const output = { column: new Array<Tensor | null>(work.job.leaves.length).fill(null), before }
    columns.set(name, output)
    return output
  }
  const ofLeaves = ({ leaves, shapes, sizes, passes }: Group<unknown>, name: string): readonly number[] => {
    const isElement = passes.plan.outputs[name]?.scope === 'element'
    const { column, before } = outputOf(name)
    const data = name === UPDATE ? located.parameters : (located.slots[name] ?? [])
    return leaves.map((leaf, row) =>
      isElement
        ? to.place(before[leaf] ?? null, data[leaf] ?? null, shapes[row] ?? [], sizes[row] ?? 0, column, leaf)
        : to.place(before[leaf] ?? null, data[leaf] ?? null, [], 1, column, leaf),
    )
  }
  const ofTree = (name: string): readonly number[] => {
    if (tree.has(name)) return []
    const output = { column: [null], before: [work.treeSlots[name] ?? null] }
    tree.set(name, output)
    return [to.place(output.before[0] ?? null, located.treeSlots[name] ?? null, [], 1, output.column, 0)]
  }
  const shareUnchanged = ({ passes, leaves }: Group<unknown>): void => {
    for (const name of passes.final.unchanged)
      if (passes.plan.outputs[name]?.scope === 'tree') {
        const old = work.treeSlots[name]
        if (old && !tree.has(name)) tree.set(name, { column: [to.share(old)], before: [] })
      } else {
        const { column, before } = outputOf(name)
        for (const leaf of leaves) {
          const old = before[leaf]
          if (old) column[leaf] = to.share(old)
        }
      }
  }

  groups.forEach(shareUnchanged)
  return {
    columns,
    tree,
    stores: groups.map((group) => group.passes.final.stored.map((name) => ofLeaves(group, name))),
    numbers: groups.map((group) =>
      group.passes.final.ofNumbers.map((name) =>
        group.passes.plan.outputs[name]?.scope === 'tree' ? ofTree(name) : ofLeaves(group, name),
      ),
    ),
  }
}

/** The places of a step's outputs where each is what it replaces. */
export const placedIn = (
  groups: readonly Group<unknown>[],
  { parameters, slots, treeSlots }: Located,
): Addresses => {
  const ofTree = new Set<string>()
  const addresses = ({ leaves, passes }: Group<unknown>, name: string): readonly number[] => {
    if (passes.plan.outputs[name]?.scope === 'tree') {
      const isFirst = !ofTree.has(name)
      ofTree.add(name)
      return isFirst ? [treeSlots[name]?.memoryOffset ?? 0] : []
    }
    const column = name === UPDATE ? parameters : (slots[name] ?? [])
    return leaves.map((leaf) => column[leaf]?.memoryOffset ?? 0)
  }
  return {
    stores: groups.map((group) => group.passes.final.stored.map((name) => addresses(group, name))),
    numbers: groups.map((group) => group.passes.final.ofNumbers.map((name) => addresses(group, name))),
  }
}

/** What a step gives back: outputs that took the memory of donated tensors take over their handles too. */
export const collect = (
  door: WasmDoor,
  groups: readonly Group<unknown>[],
  { columns, tree }: Placed,
): Done<Tensor> => {
  const tensors: Record<string, Column<Tensor>> = {}
  for (const [name, { column, before }] of columns) {
    for (const { passes, leaves } of groups)
      if (passes.plan.outputs[name] !== undefined)
        for (const leaf of leaves) {
          const old = before[leaf]
          if (column[leaf] === null && old) column[leaf] = door.takeOver(old)
        }
    tensors[name] = column
  }
  const ofTree: Record<string, Tensor> = {}
  for (const [name, { column, before }] of tree) {
    const tensor = column[0] ?? (before[0] ? door.takeOver(before[0]) : null)
    if (tensor !== null) ofTree[name] = tensor
  }
  return { columns: tensors, tree: ofTree }
}
