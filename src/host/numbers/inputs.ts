/** What a step reads: leaves, of which those that an output has taken over are had from there. */
import type { Expr } from '../../rule/expr.js'
import type { Elements } from '../../rule/ndarray.js'
import { UPDATE } from '../../rule/rule.js'
import type { Group } from '../kernels/binding.js'
import type { Column, Work } from '../work.js'
import { copyInto } from './copy.js'
import type { ArrayDoor } from './door.js'
import type { Segment, Window } from './layout.js'
import type { Outputs } from './outputs.js'

/** A step under way. */
export interface Stepped<V> {
  readonly door: ArrayDoor<V>
  readonly work: Work<V>
  readonly outputs: Outputs<V>
}

const nothing: Column<never> = []

/** The leaves of a stream. */
const columnOf = <V>(work: Work<V>, node: Expr): Column<V> =>
  node._tag === 'Gradient'
    ? work.gradients
    : node._tag === 'Parameter'
      ? work.parameters
      : node._tag === 'Slot'
        ? (work.slots[node.name] ?? nothing)
        : nothing

const takenOf = <V>({ taken }: Outputs<V>, node: Expr): Column<V> | undefined =>
  taken === null
    ? undefined
    : node._tag === 'Parameter'
      ? taken[UPDATE]
      : node._tag === 'Slot'
        ? taken[node.name]
        : undefined

/**
 * The elements of a stream where they are, if they are all that a window has. They are only read; those of an array that was
 * given up are copied, since an output may be written over them before another one that has them.
 */
export const inPlaceOf = <V>(
  { door, work, outputs }: Stepped<V>,
  node: Expr,
  { leaves }: Group<unknown>,
  { segments }: Window,
): Elements | null => {
  const [segment] = segments
  if (segments.length !== 1 || segment?.isWhole !== true) return null
  const leaf = leaves[segment.row] as number
  if (takenOf(outputs, node)?.[leaf]) return null
  // work is checked before it is handed out
  const value = door.read(columnOf(work, node)[leaf] as V)
  return typeof value === 'number' || value.length !== segment.size ? null : value
}

/** Copies a stream's part of a window to where it begins in an array. */
export const bring = <V>(
  { door, work, outputs }: Stepped<V>,
  node: Expr,
  { leaves }: Group<unknown>,
  { segments }: Window,
  into: Elements,
  first: number,
): void => {
  const column = columnOf(work, node)
  const taken = takenOf(outputs, node)
  for (let s = 0; s < segments.length; s++) {
    const { row, from, size, at } = segments[s] as Segment
    const leaf = leaves[row] as number
    // work is checked before it is handed out
    const value = door.read((taken?.[leaf] ?? column[leaf]) as V)
    if (typeof value === 'number') into[first + at] = value
    else copyInto(value, from, size, into, first + at)
  }
}

/** The number of a slot that a leaf has alone, or the tree (`null`). */
export const singleOf = <V>(
  { door, work, outputs }: Stepped<V>,
  name: string,
  leaf: number | null,
): number => {
  const value =
    leaf === null
      ? (outputs.tree[name] ?? work.treeSlots[name])
      : (outputs.taken?.[name]?.[leaf] ?? work.slots[name]?.[leaf])
  if (value === undefined || value === null) return Number.NaN
  const numbers = door.read(value)
  return typeof numbers === 'number' ? numbers : (numbers[0] ?? Number.NaN)
}
