/**
 * Runs one step over trees: matches them, checks every leaf, hands the work to an interpreter, and puts the
 * results back in place. Whatever is wrong is thrown before anything is computed.
 */
import { GradpipeError } from '../error.js'
import { evaluateHost } from '../interpret/float64.js'
import { interpret } from '../interpret/interpret.js'
import { clone } from '../interpret/memory.js'
import type { LeafWork } from '../interpret/work.js'
import { isTrainable, type Leaf, type LeafSpec, type Params } from '../rule/leaf.js'
import { plan } from '../rule/plan.js'
import { type Outputs, type Rule, startOutputs, stepOutputs, UPDATE, updateOutputs } from '../rule/rule.js'
import { type Alignment, alignTrees, type NamedTree } from '../tree/align.js'
import type { Path } from '../tree/path.js'
import { isBranch } from '../tree/tree.js'
import {
  expectLike,
  expectParameter,
  expectPresent,
  expectScalar,
  inspect,
  inspectGradient,
} from './expect.js'
import type { Step } from './transformation.js'

// model

/** What is asked of a step: the first state, the updates, or the parameters after them. */
export type Task =
  | { readonly _tag: 'Start'; readonly params: Params }
  | { readonly _tag: 'Update'; readonly grads: Params; readonly params: Params | undefined }
  | { readonly _tag: 'Step'; readonly grads: Params; readonly params: Params }

/** The tree of updates or of stepped parameters, and the state that goes with it. */
export interface Executed<S> {
  readonly result: Params
  readonly state: S
}

type SlotValues = Readonly<Record<string, Leaf | null>>

/** One leaf position: what the trees have there. */
interface Position {
  readonly path: Path
  readonly parameter: Leaf | null
  readonly gradient: Leaf | null
  /** Slots per element and per leaf. */
  readonly slots: SlotValues
}

/** All leaf positions, what the state keeps for the whole tree, and how a tree is built of values. */
interface Laid {
  readonly positions: readonly Position[]
  readonly treeSlots: SlotValues
  readonly rebuild: Alignment<Leaf>['rebuild']
}

const outputsFor: Readonly<Record<Task['_tag'], (rule: Rule) => Outputs>> = {
  Start: startOutputs,
  Update: updateOutputs,
  Step: stepOutputs,
}

// laying the trees side by side

const lay = (step: Step<unknown>, task: Task, grads: string): Laid => {
  const trees: NamedTree<Leaf>[] = []
  const column = (name: string, tree: Params | undefined): number | undefined =>
    tree === undefined ? undefined : trees.push([name, tree]) - 1
  const parameters = column('params', task.params)
  const gradients = task._tag === 'Start' ? undefined : column(grads, task.grads)
  const columns: (readonly [slot: string, column: number | undefined])[] = []
  const treeSlots: Record<string, Leaf | null> = {}
  for (const [name, value] of Object.entries(step.slots)) {
    if (step.scopes[name] !== 'tree') columns.push([name, column(`state.${name}`, value)])
    else if (value === null || !isBranch<Leaf>(value)) treeSlots[name] = value
    else throw new GradpipeError('TreeMismatch', `state.${name}`, 'a scalar', 'a tree')
  }
  const aligned = alignTrees(trees)
  if (aligned._tag === 'Left') throw aligned.left
  const { paths, rows, rebuild } = aligned.right
  const positions = rows.map((row, i): Position => {
    const at = (index: number | undefined): Leaf | null => (index === undefined ? null : (row[index] ?? null))
    return {
      path: paths[i] ?? [],
      parameter: at(parameters),
      gradient: at(gradients),
      slots: Object.fromEntries(columns.map(([name, index]) => [name, at(index)])),
    }
  })
  return { positions, treeSlots, rebuild }
}

// checking, leaf by leaf

