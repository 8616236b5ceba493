/**
 * Prepares a job: checks every leaf of the trees that were laid side by side, and says what is to be done on which.
 * Whatever is wrong is thrown here, before anything is computed.
 */
import { brought } from '../host/brought.js'
import type { Column, Job, JobLeaf } from '../host/work.js'
import { Parameter } from '../rule/expr.js'
import { parts, subterms } from '../rule/fold.js'
import { remember } from '../rule/intern.js'
import { isTrainable, type Leaf, type LeafSpec, leafKind } from '../rule/leaf.js'
import { type LeafPlan, plan } from '../rule/plan.js'
import { exprsOf, type Outputs, type Rule, startOutputs, stepOutputs, updateOutputs } from '../rule/rule.js'
import { type Extent, isAxes, shapeAlong } from '../rule/scope.js'
import type { Path } from '../tree/path.js'
import {
  expectLike,
  expectParameter,
  expectPresent,
  expectScalar,
  inspect,
  inspectGradient,
  inspectPair,
} from './expect.js'
import { type Program, placesOf, type SlotPlace } from './program.js'
import { type Columns, hasState, type Task } from './task.js'

type SlotValues = Readonly<Record<string, Leaf | null>>

/** One leaf position: what the trees have there. */
interface Position {
  readonly path: Path
  readonly parameter: Leaf | null
  readonly gradient: Leaf | null
  /** Those of the whole tree among them. */
  readonly slots: SlotValues
}

/** A leaf that something happens to. */
interface Subject {
  readonly spec: LeafSpec
  readonly leaf: Leaf
}

/** The leaf that a position is about; `null` if nothing happens there. */
const subject = (task: Task, grads: string, { path, parameter, gradient }: Position): Subject | null => {
  if (task._tag === 'Start') {
    if (parameter === null) return null
    const spec = inspect({ tree: 'params', path }, parameter)
    return isTrainable(spec) ? { spec, leaf: parameter } : null
  }
  const spec = inspectPair(grads, path, gradient, parameter, task.params !== undefined)
  return spec === null || gradient === null ? null : { spec, leaf: gradient }
}

/** Checks what a place has for a leaf. */
const checkValue = (
  { tree, scope }: { readonly tree: string; readonly scope: Extent },
  { spec, leaf }: Subject,
  value: Leaf | null | undefined,
  inspected: typeof inspect = inspect,
): void => {
  const place = { tree, path: scope === 'tree' ? [] : spec.path }
  expectPresent(place, value)
  inspected(place, value)
  if (scope === 'element' || isAxes(scope))
    expectLike(place, { ...spec, shape: shapeAlong(scope, spec.shape) }, leaf, value)
  else expectScalar(place, leaf, value)
}

const slotsOf = remember((rule: Rule) =>
  Object.entries(rule.slots).map(([name, { scope }]) => ({ name, scope, tree: `state.${name}` })),
)

/** The scalars and slots that stand beside the parameter, by their places: what it is read for. */
const besideParameter = ({ outputs }: LeafPlan): readonly string[] => {
  const reading = subterms(exprsOf(outputs)).filter((node) => parts(node).includes(Parameter))
  const names = reading
    .flatMap(parts)
    .flatMap((node) => (node._tag === 'Scalar' || node._tag === 'Slot' ? [node.name] : []))
  return [...new Set(names)]
}

/** Where errors say that a slot or an input stands. */
export const whereIs = (program: Program, place: SlotPlace): string =>
  place.at ??
  (program.inputs.includes(place) ? `extraArgs.${place.name.split('.').at(-1)}` : `state.${place.name}`)

const outputsFor: Readonly<Record<Task['_tag'], (rule: Rule) => Outputs>> = {
  Start: startOutputs,
  Compute: startOutputs,
  Update: updateOutputs,
  Step: stepOutputs,
}

/** A job, and the positions of its leaves among all, beside those of which nothing is done. */
interface Prepared {
  readonly job: Job
  readonly positions: readonly number[]
  readonly idle: readonly number[]
}

/** Checks all leaves, and says what is to be done on which. */
export const prepare = (
  program: Program,
  task: Task,
  grads: string,
  paths: readonly Path[],
  columns: Columns,
): Prepared => {
  const ofTree: Record<string, Leaf | null> = {}
  const ofLeaves: { readonly name: string; readonly tree: string; readonly column: Column<Leaf> }[] = []
  const places = placesOf(program, task)
  for (const [i, column] of columns.slots.entries()) {
    const place = places[i]
    if (place === undefined) continue
    const tree = whereIs(program, place)
    const [value = null] = column
    if (place.scope !== 'tree') ofLeaves.push({ name: place.name, tree, column })
    // what no rule reads is kept, and must be there to be cloned
    else if (value !== null) inspect({ tree, path: [] }, value)
    if (place.scope === 'tree') ofTree[place.name] = value
  }
  const jobs = paths.map((path, i) => {
    const slots = { ...ofTree }
    for (const { name, tree, column } of ofLeaves) {
      const value = column[i] ?? null
      if (value !== null) inspect({ tree, path }, value)
      slots[name] = value
    }
    const position: Position = {
      path,
      parameter: columns.parameters[i] ?? null,
      gradient: columns.gradients[i] ?? null,
      slots,
    }
    const about = subject(task, grads, position)
    if (about === null) return null
    const rule = program.rule(about.spec)
    if (hasState(task)) for (const slot of slotsOf(rule)) checkValue(slot, about, slots[slot.name])
    const outputs = outputsFor[task._tag](rule)
    return { ...about, position, outputs: brought.takenOut?.(outputs) ?? outputs }
  })
  const planned = plan(jobs.flatMap((job) => (job === null ? [] : [job.outputs])))
  const leaves: JobLeaf[] = []
  const positions: number[] = []
  const idle: number[] = []
  for (const [i, job] of jobs.entries()) {
    const leafPlan = job === null ? undefined : planned.leaves.get(job.outputs)
    if (job === null || leafPlan === undefined) {
      idle.push(i)
      continue
    }
    for (const input of program.inputs)
      if (leafPlan.readsSlots.includes(input.name)) {
        const { name, scope } = input
        checkValue({ tree: whereIs(program, input), scope }, job, job.position.slots[name], inspectGradient)
      }
    if (leafPlan.readsParameter)
      expectParameter(job.position.path, job.position.parameter, () => besideParameter(leafPlan))
    leaves.push({
      spec: job.spec,
      kind: leafKind(job.leaf),
      plan: leafPlan,
      scalars: new Map(leafPlan.scalars.map((node) => [node, node.of(job.spec)])),
    })
    positions.push(i)
  }
  const host = [...new Set([...planned.leaves.values()].flatMap((leaf) => leaf.host))]
  const byAxes = leaves.some(({ plan }) => plan.byAxes)
  return { job: { plan: planned, leaves, host, byAxes }, positions, idle }
}
