/** Operators: a step on arrays by the interpreter of numbers, for what has no loops and no kernels; its leaves as numbers. */
import { subterms } from '../../rule/fold.js'
import { remember } from '../../rule/intern.js'
import type { LeafPlan } from '../../rule/plan.js'
import { exprsOf, UPDATE } from '../../rule/rule.js'
import { type Extent, isAxes, shapeAlong } from '../../rule/scope.js'
import type { Column, Done, JobLeaf, Work } from '../work.js'
import type { ArrayDoor } from './door.js'
import { numberInterpreter } from './number.js'
import { at, type NumberValue } from './values.js'

/** The names of the slots that have one number for a leaf of this plan; a slot of this name may have more for another leaf. */
const singlesOf = remember(({ outputs }: LeafPlan): ReadonlySet<string> => {
  const isSingle = (scope: Extent): boolean => scope !== 'element' && !isAxes(scope)
  const written = Object.entries(outputs).flatMap(([name, { scope }]) => (isSingle(scope) ? [name] : []))
  const read = subterms(exprsOf(outputs)).flatMap((node) =>
    node._tag === 'Slot' && isSingle(node.scope) ? [node.name] : [],
  )
  return new Set([...written, ...read])
})

/** The work of a step on leaves, as one on their numbers. */
export const numbersOf = <V>({ read }: ArrayDoor<V>, work: Work<V>): Work<NumberValue> => {
  const { leaves } = work.job
  const isSingle = (i: number, name?: string): boolean => {
    const leaf = leaves[i]
    if (leaf === undefined) return false
    return leaf.spec.shape.length === 0 || (name !== undefined && singlesOf(leaf.plan).has(name))
  }
  const numbers = (column: Column<V>, name?: string): Column<NumberValue> =>
    column.map((leaf, i) => {
      if (leaf === null) return null
      const value = read(leaf)
      return isSingle(i, name) ? at(value, 0) : value
    })
  const slots: Record<string, Column<NumberValue>> = {}
  for (const [name, column] of Object.entries(work.slots)) slots[name] = numbers(column, name)
  const treeSlots: Record<string, NumberValue | null> = {}
  for (const [name, leaf] of Object.entries(work.treeSlots))
    treeSlots[name] = leaf === null ? null : at(read(leaf), 0)
  return {
    ...work,
    gradients: numbers(work.gradients),
    parameters: numbers(work.parameters),
    slots,
    treeSlots,
  }
}

/** The leaf that an output may take over; `null` where there is none. */
export const takenOver = <V>({ take }: ArrayDoor<V>, { donate }: Work<V>, before: V | null): V | null =>
  donate && before !== null && take !== null ? take(before) : null

/** An output as a leaf: that which was there before, if it may be taken over, or a new one in the place of the job's. */
export const put = <V>(
  door: ArrayDoor<V>,
  work: Work<V>,
  value: NumberValue,
  before: V | null,
  like?: JobLeaf,
  extent: Extent = 'leaf',
): V => {
  const taken = takenOver(door, work, before)
  const own = taken === null ? null : door.read(taken)
  if (taken !== null && own !== null && typeof own !== 'number') {
    if (typeof value === 'number') own[0] = value
    else own.set(value)
    return taken
  }
  if (typeof value === 'number' || like === undefined) return door.single(at(value, 0))
  return door.wrap(value, like.kind, shapeAlong(extent, like.spec.shape))
}

/** The leaves that a step's outputs of a name replace. */
export const replacedBy = <V>({ parameters, slots }: Work<V>, name: string): Column<V> =>
  name === UPDATE ? parameters : (slots[name] ?? [])

/** Computes a step operator by operator. */
export const byOperators = <V>(door: ArrayDoor<V>, work: Work<V>): Done<V> => {
  const { leaves } = work.job
  const done = numberInterpreter(numbersOf(door, work))
  const columns: Record<string, Column<V>> = {}
  for (const [name, column] of Object.entries(done.columns)) {
    const before = replacedBy(work, name)
    columns[name] = column.map((value, i) => {
      const like = leaves[i]
      const extent = like?.plan.outputs[name]?.scope
      return value === null ? null : put(door, work, value, before[i] ?? null, like, extent)
    })
  }
  const tree: Record<string, V> = {}
  for (const [name, value] of Object.entries(done.tree))
    tree[name] = put(door, work, value, work.treeSlots[name] ?? null)
  return { columns, tree }
}
