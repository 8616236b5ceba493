/** Task: what a step has to compute, and what its trees have at each leaf position. */
import type { Column } from '../host/work.js'
import type { Leaf, Params } from '../rule/leaf.js'

/**
 * What a step has to compute: the first state, the updates, or the parameters after them. `Compute` is like the first
 * state, but also reads gradients and inputs.
 */
export type Task =
  | { readonly _tag: 'Start'; readonly params: Params }
  | { readonly _tag: 'Compute'; readonly grads: Params; readonly params: Params | undefined }
  | { readonly _tag: 'Update'; readonly grads: Params; readonly params: Params | undefined }
  | StepTask

/** The parameters after a step. */
export interface StepTask<P extends Params = Params> {
  readonly _tag: 'Step'
  readonly grads: Params
  readonly params: P
  /** Whether everything is consumed, except gradients that are `borrowed`. */
  readonly donate: boolean
  readonly borrowed?: boolean
}

/** What the trees of a step have at each leaf position. */
export interface Columns {
  readonly parameters: Column<Leaf>
  readonly gradients: Column<Leaf>
  /** Beside the program's slots and inputs; for scope `tree` just the value. */
  readonly slots: readonly Column<Leaf>[]
}

/** The parameters; `null` without any. */
export const paramsOf = (task: Task): Params =>
  task._tag === 'Update' || task._tag === 'Compute' ? (task.params ?? null) : task.params

/** The incoming tree; `null` without one. */
export const gradsOf = (task: Task): Params => (task._tag === 'Start' ? null : task.grads)

/** Whether there is a state before. */
export const hasState = ({ _tag }: Task): boolean => _tag === 'Update' || _tag === 'Step'
