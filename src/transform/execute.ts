/**
 * Runs one step over trees: matches them, checks every leaf, hands the work to an interpreter, and puts the
 * results back in place. Whatever is wrong is thrown before anything is computed.
 */
import * as E from 'fp-ts/lib/Either.js'
import { GradpipeError } from '../error.js'
import { evaluateHost } from '../interpret/float64.js'
import { interpret } from '../interpret/interpret.js'
import { clone } from '../interpret/memory.js'
import type { LeafWork } from '../interpret/work.js'
import {
  isTrainable,
  type Leaf,
  type LeafSpec,
  leafKind,
  leafSpec,
  type Params,
  showShape,
} from '../rule/leaf.js'
import { plan } from '../rule/plan.js'
import { type Outputs, type Rule, startOutputs, stepOutputs, UPDATE, updateOutputs } from '../rule/rule.js'
import { alignTrees, type NamedTree } from '../tree/align.js'
import { isBranch, type Tree } from '../tree/tree.js'
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

const outputs: Readonly<Record<Task['_tag'], (rule: Rule) => Outputs>> = {
  Start: startOutputs,
  Update: updateOutputs,
  Step: stepOutputs,
}

// checks

const specOf = (name: string, spec: LeafSpec, leaf: Leaf): LeafSpec => {
  const { shape, dtype } = leafSpec([name, ...spec.path], leaf)
  return { path: spec.path, shape, dtype }
}

const nameOf = (name: string, spec: LeafSpec): string => [name, ...spec.path].join('.')

const sameShape = (a: LeafSpec, b: LeafSpec): boolean =>
  a.shape.length === b.shape.length && a.shape.every((n, i) => n === b.shape[i])

/** Throws unless `leaf` has the shape, dtype and kind of the leaf that `spec` was read from. */
const expectLike = (name: string, spec: LeafSpec, like: Leaf, leaf: Leaf): void => {
  const own = specOf(name, spec, leaf)
  if (!sameShape(own, spec))
    throw new GradpipeError('ShapeMismatch', nameOf(name, spec), showShape(spec), showShape(own))
  if (own.dtype !== spec.dtype || leafKind(leaf) !== leafKind(like))
    throw new GradpipeError(
      'DtypeMismatch',
      nameOf(name, spec),
      `a ${leafKind(like)} of ${showShape(spec)}`,
      `a ${leafKind(leaf)} of ${showShape(own)}`,
    )
}

/** Throws unless `leaf` is one number, of the kind of `like`. */
const expectScalar = (name: string, spec: LeafSpec, like: Leaf, leaf: Leaf): void => {
  const own = specOf(name, spec, leaf)
  if (own.shape.length > 0)
    throw new GradpipeError('ShapeMismatch', nameOf(name, spec), 'a scalar', showShape(own))
  if (leafKind(leaf) !== leafKind(like))
    throw new GradpipeError('DtypeMismatch', nameOf(name, spec), `a ${leafKind(like)}`, `a ${leafKind(leaf)}`)
}

const missingParams = (path: string): GradpipeError =>
  new GradpipeError('MissingParams', path, 'parameters, as the third argument of update', 'none')

// execution

/** A position of the trees: what each has there, and the work that it makes, if any. */
interface Position {
  readonly params: Leaf | null
  readonly slots: Readonly<Record<string, Leaf | null>>
  readonly work: LeafWork | null
}

