/**
 * leafByLeaf: transformations that are not rules, since they need matrices of other shapes: ordinary code on tensors, for one
 * leaf after the other.
 *
 * What such code says is what a rule says: the slots of a leaf, the step. Checks, order, memory and the
 * shape of the state are the same for all.
 */
import { GradpipeError } from '../error.js'
import { clone } from '../host/hosts.js'
import { isTensor, zerosOf } from '../host/tfjs/tensor.js'
import { tidied } from '../host/tfjs/tidy.js'
import type { Call } from '../options.js'
import { type AnyTensor, isTrainable, type Leaf, type LeafSpec, type Params } from '../rule/leaf.js'
import { alignTrees } from '../tree/align.js'
import { buildForm, type Form } from '../tree/form.js'
import { type Path, showPath } from '../tree/path.js'
import { describeNode, isBranch } from '../tree/tree.js'
import { type Beside, buildBeside, readBeside } from './beside.js'
import { cloneTree } from './cloneTree.js'
import { disposingOnError } from './dispose.js'
import { expectLike, expectParameter, expectPresent, inspect, inspectPair } from './expect.js'
import type { GradientTransformation } from './transformation.js'

// model

/** A leaf's slots by name, each a tensor of such a shape that starts at zero. */
export type Slots = Readonly<Record<string, readonly number[]>>

/** The values of slots. */
export type SlotValues<L extends Slots> = {
  readonly [K in keyof L]: AnyTensor
}

/** What the code sees of a leaf, its slots beside. */
export interface LeafInputs<A> {
  /** What the code knows of the leaf. */
  readonly about: A
  /** The incoming update. */
  readonly g: AnyTensor
  /** The parameter, if there is one. */
  readonly p: AnyTensor | null
}

/** Ordinary code for one leaf. */
export interface LeafCode<A, L extends Slots> {
  /** The call of the factory that it is the code of. */
  readonly call?: Call
  /** The names of all slots that a leaf may have. */
  readonly names: readonly (keyof L & string)[]
  /** What the code has to know of a leaf, its axes; `null` of one that passes unchanged, without state. */
  readonly takes: (leaf: LeafSpec) => A | null
  /** The slots of a leaf. */
  readonly slots: (about: A, leaf: LeafSpec) => L
  /** Whether the count is in the state. Default false; then the step is told 0. */
  readonly counted?: boolean
  /** Whether every leaf needs its parameter. Default false. */
  readonly readsParameter?: boolean
  /** The update, and the slots' next values: all of them new tensors. What else is made is freed. */
  readonly step: (
    inputs: LeafInputs<A> & SlotValues<L>,
    count: number,
  ) => { readonly update: AnyTensor } & SlotValues<L>
}

/** The state of such a transformation: a tree per slot, and the count where it is wanted. */
export type LeafCodeState<L extends Slots> = { readonly [K in keyof L]: Params } & { readonly count?: number }

/** A leaf on which there is something to do. */
interface Task<A, L extends Slots> {
  readonly inputs: LeafInputs<A>
  readonly slots: SlotValues<L>
}

/** What a leaf position has. */
type Position<A, L extends Slots> =
  | { readonly _tag: 'Absent' }
  | { readonly _tag: 'Passes'; readonly gradient: Leaf }
  | { readonly _tag: 'Stepped'; readonly task: Task<A, L> }

interface Looked<A, L extends Slots> {
  readonly form: Form
  readonly positions: readonly Position<A, L>[]
  /** Per slot, what the state has. */
  readonly before: ReadonlyMap<string, Beside>
}

// checking

const asTensor = (tree: string, path: Path, leaf: Leaf): AnyTensor => {
  if (isTensor(leaf)) return leaf
  throw new GradpipeError('InvalidLeaf', showPath([tree, ...path]), 'a tensor', 'numbers')
}

/** The place of a leaf in a tree. */
interface Place {
  readonly tree: string
  readonly path: Path
}

const expectSlot = (place: Place, shape: readonly number[], like: AnyTensor, value: Params): AnyTensor => {
  if (value !== null && isBranch<Leaf>(value))
    throw new GradpipeError(
      'TreeMismatch',
      showPath([place.tree, ...place.path]),
      'a leaf',
      describeNode(value),
    )
  expectPresent(place, value)
  expectLike(place, { path: place.path, shape, dtype: like.dtype }, like, value)
  return asTensor(place.tree, place.path, value)
}

