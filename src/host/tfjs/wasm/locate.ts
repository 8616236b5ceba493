/** Where a step's tensors have their numbers, and which of them stand in several places. */
import type { Column, Work } from '../../work.js'
import type { Tensor, TensorData, WasmDoor } from './backend.js'
import { repeated } from './repeated.js'

/** Where a step's tensors have their numbers; columns are indexed like the job's leaves. */
export interface Located {
  readonly gradients: (TensorData | null)[]
  readonly parameters: readonly (TensorData | null)[]
  readonly slots: Readonly<Record<string, readonly (TensorData | null)[]>>
  readonly treeSlots: Readonly<Record<string, TensorData | null>>
}

/** Finds those of a column, and writes them over what was found before. */
export const locateColumn = (
  door: WasmDoor,
  column: Column<Tensor>,
  into: (TensorData | null)[],
): (TensorData | null)[] => {
  for (let i = 0; i < column.length; i++) {
    const tensor = column[i] ?? null
    into[i] = tensor === null ? null : door.dataOf(tensor)
  }
  return into
}

/** Finds them. */
export const locate = (door: WasmDoor, work: Work<Tensor>): Located => {
  const find = (column: Column<Tensor>): (TensorData | null)[] => locateColumn(door, column, [])
  const slots: Record<string, readonly (TensorData | null)[]> = {}
  for (const name of Object.keys(work.slots)) slots[name] = find(work.slots[name] ?? [])
  const treeSlots: Record<string, TensorData | null> = {}
  for (const name of Object.keys(work.treeSlots))
    treeSlots[name] = find([work.treeSlots[name] ?? null])[0] ?? null
  return { gradients: find(work.gradients), parameters: find(work.parameters), slots, treeSlots }
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
