/**
 * Layout: what a program works out for trees of one structure, shapes and kinds, once.
 *
 * Here trees are matched and every leaf is checked; whatever is wrong is thrown before anything is computed.
 * A step over trees that look as before finds its layout again, and costs no more than reading them.
 */
import { GradpipeError } from '../error.js'
import { type Tape, tape } from '../interpret/tape.js'
import type { Column, Job, JobLeaf } from '../interpret/work.js'
import { type Expr, Scalar } from '../rule/expr.js'
import { remember } from '../rule/intern.js'
import { isTrainable, type Leaf, type LeafKind, type LeafSpec, leafKind, type Params } from '../rule/leaf.js'
import { plan } from '../rule/plan.js'
import { type Outputs, type Rule, startOutputs, stepOutputs, updateOutputs } from '../rule/rule.js'
import { alignTrees } from '../tree/align.js'
import { type Form, type KeyOrder, readForm } from '../tree/form.js'
import type { Path } from '../tree/path.js'
import { isBranch, type Tree } from '../tree/tree.js'
import {
  expectLike,
  expectParameter,
  expectPresent,
  expectScalar,
  inspect,
  inspectGradient,
} from './expect.js'
import type { Program, SlotPlace } from './transformation.js'

// model

/** What is asked of a step: the first state, the updates, or the parameters after them. */
export type Task =
  | { readonly _tag: 'Start'; readonly params: Params }
  | { readonly _tag: 'Update'; readonly grads: Params; readonly params: Params | undefined }
  | { readonly _tag: 'Step'; readonly grads: Params; readonly params: Params; readonly donate: boolean }

/** What the trees of a step have at each leaf position. */
export interface Columns {
  readonly parameters: Column<Leaf>
  readonly gradients: Column<Leaf>
  /** Beside the program's slots; of one with scope `tree` its value alone. */
  readonly slots: readonly Column<Leaf>[]
}

/** What one leaf must look like for a layout to hold. */
interface Like {
  readonly kind: LeafKind
  readonly dtype: string
  readonly shape: readonly number[]
}

/** What was worked out. */
export interface Layout {
  readonly form: Form
  readonly job: Job
  /** The position of each leaf of the job. */
  readonly positions: readonly number[]
  /** How many positions there are. */
  readonly length: number
  /** From the program's scalars to the job's host terms. */
  readonly host: Tape
  /** Where these go, step after step. */
  readonly hostValues: Float64Array
  /** Beside the columns, what is expected again. */
  readonly likes: readonly (readonly (Like | null)[])[]
}

/** Some trees, laid out. */
export interface Laid {
  readonly layout: Layout
  readonly columns: Columns
}

// the trees of a step

const allColumns = ({ parameters, gradients, slots }: Columns): readonly Column<Leaf>[] => [
  parameters,
  gradients,
  ...slots,
]

const paramsOf = (task: Task): Params => task.params ?? null

const gradsOf = (task: Task): Params => (task._tag === 'Start' ? null : task.grads)

/** A slot for the whole tree, as a column of one. */
const alone = (name: string, value: Params): Column<Leaf> => {
  if (value === null || !isBranch<Leaf>(value)) return [value]
  throw new GradpipeError('TreeMismatch', `state.${name}`, 'a scalar', 'a tree')
}

// looking again

const looksLike = (leaf: Leaf | null, like: Like | null): boolean => {
  if (leaf === null || like === null) return leaf === like
  const { kind, dtype, shape } = like
  if (typeof leaf === 'number') return kind === 'number' && shape.length === 0
  if (leaf instanceof Float32Array)
    return kind === 'number' && dtype === 'float32' && leaf.length === shape[0]
  if (leaf instanceof Float64Array)
    return kind === 'number' && dtype === 'float64' && leaf.length === shape[0]
  if (kind !== 'tensor' || leaf.isDisposed !== false || leaf.dtype !== dtype) return false
  const own = leaf.shape
  if (own.length !== shape.length) return false
  for (let i = 0; i < shape.length; i++) if (own[i] !== shape[i]) return false
  return true
}

const allLookLike = (leaves: Column<Leaf>, likes: readonly (Like | null)[]): boolean => {
  for (let i = 0; i < likes.length; i++) if (!looksLike(leaves[i] ?? null, likes[i] ?? null)) return false
  return true
}

/** The columns of trees that look as the layout expects; `null` of others. */
const again = (
  { form, length, likes }: Layout,
  program: Program,
  task: Task,
  slots: readonly Params[],
): Columns | null => {
  let next = 0
  const read = (tree: Tree<Leaf>, order: KeyOrder): Column<Leaf> | null => {
    const column: (Leaf | null)[] = new Array(length).fill(null)
    return readForm(form, tree, column, order) && allLookLike(column, likes[next++] ?? []) ? column : null
  }
  const parameters = read(paramsOf(task), 'same order')
  if (parameters === null) return null
  const gradients = read(gradsOf(task), task.params === undefined ? 'same order' : 'any order')
  if (gradients === null) return null
  const columns: Column<Leaf>[] = []
  for (let i = 0; i < slots.length; i++) {
    const value = slots[i] as Params
    if (program.slots[i]?.scope !== 'tree') {
      const column = read(value, 'any order')
      if (column === null) return null
      columns.push(column)
    } else {
      if (value !== null && isBranch<Leaf>(value)) return null
      if (!looksLike(value, likes[next++]?.[0] ?? null)) return null
      columns.push([value])
    }
  }
  return { parameters, gradients, slots: columns }
}

// checking, leaf by leaf

type SlotValues = Readonly<Record<string, Leaf | null>>

