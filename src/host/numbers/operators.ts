/** Operators: a step on arrays by the interpreter of numbers, for what has no loops and no kernels. */
import { subterms } from '../../rule/expr.js'
import { remember } from '../../rule/intern.js'
import type { LeafPlan } from '../../rule/plan.js'
import { UPDATE } from '../../rule/rule.js'
import { type Extent, isAxes, shapeAlong } from '../../rule/scope.js'
import type { Column, Done, JobLeaf, Work } from '../work.js'
import type { ArrayDoor } from './door.js'
import { numberInterpreter } from './number.js'
import type { NumberValue } from './values.js'

/** The names of the slots that have one number for a leaf of this plan; a slot of this name may have more for another leaf. */
const singlesOf = remember(({ outputs }: LeafPlan): ReadonlySet<string> => {
  const isSingle = (scope: Extent): boolean => scope !== 'element' && !isAxes(scope)
  const written = Object.entries(outputs).flatMap(([name, { scope }]) => (isSingle(scope) ? [name] : []))
  const read = subterms(Object.values(outputs).map(({ expr }) => expr)).flatMap((node) =>
    node._tag === 'Slot' && isSingle(node.scope) ? [node.name] : [],
  )
  return new Set([...written, ...read])
})

const outputShape = (leaf: JobLeaf | undefined, name: string): readonly number[] =>
  leaf === undefined ? [] : shapeAlong(leaf.plan.outputs[name]?.scope ?? 'leaf', leaf.spec.shape)

/** Computes a step operator by operator. */
export const byOperators = <V>(door: ArrayDoor<V>, work: Work<V>): Done<V> => {
  const { job, donate } = work
  const first = (value: NumberValue): number => (typeof value === 'number' ? value : (value[0] ?? Number.NaN))
  const isSingle = (i: number, name?: string): boolean => {
    const leaf = job.leaves[i]
    if (leaf === undefined) return false
    return leaf.spec.shape.length === 0 || (name !== undefined && singlesOf(leaf.plan).has(name))
  }
  const numbers = (column: Column<V>, name?: string): Column<NumberValue> =>
    column.map((leaf, i) => {
      if (leaf === null) return null
      const value = door.read(leaf)
      return isSingle(i, name) ? first(value) : value
    })
  const slots: Record<string, Column<NumberValue>> = {}
  for (const [name, column] of Object.entries(work.slots)) slots[name] = numbers(column, name)
  const treeSlots: Record<string, NumberValue | null> = {}
  for (const [name, leaf] of Object.entries(work.treeSlots))
    treeSlots[name] = leaf === null ? null : first(door.read(leaf))
  const done = numberInterpreter({
    ...work,
    gradients: numbers(work.gradients),
    parameters: numbers(work.parameters),
    slots,
    treeSlots,
  })

  const put = (value: NumberValue, before: V | null, like?: JobLeaf, shape: readonly number[] = []): V => {
    const taken = donate && before !== null && door.take !== null ? door.take(before) : null
    const own = taken === null ? null : door.read(taken)
    if (taken !== null && own !== null && typeof own !== 'number') {
      if (typeof value === 'number') own[0] = value
      else own.set(value)
      return taken
    }
    if (typeof value === 'number' || like === undefined) return door.single(first(value))
    return door.wrap(value, like.kind, shape)
  }
  const columns: Record<string, Column<V>> = {}
  for (const [name, column] of Object.entries(done.columns)) {
    const before = name === UPDATE ? work.parameters : (work.slots[name] ?? [])
    columns[name] = column.map((value, i) =>
      value === null ? null : put(value, before[i] ?? null, job.leaves[i], outputShape(job.leaves[i], name)),
    )
  }
  const tree: Record<string, V> = {}
  for (const [name, value] of Object.entries(done.tree)) tree[name] = put(value, work.treeSlots[name] ?? null)
  return { columns, tree }
}
