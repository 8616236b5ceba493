/**
 * Brought: what only some steps need. Who makes something that needs it brings it; everybody else is bundled and loaded
 * without.
 */
import type { Stage } from '../compile/passes.js'
import type { Reducing } from '../compile/wasm/reductions.js'
import type { Widths } from '../compile/wasm/width.js'
import type { TensorLike } from '../rule/leaf.js'
import type { NumberLeaf } from '../rule/ndarray.js'
import type { Outputs } from '../rule/rule.js'
import type { MatrixHost } from './host.js'
import type { Binding, Bound, BoundStage, Planned, Sites } from './kernels/binding.js'
import type { Run } from './kernels/machine.js'
import type { ArrayDoor } from './numbers/door.js'
import type { sharesInCells, sharesOfColumns } from './numbers/shares.js'
import type { Done, Interpreter, Job, Work } from './work.js'

/** What computes sums, maxima and norms. */
export interface Reductions {
  /** What a stage reduces over the tree. */
  readonly sites: (groups: readonly Planned[], stage: number) => Sites
  /** Makes room for what a stage comes to. */
  readonly bound: <L>(bound: Bound<Stage, L>, sites: Sites, leaves: number) => BoundStage<L>
  /** Runs a stage of them over all leaves. */
  readonly stage: <L>(run: Run<L>, binding: Binding<L>, stage: number) => void
  /** How kernels over arrays make them. */
  readonly inOrder: (widths: Widths) => Reducing
  /** Runs a loop of them over columns, and over a memory. */
  readonly inColumns: typeof sharesOfColumns
  readonly inCells: typeof sharesInCells
}

/** Is told of what a computation makes, and gives it back. */
export type Made = <M>(value: M) => M

/** Runs a computation that announces what it makes; if it throws, the tensors of that are freed first. */
export type Disposing = <T>(compute: (made: Made) => T) => T

/** What there is to bring. */
export interface Brought {
  /** The host of tensors, which makes them leaves: from the entry that loads their library. */
  readonly tensors?: MatrixHost<TensorLike>
  readonly disposing?: Disposing
  /** Throws `InvalidLeaf` for a variable of their library anywhere in a tree: it must not be given up. */
  readonly expectNoVariable?: (name: string, tree: unknown) => void
  /** Computes a step part by part, where not all leaves are computed in one way: with tensors, and with axes. */
  readonly parts?: Interpreter
  readonly reductions?: Reductions
  /** What may take over the arrays of a donating step; `null` where that is not worth while. */
  readonly takerOf?: (work: Work<NumberLeaf>) => ArrayDoor<NumberLeaf>['take']
  /** Computes a step with terms of matrices by steps without. */
  readonly rounds?: (run: Interpreter, work: Work) => Done
  /** Whether a job has any. */
  readonly hasRounds?: (job: Job) => boolean
  /** Terms as they are computed, where something differs along some of a leaf's axes alone. */
  readonly takenOut?: (outputs: Outputs) => Outputs
  /** Computes a step on arrays of which something differs along some of a leaf's axes alone. */
  readonly axes?: <V>(door: ArrayDoor<V>, work: Work<V>) => Done<V>
}

/** What has been brought so far. */
export const brought: Brought = {}

/** What computes reductions. */
export const reductions = (): Reductions => {
  if (brought.reductions === undefined) throw new TypeError('a rule that reduces brings what computes it')
  return brought.reductions
}

/** Brings more: it is there from now on. */
export const bring = (more: Brought): void => {
  Object.assign(brought, more)
}