/** Executes a step. `state` is the name under which errors speak of the slots. */
export const execute = <S>(step: Step<S>, task: Task, state = 'state'): Executed<S> => {
  const trees: NamedTree<Leaf>[] = []
  const column = (name: string, tree: Tree<Leaf> | undefined): number | undefined =>
    tree === undefined ? undefined : trees.push([name, tree]) - 1
  const paramsAt = column('params', task.params)
  const gradsAt = task._tag === 'Start' ? undefined : column('grads', task.grads)
  const names = Object.keys(step.scopes)
  const treeSlots = new Map<string, Leaf>()
  const slotsAt = new Map<string, number>()
  for (const name of names) {
    const tree = step.slots[name]
    if (tree === undefined || (tree === null && step.scopes[name] === 'tree')) continue
    if (step.scopes[name] !== 'tree') slotsAt.set(name, trees.push([`${state}.${name}`, tree]) - 1)
    else if (tree !== null && !isBranch<Leaf>(tree)) treeSlots.set(name, tree)
    else throw new GradpipeError('TreeMismatch', `${state}.${name}`, 'a scalar', 'a tree')
  }
  const aligned = alignTrees(trees)
  if (E.isLeft(aligned)) throw aligned.left
  const { paths, rows, rebuild } = aligned.right

  const ruleAt = (spec: LeafSpec, like: Leaf, rowSlots: Readonly<Record<string, Leaf | null>>) => {
    const rule = step.rule(spec)
    const slots: Record<string, Leaf> = {}
    if (task._tag === 'Start') return { outputs: outputs.Start(rule), slots }
    for (const [name, { scope }] of Object.entries(rule.slots)) {
      const value = scope === 'tree' ? treeSlots.get(name) : rowSlots[name]
      if (value === undefined || value === null)
        throw new GradpipeError('TreeMismatch', nameOf(`${state}.${name}`, spec), 'a leaf', 'null')
      if (scope === 'element') expectLike(`${state}.${name}`, spec, like, value)
      else expectScalar(`${state}.${name}`, spec, like, value)
      slots[name] = value
    }
    return { outputs: outputs[task._tag](rule), slots }
  }

  const rough = rows.map((row, i) => {
    const path = paths[i] ?? []
    const at = (index: number | undefined): Leaf | null => (index === undefined ? null : (row[index] ?? null))
    const params = at(paramsAt)
    const grads = at(gradsAt)
    const slots = Object.fromEntries([...slotsAt].map(([name, index]) => [name, at(index)]))
    const here = { path, shape: [], dtype: '' }
    const spec = params === null ? null : specOf('params', here, params)
    if (task._tag === 'Start')
      return spec === null || params === null || !isTrainable(spec)
        ? { params, slots, job: null }
        : { params, slots, job: { spec, gradient: null, ...ruleAt(spec, params, slots) } }
    if (grads === null) return { params, slots, job: null }
    const given = specOf('grads', here, grads)
    if (!isTrainable(given))
      throw new GradpipeError('DtypeMismatch', nameOf('grads', given), 'float32 or float64', given.dtype)
    if (paramsAt !== undefined) {
      if (params === null || spec === null)
        throw new GradpipeError('TreeMismatch', nameOf('params', given), 'a leaf', 'null')
      expectLike('grads', spec, params, grads)
    }
    return { params, slots, job: { spec: given, gradient: grads, ...ruleAt(given, grads, slots) } }
  })

  const planned = plan(rough.flatMap(({ job }) => (job === null ? [] : [job.outputs])))
  const positions = rough.map(({ params, slots, job }): Position => {
    const leafPlan = job === null ? undefined : planned.leaves.get(job.outputs)
    if (job === null || leafPlan === undefined) return { params, slots, work: null }
    if (leafPlan.readsParameter && params === null) throw missingParams(nameOf('params', job.spec))
    return {
      params,
      slots,
      work: { spec: job.spec, plan: leafPlan, gradient: job.gradient, parameter: params, slots: job.slots },
    }
  })

  const works = positions.flatMap(({ work }) => (work === null ? [] : [work]))
  const done = interpret({ plan: planned, leaves: works, host: evaluateHost(step.scalars) })

  const byWork = new Map(works.map((work, i) => [work, done.leaves[i]]))
  const kept = (leaf: Leaf | null | undefined): Leaf | null =>
    leaf === null || leaf === undefined ? null : clone(leaf)
  const result = rebuild(
    positions.map(({ work, params }) =>
      work !== null ? (byWork.get(work)?.[UPDATE] ?? null) : task._tag === 'Step' ? kept(params) : null,
    ),
  )
  const slots = Object.fromEntries(
    names.map((name): [string, Params] => [
      name,
      step.scopes[name] === 'tree'
        ? (done.tree[name] ?? kept(treeSlots.get(name)))
        : rebuild(
            positions.map(({ work, slots }) => {
              const next = work === null ? undefined : byWork.get(work)?.[name]
              return next ?? kept(slots[name])
            }),
          ),
    ]),
  )
  return { result, state: step.finish(slots) }
}
