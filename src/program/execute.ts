/** Runs one step over trees: lays them out, hands the work to an interpreter, and puts the results in place. */

import { clone, disposeLeaf } from '../host/hosts.js'
import { interpret } from '../host/interpret.js'
import type { Column, Done, Work } from '../host/work.js'
import { isTensorLike, type Leaf, type Params } from '../rule/leaf.js'
import { UPDATE } from '../rule/rule.js'
import { buildForm } from '../tree/form.js'
import { disposingOnError } from './dispose.js'
import { type Laid, type Layout, layOut } from './layout.js'
import type { Program, SlotPlace, Step } from './program.js'
import { type Columns, hasState, type StepTask, type Task } from './task.js'

/** The tree of updates or of stepped parameters, `null` with a first state, and the state that goes with it. */
export interface Executed<S> {
  readonly result: Params
  readonly state: S
}

const isDonated = (task: Task): task is StepTask => task._tag === 'Step' && task.donate

/** The columns of the program's slots, without its inputs'; none before there is a state. */
const ofSlots = ({ slots }: Program, task: Task, columns: Columns): readonly Column<Leaf>[] =>
  !hasState(task)
    ? []
    : columns.slots.length === slots.length
      ? columns.slots
      : columns.slots.slice(0, slots.length)

/** The part of a column that a job is about. */
const pick = ({ positions, length }: Layout, column: Column<Leaf>): Column<Leaf> =>
  positions.length === length ? column : positions.map((position) => column[position] ?? null)

/** What is given up but not worked on. */
const besideOf = ({ layout, columns }: Laid): readonly Column<Leaf>[] =>
  [columns.parameters, columns.gradients, ...columns.slots].map((column) =>
    layout.idle.map((position) => column[position] ?? null),
  )

/** Computes what the host does in every step, from the step's scalars. */
export const computeHost = ({ host, hostValues }: Layout, { scalars }: Step<unknown>): void => {
  for (let i = 0; i < scalars.length; i++) host.values[i] = scalars[i] as number
  host.run(hostValues)
}

/** What is to be computed of some trees, once the host has done its part. */
export const workOf = (laid: Laid, task: Task): Work => {
  const { layout, columns } = laid
  const { job, places } = layout
  const slots: Record<string, Column<Leaf>> = { ...layout.template }
  const treeSlots: Record<string, Leaf | null> = {}
  for (let i = 0; i < places.length; i++) {
    const { name, scope } = places[i] as SlotPlace
    const column = columns.slots[i] as Column<Leaf>
    if (scope !== 'tree') slots[name] = pick(layout, column)
    else if (layout.used[i] === true) treeSlots[name] = column[0] ?? null
  }
  const donate = isDonated(task)
  const work: Work = {
    job,
    gradients: pick(layout, columns.gradients),
    parameters: pick(layout, columns.parameters),
    slots,
    treeSlots,
    host: layout.hostValues,
    donate,
  }
  return donate && layout.idle.length > 0 ? { ...work, beside: besideOf(laid) } : work
}

const kept = (leaf: Leaf | null | undefined): Leaf | null =>
  leaf === null || leaf === undefined ? null : clone(leaf)

/** What stays as it is, of the parameters and of each slot: new handles beside the layout's idle positions. */
interface Kept {
  readonly parameters: Column<Leaf>
  readonly slots: readonly Column<Leaf>[]
}

const nothing: Column<Leaf> = []

const keptNothing: Kept = { parameters: nothing, slots: [] }

/**
 * Keeps what nothing is to be done on. This comes first: what is held here as well, is not stepped in place.
 */
const keep = ({ layout, columns }: Laid, { treeSlots }: Work, program: Program, task: Task): Kept => {
  const { idle } = layout
  if (idle.length === 0 && !(hasState(task) && layout.hasTrees)) return keptNothing
  const ofIdle = (column: Column<Leaf>): Column<Leaf> =>
    idle.length === 0 ? nothing : idle.map((position) => kept(column[position]))
  return {
    parameters: task._tag === 'Step' ? ofIdle(columns.parameters) : nothing,
    slots: ofSlots(program, task, columns).map((column, i) => {
      const { name, scope } = program.slots[i] as SlotPlace
      if (scope !== 'tree') return ofIdle(column)
      return Object.hasOwn(treeSlots, name) ? nothing : [kept(column[0])]
    }),
  }
}

/** A tree of one of the outputs, and of what was kept; where an output is missing, of what was there before. */
const collect = (
  { form, positions, idle, length }: Layout,
  output: Column<Leaf> | undefined,
  held: Column<Leaf>,
  before: Column<Leaf> | undefined,
): Params => {
  if (output !== undefined && idle.length === 0 && !output.includes(null)) return buildForm(form, output)
  const values: (Leaf | null)[] = new Array(length).fill(null)
  for (const [i, position] of positions.entries()) values[position] = output?.[i] ?? kept(before?.[position])
  for (const [i, position] of idle.entries()) values[position] = held[i] ?? null
  return buildForm(form, values)
}

const nextSlots = (
  program: Program,
  task: Task,
  { layout, columns }: Laid,
  done: Done,
  held: Kept,
): readonly Params[] => {
  const before = ofSlots(program, task, columns)
  return program.slots.map(({ name, scope }, i) =>
    scope === 'tree'
      ? (done.tree[name] ?? held.slots[i]?.[0] ?? null)
      : collect(layout, done.columns[name], held.slots[i] ?? nothing, before[i]),
  )
}

/** The tree of updates or of stepped parameters. */
const resultOf = (task: Task, { layout, columns }: Laid, done: Done, held: Kept): Params =>
  hasState(task)
    ? collect(
        layout,
        done.columns[UPDATE],
        held.parameters,
        task._tag === 'Step' ? columns.parameters : undefined,
      )
    : null

const disposeColumn = (column: Column<Leaf>): void => {
  for (const leaf of column) if (isTensorLike(leaf) && !leaf.isDisposed) disposeLeaf(leaf)
}

/** Gives back what a donating step has not taken over. */
const disposeDonated = (program: Program, task: StepTask, columns: Columns): void => {
  disposeColumn(columns.parameters)
  if (task.borrowed !== true) disposeColumn(columns.gradients)
  for (const column of ofSlots(program, task, columns)) disposeColumn(column)
}

const same = <M>(value: M): M => value

/** Computes a step that is laid out; what is made of tensors goes through `made`. */
const computed = <S>(
  { program, finish }: Step<S>,
  task: Task,
  laid: Laid,
  work: Work,
  made: <M>(value: M) => M,
): Executed<S> => {
  const held = made(keep(laid, work, program, task))
  const done = made(interpret(work))
  return {
    result: resultOf(task, laid, done, held),
    state: finish(nextSlots(program, task, laid, done, held)),
  }
}

/**
 * Executes a step: the result for every leaf, and the state after it. Leaves without work stay as they are.
 * `grads` is what errors call the incoming tree.
 *
 * Throws as `update` does, before anything is computed; then nothing has changed.
 */
export const execute = <S>(step: Step<S>, task: Task, grads = 'grads'): Executed<S> => {
  const laid = layOut(step, task, grads)
  const { columns, layout } = laid
  computeHost(layout, step)
  const work = workOf(laid, task)
  if (!layout.hasTensors) return computed(step, task, laid, work, same)
  const executed = disposingOnError((made) => computed(step, task, laid, work, made))
  if (isDonated(task)) disposeDonated(step.program, task, columns)
  return executed
}