/** The leaf that a position is about; `null` if nothing happens there. */
const subject = (
  task: Task,
  grads: string,
  { path, parameter, gradient }: Position,
): { readonly spec: LeafSpec; readonly leaf: Leaf } | null => {
  const inParams = { tree: 'params', path }
  const ofParameter = parameter === null ? null : inspect(inParams, parameter)
  if (task._tag === 'Start')
    return parameter === null || ofParameter === null || !isTrainable(ofParameter)
      ? null
      : { spec: ofParameter, leaf: parameter }
  if (gradient === null) return null
  const spec = inspectGradient({ tree: grads, path }, gradient)
  if (task.params !== undefined) {
    expectPresent(inParams, parameter)
    expectLike({ tree: grads, path }, inspect(inParams, parameter), parameter, gradient)
  }
  return { spec, leaf: gradient }
}

/** The values of a rule's slots at a position, checked. */
const slotsOf = (
  rule: Rule,
  { spec, leaf }: { readonly spec: LeafSpec; readonly leaf: Leaf },
  values: SlotValues,
): Readonly<Record<string, Leaf>> =>
  Object.fromEntries(
    Object.entries(rule.slots).map(([name, { scope }]) => {
      const place = { tree: `state.${name}`, path: scope === 'tree' ? [] : spec.path }
      const value = values[name]
      expectPresent(place, value)
      if (scope === 'element') expectLike(place, spec, leaf, value)
      else expectScalar(place, leaf, value)
      return [name, value]
    }),
  )

/** Looks at all that a state has at a path: what no rule reads is kept, and must be there to be cloned. */
const inspectSlots = (path: Path, slots: SlotValues): void => {
  for (const [name, value] of Object.entries(slots))
    if (value !== null) inspect({ tree: `state.${name}`, path }, value)
}

/** Each position's work, `null` where nothing happens. */
const prepare = (step: Step<unknown>, task: Task, grads: string, { positions, treeSlots }: Laid) => {
  inspectSlots([], treeSlots)
  const jobs = positions.map((position) => {
    inspectSlots(position.path, position.slots)
    const about = subject(task, grads, position)
    if (about === null) return null
    const rule = step.rule(about.spec)
    const slots = task._tag === 'Start' ? {} : slotsOf(rule, about, { ...treeSlots, ...position.slots })
    return { spec: about.spec, outputs: outputsFor[task._tag](rule), slots }
  })
  const planned = plan(jobs.flatMap((job) => (job === null ? [] : [job.outputs])))
  const works = jobs.map((job, i): LeafWork | null => {
    const [position, leafPlan] = [positions[i], job === null ? undefined : planned.leaves.get(job.outputs)]
    if (job === null || leafPlan === undefined || position === undefined) return null
    const { path, gradient, parameter } = position
    if (leafPlan.readsParameter) expectParameter(path, parameter)
    return { spec: job.spec, plan: leafPlan, gradient, parameter, slots: job.slots }
  })
  return { planned, works }
}

// execution

/**
 * Executes a step: the result for every leaf, and the state after it. Leaves without work stay as they are.
 * `grads` is what errors call the incoming tree.
 */
export const execute = <S>(step: Step<S>, task: Task, grads = 'grads'): Executed<S> => {
  const laid = lay(step, task, grads)
  const { planned, works } = prepare(step, task, grads, laid)
  const leaves = works.filter((work) => work !== null)
  const done = interpret({ plan: planned, leaves, host: evaluateHost(step.scalars) })

  const outputs = new Map(leaves.map((work, i) => [work, done.leaves[i]]))
  const kept = (leaf: Leaf | null | undefined): Leaf | null =>
    leaf === null || leaf === undefined ? null : clone(leaf)
  /** A tree of one of the outputs; where there is none, of what was there before. */
  const collect = (name: string, before: (position: Position) => Leaf | null | undefined): Params =>
    laid.rebuild(
      laid.positions.map((position, i) => {
        const work = works[i] ?? null
        return (work === null ? undefined : outputs.get(work)?.[name]) ?? kept(before(position))
      }),
    )
  const slots = Object.entries(step.scopes).map(([name, scope]): [string, Params] => [
    name,
    scope === 'tree'
      ? (done.tree[name] ?? kept(laid.treeSlots[name]))
      : collect(name, (position) => position.slots[name]),
  ])
  return {
    result: collect(UPDATE, ({ parameter }) => (task._tag === 'Step' ? parameter : null)),
    state: step.finish(Object.fromEntries(slots)),
  }
}
