/** valueAndGradFromState: what a line search has computed last, instead of computing it again. */

import { GradpipeError } from '../error.js'
import { cloneTree } from '../program/cloneTree.js'
import type { Params } from '../rule/leaf.js'
import { eachBranch } from '../tree/each.js'
import type { Tree } from '../tree/tree.js'

/** What a line search leaves in its state. */
interface Stored {
  readonly value: number
  readonly grad: Params
}

const isStored = (node: object): node is Stored =>
  'value' in node && typeof node.value === 'number' && 'grad' in node && 'info' in node

/** All that line searches have stored in a state, however deep. */
const storedIn = (state: Tree<unknown>): readonly Stored[] => {
  const found: Stored[] = []
  eachBranch(state, (branch) => {
    if (!isStored(branch)) return 'go on'
    found.push(branch)
    return 'enough'
  })
  return found
}

const theStored = (state: unknown): Stored => {
  // whatever is not a branch is a leaf, so that anything is a tree
  const [found, ...others] = storedIn(state as Tree<unknown>)
  if (found !== undefined && others.length === 0 && found.grad !== null) return found
  const given =
    found === undefined
      ? 'none'
      : others.length > 0
        ? `${1 + others.length} of them`
        : 'one without its gradient (storeGrad)'
  throw new GradpipeError(
    'InvalidArgument',
    'state',
    'the state of one line search that keeps loss and gradient',
    given,
  )
}

/**
 * What {@link valueAndGradFromState} takes from a state.
 *
 * @category Line searches
 */
export interface FromState<P> {
  /** The loss, read from the device already. */
  readonly value: number
  /** Its gradient; tensors are new. */
  readonly grads: P
}

/**
 * Makes of a function that computes loss and gradient one that takes them from the state, where the line search of the
 * last step has computed them for the same parameters: a step less of work, where the loss is the same in every step.
 * It computes them where the state has none yet, or a loss that is infinite or NaN.
 *
 * The arguments are the parameters, the optimizer's state, and whatever else the function takes. From the state, the
 * loss comes as a number; tensors of the gradient are new and the caller's. A function that returns a promise makes
 * one that may.
 *
 * Throws `InvalidArgument` for a state without, or with several line searches, or with one that keeps no gradient.
 *
 * @category Line searches
 * @see Optax, `value_and_grad_from_state`, which takes the loss and differentiates it itself
 * @example
 * ```ts
 * import { applyUpdates, lbfgs, valueAndGradFromState } from 'gradpipe'
 *
 * let calls = 0
 * const valueAndGradFn = (x: number) => {
 *   calls++
 *   return { value: Math.cosh(x), grads: Math.sinh(x) }
 * }
 * const valueAndGrad = valueAndGradFromState(valueAndGradFn)
 * const tx = lbfgs()
 * let [x, state] = [2, tx.init(2)]
 * for (let i = 0; i < 8; i++) {
 *   const { value, grads } = valueAndGrad(x, state)
 *   const [updates, next] = tx.update(grads, state, x, { value, grad: grads, valueAndGradFn })
 *   ;[x, state] = [applyUpdates(x, updates), next]
 * }
 * assert.ok(Math.abs(x) < 1e-6)
 * assert.ok(calls < 12)
 * ```
 */
export const valueAndGradFromState =
  <P extends Params, R, X extends readonly unknown[]>(valueAndGradFn: (params: P, ...rest: X) => R) =>
  (params: P, state: unknown, ...rest: X): R | FromState<P> => {
    const { value, grad } = theStored(state)
    if (!Number.isFinite(value)) return valueAndGradFn(params, ...rest)
    // the gradient at parameters of this structure
    return { value, grads: cloneTree(grad) as P }
  }