/** One leaf position: what the trees have there. */
interface Position {
  readonly path: Path
  readonly parameter: Leaf | null
  readonly gradient: Leaf | null
  readonly slots: SlotValues
}

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

/** Checks the values of a rule's slots at a position. */
const checkSlots = (
  rule: Rule,
  { spec, leaf }: { readonly spec: LeafSpec; readonly leaf: Leaf },
  values: SlotValues,
): void => {
  for (const [name, { scope }] of Object.entries(rule.slots)) {
    const place = { tree: `state.${name}`, path: scope === 'tree' ? [] : spec.path }
    const value = values[name]
    expectPresent(place, value)
    if (scope === 'element') expectLike(place, spec, leaf, value)
    else expectScalar(place, leaf, value)
  }
}

/** Looks at all that a state has at a path: what no rule reads is kept, and must be there to be cloned. */
const inspectSlots = (path: Path, slots: SlotValues): void => {
  for (const [name, value] of Object.entries(slots))
    if (value !== null) inspect({ tree: `state.${name}`, path }, value)
}

const outputsFor: Readonly<Record<Task['_tag'], (rule: Rule) => Outputs>> = {
  Start: startOutputs,
  Update: updateOutputs,
  Step: stepOutputs,
}

/** Checks all leaves, and says what is to be done on which. */
const prepare = (
  program: Program,
  task: Task,
  grads: string,
  paths: readonly Path[],
  columns: Columns,
): { readonly job: Job; readonly positions: readonly number[] } => {
  const ofTree: Record<string, Leaf | null> = {}
  const scopes = Object.fromEntries(program.slots.map(({ name, scope }) => [name, scope]))
  for (const [i, column] of columns.slots.entries())
    if (program.slots[i]?.scope === 'tree') ofTree[program.slots[i].name] = column[0] ?? null
  inspectSlots([], ofTree)
  const jobs = paths.map((path, i) => {
    const position: Position = {
      path,
      parameter: columns.parameters[i] ?? null,
      gradient: columns.gradients[i] ?? null,
      slots: Object.fromEntries(
        columns.slots.flatMap((column, k) => {
          const { name, scope } = program.slots[k] ?? { name: '', scope: 'tree' }
          return scope === 'tree' ? [] : [[name, column[i] ?? null]]
        }),
      ),
    }
    inspectSlots(path, position.slots)
    const about = subject(task, grads, position)
    if (about === null) return null
    const rule = program.rule(about.spec)
    if (task._tag !== 'Start') checkSlots(rule, about, { ...ofTree, ...position.slots })
    return { ...about, position, outputs: outputsFor[task._tag](rule) }
  })
  const planned = plan(jobs.flatMap((job) => (job === null ? [] : [job.outputs])))
  const leaves: JobLeaf[] = []
  const positions: number[] = []
  for (const [i, job] of jobs.entries()) {
    const leafPlan = job === null ? undefined : planned.leaves.get(job.outputs)
    if (job === null || leafPlan === undefined) continue
    if (leafPlan.readsParameter) expectParameter(job.position.path, job.position.parameter)
    leaves.push({ spec: job.spec, kind: leafKind(job.leaf), plan: leafPlan })
    positions.push(i)
  }
  const host = [...new Set([...planned.leaves.values()].flatMap((leaf) => leaf.host))]
  return { job: { plan: planned, leaves, host, scopes }, positions }
}

// constructors

const likeOf = (leaf: Leaf | null): Like | null =>
  leaf === null ? null : { kind: leafKind(leaf), ...inspect({ tree: '', path: [] }, leaf) }

const lay = (program: Program, task: Task, grads: string, slots: readonly Params[]): Laid => {
  const isOfTree = ({ scope }: SlotPlace): boolean => scope === 'tree'
  const single = slots.map((value, i) => {
    const place = program.slots[i]
    return place !== undefined && isOfTree(place) ? alone(place.name, value) : null
  })
  const aligned = alignTrees<Leaf>([
    ['params', paramsOf(task)],
    [grads, gradsOf(task)],
    ...slots.flatMap((value, i) =>
      single[i] === null ? [[`state.${program.slots[i]?.name}`, value] as const] : [],
    ),
  ])
  if (aligned._tag === 'Left') throw aligned.left
  const { form, paths, columns: all } = aligned.right
  const [parameters = [], gradients = [], ...others] = all
  const rest = others.values()
  const columns: Columns = {
    parameters,
    gradients,
    slots: single.map((column) => column ?? rest.next().value ?? []),
  }
  const { job, positions } = prepare(program, task, grads, paths, columns)
  const scalars: readonly Expr[] = program.scalars.map(Scalar)
  const layout: Layout = {
    form,
    job,
    positions,
    length: paths.length,
    host: tape(job.host, scalars),
    hostValues: new Float64Array(job.host.length),
    likes: allColumns(columns).map((column) => column.map(likeOf)),
  }
  return { layout, columns }
}

/** How many structures a program remembers per task: two networks in turn, and one whose shapes change. */
const remembered = 4

const layouts = remember((_: Program) => new Map<string, Layout[]>())

/**
 * Lays the trees of a step side by side. `grads` is what errors call the incoming tree.
 *
 * Throws as `update` does where the trees do not fit each other or the program.
 */
export const layOut = (program: Program, task: Task, grads: string, slots: readonly Params[]): Laid => {
  const key = task.params === undefined ? 'Update without params' : task._tag
  const known = layouts(program).get(key) ?? []
  for (const layout of known) {
    const columns = again(layout, program, task, slots)
    if (columns !== null) return { layout, columns }
  }
  const laid = lay(program, task, grads, slots)
  layouts(program).set(key, [laid.layout, ...known.slice(0, remembered - 1)])
  return laid
}
