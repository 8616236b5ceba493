/** scaleByLbfgs: gradients times an approximate inverse Hessian, which the last few steps tell. */

import { hyperparameters } from '../declare/hyperparameters.js'
import { GradpipeError } from '../error.js'
import { shown } from '../options.js'
import { cloneTree } from '../program/cloneTree.js'
import { disposingOnError } from '../program/dispose.js'
import type { TreeValue } from '../program/program.js'
import { steps } from '../range.js'
import type { Params } from '../rule/leaf.js'
import type { GradientTransformation, NoExtraArgs, UpdateArgs } from '../transform/transformation.js'
import { type Base, type Entry, firstStep, precondition, zeroEntry } from './quasiNewton.js'

/**
 * State of {@link scaleByLbfgs}.
 *
 * The history is a ring: what step $k$ (from 0) adds stands at the index $(k - 1) \bmod m$. All of it is zero at
 * first, and has no effect.
 *
 * @category Building blocks
 */
export interface ScaleByLbfgsState {
  /** Updates made. */
  readonly count: number
  /** The parameters of the last step. */
  readonly params: Params
  /** The gradients of the last step. */
  readonly updates: Params
  /** $s_k = p_k - p_{k-1}$: a tree like the parameters per step that is remembered. */
  readonly diffParamsMemory: readonly Params[]
  /** $y_k = g_k - g_{k-1}$ */
  readonly diffUpdatesMemory: readonly Params[]
  /** $\rho_k = 1/\langle y_k, s_k\rangle$; for trees of tensors, scalar tensors. */
  readonly weightsMemory: readonly TreeValue[]
}

/**
 * Options of {@link scaleByLbfgs}.
 *
 * @category Building blocks
 */
export interface ScaleByLbfgsOptions {
  /** How many steps are remembered, $m \ge 1$. Default 10. */
  readonly memorySize?: number
  /** Whether the first approximation is a multiple of the identity, and not the identity. Default true. */
  readonly scaleInitPrecond?: boolean
}

/**
 * Multiplies gradients by an approximate inverse Hessian, which the last $m$ differences of parameters and gradients
 * tell (L-BFGS, in the two-loop recursion).
 *
 * $$H_{j+1} = V_j^\top H_j V_j + \rho_j s_j s_j^\top, \quad V_j = I - \rho_j y_j s_j^\top, \quad
 * \rho_j = \frac{1}{\langle y_j, s_j\rangle}, \quad H_{k-m} = \gamma_k I$$
 *
 * with $\gamma_k = \langle s_k, y_k\rangle/\lVert y_k\rVert^2$, or 1 without `scaleInitPrecond`. The first step, which knows
 * no difference yet, has the length of the gradient, but at most 1 (with `scaleInitPrecond`).
 *
 * The result points along the gradient: chain it with `scale(-1)` and a line search, as `lbfgs` does. Where the line
 * search fulfils the Wolfe conditions, $\langle y, s\rangle > 0$, and the approximation is positive definite. A step
 * along which the gradient does not change has no effect on it; nor has one whose $\rho$ overflows, which makes NaN
 * in Optax.
 *
 * Needs the parameters. Nothing is read from the device: inner products stay where the tensors are. The state holds
 * $2m + 2$ times the memory of the parameters.
 *
 * Throws `InvalidArgument` for a `memorySize` that is not a whole number of at least 1.
 *
 * @category Building blocks
 * @see Liu and Nocedal, On the limited memory BFGS method for large scale optimization, 1989; Nocedal and Wright,
 * Numerical Optimization, 1999, algorithm 7.4; Optax, `scale_by_lbfgs` (whose history is stacked arrays, where
 * this one's is a list of trees)
 * @example
 * ```ts
 * import { scaleByLbfgs } from 'gradpipe'
 *
 * // of f(x) = 2x², two points tell the second derivative: the third is the minimum
 * const tx = scaleByLbfgs()
 * const [, state] = tx.update(4 * 3, tx.init(3), 3)
 * const [update] = tx.update(4 * 2, state, 2)
 * assert.equal(2 - update, 0)
 * ```
 */
export const scaleByLbfgs = (given?: ScaleByLbfgsOptions): GradientTransformation<ScaleByLbfgsState> => {
  const { memorySize, scaleInitPrecond } = hyperparameters(
    'scaleByLbfgs',
    { memorySize: 10, scaleInitPrecond: true },
    given,
    { memorySize: steps },
  )

  const init = (params: Params): ScaleByLbfgsState =>
    disposingOnError((made) => {
      const base = made(firstStep(scaleInitPrecond).init(params))
      const first = made(zeroEntry(params))
      const others = Array.from({ length: memorySize - 1 }, () => made(cloneTree(first)))
      return stateOf(0, base, [first, ...others])
    })

  const update = <P extends Params>(
    grads: P,
    state: ScaleByLbfgsState,
    ...[params]: UpdateArgs<NoExtraArgs>
  ): readonly [P, ScaleByLbfgsState] => {
    const history = rows(state, memorySize)
    const { count } = state
    const base = { params: state.params, updates: state.updates }
    return disposingOnError((made) => {
      if (count === 0) {
        const [updates, next] = made(firstStep(scaleInitPrecond).update<P>(grads, base, params))
        return [updates, stateOf(1, next, made(cloneTree(history)))]
      }
      const at = (count - 1) % memorySize
      // the latest first, and last what a ring that is not full yet has not been given
      const others = [...history.slice(0, at).reverse(), ...history.slice(at + 1).reverse()]
      const replaced = history[at]
      if (replaced === undefined) throw notAState('state.count', 'a count of updates', String(count))
      const next = precondition(scaleInitPrecond, grads, params, base, replaced, others, count - 1, made)
      const kept = made(cloneTree(history.map((entry, i) => (i === at ? null : entry))))
      return [
        next.direction,
        stateOf(
          count + 1,
          next.base,
          kept.map((entry) => entry ?? next.newest),
        ),
      ]
    })
  }

  return { call: ['scaleByLbfgs', given], init, update }
}

const stateOf = (count: number, { params, updates }: Base, entries: readonly Entry[]): ScaleByLbfgsState => ({
  count,
  params,
  updates,
  diffParamsMemory: entries.map(({ diffParamsMemory }) => diffParamsMemory),
  diffUpdatesMemory: entries.map(({ diffUpdatesMemory }) => diffUpdatesMemory),
  weightsMemory: entries.map(({ weightsMemory }) => weightsMemory),
})

const notAState = (path: string, expected: string, given: string): GradpipeError =>
  new GradpipeError('TreeMismatch', path, expected, given)

/** The entries of a state. Throws `TreeMismatch` for what is none of this transformation's. */
const rows = (state: ScaleByLbfgsState, length: number): readonly Entry[] => {
  if (!Number.isInteger(state?.count) || state.count < 0)
    throw notAState('state.count', 'a count of updates', String(state?.count))
  for (const field of ['diffParamsMemory', 'diffUpdatesMemory', 'weightsMemory'] as const) {
    const list: unknown = state[field]
    if (!Array.isArray(list) || list.length !== length)
      throw notAState(
        `state.${field}`,
        `an array of ${length}`,
        Array.isArray(list) ? `an array of ${list.length}` : shown(list),
      )
  }
  return state.weightsMemory.map((weightsMemory, i) => ({
    diffParamsMemory: state.diffParamsMemory[i] ?? null,
    diffUpdatesMemory: state.diffUpdatesMemory[i] ?? null,
    weightsMemory,
  }))
}