/** The values of a leaf's slots, looked at. */
const slotValues = <L extends Slots>(
  slots: L,
  like: AnyTensor,
  path: Path,
  of: (name: string) => Params,
): SlotValues<L> => {
  const values = Object.entries(slots).map(([name, shape]) => [
    name,
    expectSlot({ tree: `state.${name}`, path }, shape, like, of(name)),
  ])
  // the entries are those of the slots
  return Object.fromEntries(values) as SlotValues<L>
}

// constructors

/** The transformation that runs the code on every leaf that has slots for it. */
export const leafByLeaf = <A, L extends Slots>(
  code: LeafCode<A, L>,
): GradientTransformation<LeafCodeState<L>> => {
  const { call, names, takes, slots, counted = false, readsParameter = false, step } = code

  const init = (params: Params): LeafCodeState<L> => {
    const { form, paths, columns } = alignTrees<Leaf>([['params', params]])
    const [parameters = []] = columns
    const ofLeaf = parameters.map((leaf, i) => {
      if (leaf === null) return null
      const spec = inspect({ tree: 'params', path: paths[i] ?? [] }, leaf)
      const about = isTrainable(spec) ? takes(spec) : null
      return about === null ? null : slots(about, spec)
    })
    return disposingOnError((made) => {
      const start = (shape: readonly number[] | undefined): Params =>
        shape === undefined ? null : made(zerosOf(shape))
      const trees = names.map((name) => [
        name,
        buildForm<Params>(
          form,
          ofLeaf.map((own) => start(own?.[name])),
        ),
      ])
      return { ...(counted && { count: 0 }), ...Object.fromEntries(trees) }
    })
  }

  const countOf = (state: LeafCodeState<L>): number => {
    const { count } = state
    if (typeof count === 'number') return count
    throw new GradpipeError('InvalidLeaf', 'state.count', 'a number', typeof count)
  }

  const treeOf = (state: LeafCodeState<L>, name: string): Params => {
    const tree = typeof state === 'object' && state !== null ? state[name] : undefined
    if (tree !== undefined) return tree
    throw new GradpipeError('TreeMismatch', `state.${name}`, `the transformation's state`, 'nothing')
  }

  /** Looks at everything, so that nothing can be wrong once something is made. */
  const look = (grads: Params, state: LeafCodeState<L>, params: Params | undefined): Looked<A, L> => {
    const { form, paths, columns } = alignTrees<Leaf>([
      ['params', params ?? null],
      ['grads', grads],
    ])
    const [parameters = [], gradients = []] = columns
    const before = new Map(
      names.map((name) => [name, readBeside(form, treeOf(state, name), `state.${name}`)]),
    )
    const positions = paths.map((path, i): Position<A, L> => {
      const [parameter = null, gradient = null] = [parameters[i], gradients[i]]
      const spec = inspectPair('grads', path, gradient, parameter, params !== undefined)
      if (spec === null || gradient === null) return { _tag: 'Absent' }
      const about = takes(spec)
      if (about === null) return { _tag: 'Passes', gradient }
      if (readsParameter) expectParameter(path, parameter)
      const g = asTensor('grads', path, gradient)
      const inputs = { about, g, p: isTensor(parameter) ? parameter : null }
      const of = (name: string): Params => before.get(name)?.column[i] ?? null
      return { _tag: 'Stepped', task: { inputs, slots: slotValues(slots(about, spec), g, path, of) } }
    })
    return { form, positions, before }
  }

  return {
    ...(call && { call }),
    init,
    update: <P extends Params>(grads: P, state: LeafCodeState<L>, params?: Params) => {
      const { form, positions, before } = look(grads, state, params)
      const count = counted ? countOf(state) : 0
      return disposingOnError((made) => {
        const done = positions.map((position) => {
          if (position._tag === 'Absent') return null
          if (position._tag === 'Passes') return { update: made(clone(position.gradient)) }
          const { inputs, slots: values } = position.task
          return made(tidied('update', () => step({ ...values, ...inputs }, count)))
        })
        const next = [...before].map(([name, { column, others }]) => {
          const after = column.map((value, i): Params => {
            const result: Readonly<Record<string, unknown>> = done[i] ?? {}
            // a slot of the code's is a tensor; what has no slot keeps what it had
            return Object.hasOwn(result, name) ? (result[name] as Params) : made(cloneTree(value))
          })
          return [name, buildBeside(form, { column: after, others: made(others.map(cloneTree)) })]
        })
        const updates = buildForm<Leaf>(
          form,
          done.map((result) => result?.update ?? null),
        )
        // the structure is that of the gradients
        return [updates as P, { ...(counted && { count: count + 1 }), ...Object.fromEntries(next) }] as const
      })
    },
  }
}
