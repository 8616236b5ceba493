/**
 * Layout: what a program computes once for trees of one structure, with the same shapes and kinds.
 *
 * A step over trees that look as before finds its layout again, and only reads them.
 */

import { type Tape, tape } from '../compile/tape.js'
import { GradpipeError } from '../error.js'
import type { Column, Job } from '../host/work.js'
import { type Expr, Scalar } from '../rule/expr.js'
import { remember } from '../rule/intern.js'
import { type Leaf, type LeafKind, leafKind, type Params, sizeOf } from '../rule/leaf.js'
import { isGivenUp, NdArray } from '../rule/ndarray.js'
import type { LeafPlan } from '../rule/plan.js'
import { alignTrees } from '../tree/align.js'
import { type Form, type KeyOrder, readForm } from '../tree/form.js'
import { isBranch, type Tree } from '../tree/tree.js'
import { inspect } from './expect.js'
import { prepare, whereIs } from './prepare.js'
import { type Program, placesOf, type SlotPlace, type Step, valuesOf } from './program.js'
import { type Columns, gradsOf, paramsOf, type Task } from './task.js'

// model

/** How a leaf must look for a layout to hold. */
interface Like {
  readonly kind: LeafKind
  readonly dtype: string
  readonly shape: readonly number[]
}

/** What was computed. */
export interface Layout {
  readonly form: Form
  readonly job: Job
  /** The position of each leaf of the job. */
  readonly positions: readonly number[]
  /** The positions where there is nothing to do. */
  readonly idle: readonly number[]
  /** How many positions there are. */
  readonly length: number
  /** The program's slots and inputs. */
  readonly places: readonly SlotPlace[]
  /** Beside them: of one with scope `tree`, whether any leaf has or reads it. */
  readonly used: readonly boolean[]
  /** Whether any has scope `tree`. */
  readonly hasTrees: boolean
  /** A record of the others' names: to copy one and fill it costs less than to add name after name. */
  readonly template: Readonly<Record<string, Column<Leaf>>>
  /** From the program's scalars to the job's host terms. */
  readonly host: Tape
  /** Where these go, step after step. */
  readonly hostValues: Float64Array
  /** Whether there is a tensor: its handle must be freed. */
  readonly hasTensors: boolean
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

/** A value of the whole tree, as a column of one. */
const alone = (place: string, value: Params): Column<Leaf> => {
  if (value === null || !isBranch<Leaf>(value)) return [value]
  throw new GradpipeError('TreeMismatch', place, 'a scalar', 'a tree')
}

// checking again

const looksLike = (leaf: Leaf | null, like: Like | null): boolean => {
  if (leaf === null || like === null) return leaf === like
  if (typeof leaf === 'number') return like === ofNumber
  const { kind, dtype, shape } = like
  if (leaf instanceof Float32Array)
    return kind === 'number' && dtype === 'float32' && leaf.length === shape[0] && !isGivenUp(leaf)
  if (leaf instanceof Float64Array)
    return kind === 'number' && dtype === 'float64' && leaf.length === shape[0] && !isGivenUp(leaf)
  if (leaf instanceof NdArray) {
    const { data } = leaf
    if (kind !== 'ndarray' || data.length !== sizeOf(shape) || isGivenUp(data)) return false
  } else if (kind !== 'tensor' || leaf.isDisposed !== false) return false
  if (leaf.dtype !== dtype) return false
  const own = leaf.shape
  if (own.length !== shape.length) return false
  for (let i = 0; i < shape.length; i++) if (own[i] !== shape[i]) return false
  return true
}

const allLookLike = (leaves: Column<Leaf>, likes: readonly (Like | null)[]): boolean => {
  for (let i = 0; i < likes.length; i++) if (!looksLike(leaves[i] ?? null, likes[i] ?? null)) return false
  return true
}

/** Whether parameters and gradients look as a layout expects. */
export const lookAlike = (
  { likes: [ofParameters = [], ofGradients = []] }: Layout,
  parameters: Column<Leaf>,
  gradients: Column<Leaf>,
): boolean => allLookLike(parameters, ofParameters) && allLookLike(gradients, ofGradients)

/** The columns of trees that look as the layout expects; otherwise `null`. */
const again = (
  { form, length, likes, places }: Layout,
  task: Task,
  values: readonly Params[],
): Columns | null => {
  let next = 0
  const read = (tree: Tree<Leaf>, order: KeyOrder): Column<Leaf> | null => {
    // every position is written, and an array of numbers only stays one to the engine
    const column: (Leaf | null)[] = new Array(length)
    return readForm(form, tree, column, order) && allLookLike(column, likes[next++] ?? []) ? column : null
  }
  const parameters = read(paramsOf(task), 'same order')
  if (parameters === null) return null
  const gradients = read(gradsOf(task), task.params === undefined ? 'same order' : 'any order')
  if (gradients === null) return null
  const columns: Column<Leaf>[] = []
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as Params
    if (places[i]?.scope !== 'tree') {
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

// constructors

/** Whether a leaf has a tree's slot, or reads a tree's input. */
const uses = (plan: LeafPlan, name: string): boolean =>
  Object.hasOwn(plan.outputs, name) || plan.readsSlots.includes(name)

/** How every number looks: one object, so that comparing is cheap. */
const ofNumber: Like = { kind: 'number', dtype: 'float64', shape: [] }

const likeOf = (leaf: Leaf | null): Like | null => {
  if (leaf === null) return null
  if (typeof leaf === 'number') return ofNumber
  const { dtype, shape } = inspect({ tree: '', path: [] }, leaf)
  return { kind: leafKind(leaf), dtype, shape }
}

const lay = (program: Program, task: Task, grads: string, values: readonly Params[]): Laid => {
  const places = placesOf(program, task)
  const nameAt = (i: number): string => {
    const place = places[i]
    return place === undefined ? '' : whereIs(program, place)
  }
  const single = values.map((value, i) => (places[i]?.scope === 'tree' ? alone(nameAt(i), value) : null))
  const {
    form,
    paths,
    columns: [parameters = [], gradients = [], ...others],
  } = alignTrees<Leaf>([
    ['params', paramsOf(task)],
    [grads, gradsOf(task)],
    ...values.flatMap((value, i) => (single[i] === null ? [[nameAt(i), value] as const] : [])),
  ])
  const rest = others.values()
  const columns: Columns = {
    parameters,
    gradients,
    slots: single.map((column) => column ?? rest.next().value ?? []),
  }
  const { job, positions, idle } = prepare(program, task, grads, paths, columns)
  program.fits?.(task.params ?? gradsOf(task))
  const scalars: readonly Expr[] = program.scalars.map(Scalar)
  const likes = allColumns(columns).map((column) => column.map(likeOf))
  const layout: Layout = {
    form,
    job,
    positions,
    idle,
    length: paths.length,
    places,
    hasTrees: places.some(({ scope }) => scope === 'tree'),
    template: Object.fromEntries(
      places.flatMap(({ name, scope }) => (scope === 'tree' ? [] : [[name, []] as const])),
    ),
    used: places.map(
      ({ name, scope }) => scope === 'tree' && job.leaves.some(({ plan }) => uses(plan, name)),
    ),
    host: tape(job.host, scalars),
    hostValues: new Float64Array(job.host.length),
    hasTensors: likes.some((column) => column.some((like) => like?.kind === 'tensor')),
    likes,
  }
  return { layout, columns }
}

/** How many structures a program remembers per task: two networks in turn, and one whose shapes change. */
const remembered = 4

const layouts = remember((_: Program) => new Map<Task['_tag'], readonly Layout[]>())
const layoutsWithoutParams = remember((_: Program) => new Map<Task['_tag'], readonly Layout[]>())

/**
 * Lays the trees of a step side by side. Errors call the incoming tree `grads`.
 *
 * Throws like `update` if the trees do not fit each other or the program.
 */
export const layOut = (step: Step<unknown>, task: Task, grads: string): Laid => {
  const { program } = step
  const values = valuesOf(step)
  const ofTasks = (task.params === undefined ? layoutsWithoutParams : layouts)(program)
  const known = ofTasks.get(task._tag) ?? []
  for (const layout of known) {
    const columns = again(layout, task, values)
    if (columns !== null) return { layout, columns }
  }
  const laid = lay(program, task, grads, values)
  ofTasks.set(task._tag, [laid.layout, ...known.slice(0, remembered - 1)])
  return laid
}
