/** Where a step's tensors have their numbers, and which of them stand in several places. */
import type { Work } from '../../work.js'
import type { Tensor, TensorData, WasmDoor } from './backend.js'
import { repeated } from './repeated.js'

/** Where a step's tensors have their numbers; columns are indexed like the job's leaves. */
export interface Located {
  readonly gradients: readonly (TensorData | null)[]
  readonly parameters: readonly (TensorData | null)[]
  readonly slots: Readonly<Record<string, readonly (TensorData | null)[]>>
  readonly treeSlots: Readonly<Record<string, TensorData | null>>
}

/** Finds them. */
export const locate = (door: WasmDoor, work: Work<Tensor>): Located => {
  const data = (tensor: Tensor | null): TensorData | null => (tensor === null ? null : door.dataOf(tensor))
  const slots: Record<string, readonly (TensorData | null)[]> = {}
  for (const name of Object.keys(work.slots)) slots[name] = work.slots[name]?.map(data) ?? []
  const treeSlots: Record<string, TensorData | null> = {}
  for (const name of Object.keys(work.treeSlots)) treeSlots[name] = data(work.treeSlots[name] ?? null)
  return {
    gradients: work.gradients.map(data),
    parameters: work.parameters.map(data),
    slots,
    treeSlots,
  }
}

/** Data that stand in several places of a donating step, so that none may be written over. */
export const shared = ({ gradients, parameters, slots, treeSlots }: Located): ReadonlySet<number> => {
  const ids = (column: readonly (TensorData | null)[]): number[] => {
    const found: number[] = []
    for (const data of column) if (data !== null) found.push(data.id)
    return found
  }
  const columns = [gradients, parameters, ...Object.values(slots), Object.values(treeSlots)]
  return repeated(columns.map(ids))
}
