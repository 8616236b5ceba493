/** Operators: a step on arrays by the interpreter of numbers, for what has no loops and no kernels. */
import { subterms } from '../../rule/expr.js'
import { remember } from '../../rule/intern.js'
import { UPDATE } from '../../rule/rule.js'
import { type Extent, isAxes, shapeAlong } from '../../rule/scope.js'
import type { Column, Done, Job, JobLeaf, Work } from '../work.js'
import type { ArrayDoor } from './door.js'
import { numberInterpreter } from './number.js'
import type { NumberValue } from './values.js'

/** The names of a job's slots that have one number for a leaf. */
const singlesOf = remember((job: Job): ReadonlySet<string> => {
  const names = new Set<string>()
  for (const plan of job.plan.leaves.values()) {
    const isSingle = (scope: Extent): boolean => scope !== 'element' && !isAxes(scope)
    for (const [name, { scope }] of Object.entries(plan.outputs)) if (isSingle(scope)) names.add(name)
    for (const node of subterms(Object.values(plan.outputs).map(({ expr }) => expr)))
      if (node._tag === 'Slot' && isSingle(node.scope)) names.add(node.name)
  }
  return names
})

const outputShape = (leaf: JobLeaf | undefined, name: string): readonly number[] =>
  leaf === undefined ? [] : shapeAlong(leaf.plan.outputs[name]?.scope ?? 'leaf', leaf.spec.shape)

/** Computes a step operator by operator. */
export const byOperators = <V>(door: ArrayDoor<V>, work: Work<V>): Done<V> => {
  const { job, donate } = work
  const singles = singlesOf(job)
  const first = (value: NumberValue): number => (typeof value === 'number' ? value : (value[0] ?? Number.NaN))
  const isSingle = (i: number): boolean => job.leaves[i]?.spec.shape.length === 0
  const numbers = (column: Column<V>, single: boolean): Column<NumberValue> =>
    column.map((leaf, i) => {
      if (leaf === null) return null
      const value = door.read(leaf)
      return single || isSingle(i) ? first(value) : value
    })
  const slots: Record<string, Column<NumberValue>> = {}
  for (const [name, column] of Object.entries(work.slots)) slots[name] = numbers(column, singles.has(name))
  const treeSlots: Record<string, NumberValue | null> = {}
  for (const [name, leaf] of Object.entries(work.treeSlots))
    treeSlots[name] = leaf === null ? null : first(door.read(leaf))
  const done = numberInterpreter({
    ...work,
    gradients: numbers(work.gradients, false),
    parameters: numbers(work.parameters, false),
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
