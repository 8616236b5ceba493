/** lookahead: k steps forward, one step back. */
import { onHost } from '../declare/extraArgs.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { GradpipeError } from '../error.js'
import { required } from '../options.js'
import { cloneTree } from '../program/cloneTree.js'
import { dispose } from '../program/dispose.js'
import { type Executed, execute } from '../program/execute.js'
import { expectParams } from '../program/expect.js'
import { freeingOnError, type Process, runLater, runNow } from '../program/process.js'
import type { ExtraArgs, Ruled, Step } from '../program/program.js'
import type { Task } from '../program/task.js'
import { checkRange, steps, transformation } from '../range.js'
import type { Leaf, Params } from '../rule/leaf.js'
import { around } from '../transform/fromRuleAround.js'
import { nest } from '../transform/fuse.js'
import { processOf } from '../transform/ordinary.js'
import { renaming } from '../transform/rename.js'
import type { GradientTransformation, NoExtraArgs, Stepping } from '../transform/transformation.js'
import { alignTrees } from '../tree/align.js'
import { buildForm } from '../tree/form.js'
import { isBranch } from '../tree/tree.js'
import { assigning, type Own, outerOf, restarting } from './lookaheadRules.js'

/**
 * Two sets of parameters: take gradients at the fast ones, and use the slow ones.
 *
 * @category Wrappers
 */
export type LookaheadParams<P extends Params = Params> = {
  /** Where the fast optimizer is. */
  readonly fast: P
  /** What follows. */
  readonly slow: P
}

/**
 * Both sets of {@link LookaheadParams}, copies of the same parameters.
 *
 * @category Wrappers
 * @see Optax, `LookaheadParams.init_synced`
 * @example
 * ```ts
 * import { lookaheadParams } from 'gradpipe'
 *
 * assert.deepEqual(lookaheadParams({ w: 1 }), { fast: { w: 1 }, slow: { w: 1 } })
 * ```
 */
export const lookaheadParams = <P extends Params>(params: P): LookaheadParams<P> => {
  return { fast: cloneTree(params), slow: cloneTree(params) }
}

/**
 * Options of {@link lookahead}.
 *
 * @category Wrappers
 */
export interface LookaheadOptions<S, X> {
  /** What steps the fast parameters. */
  readonly fastOptimizer: GradientTransformation<S, X>
  /** Every so many steps the slow parameters follow: a whole number from 1 on. */
  readonly syncPeriod: number
  /** Which part of the way they go: usually from 0 to 1. */
  readonly slowStepSize: number
  /** Whether the fast optimizer then starts anew. Default false. */
  readonly resetState?: boolean
}

/**
 * State of {@link lookahead}.
 *
 * @category Wrappers
 */
export interface LookaheadState<S> {
  /** The fast optimizer's state. */
  readonly fastState: S
  /** Steps since the slow parameters followed. */
  readonly stepsSinceSync: number
}

/**
 * What {@link lookahead} makes: like a transformation, but parameters and updates are pairs, and gradients are not.
 *
 * @category Wrappers
 */
export interface Lookahead<S, X = NoExtraArgs> extends Stepping<LookaheadState<S>, X> {
  /** The first state, of a pair of parameters or of the fast ones alone. */
  init(params: Params): LookaheadState<S>
  /** What to add to both, and the next state; `grads` are those at the fast parameters. */
  update<P extends Params>(
    grads: P,
    state: LookaheadState<S>,
    params: LookaheadParams,
    ...rest: NoExtraArgs extends X
      ? readonly [extraArgs?: X & ExtraArgs]
      : readonly [extraArgs: X & ExtraArgs]
  ): readonly [updates: LookaheadParams<P>, state: LookaheadState<S>]
  /** The same where the device must not be waited for. */
  updateAsync<P extends Params>(
    grads: P,
    state: LookaheadState<S>,
    params: LookaheadParams,
    ...rest: NoExtraArgs extends X
      ? readonly [extraArgs?: X & ExtraArgs]
      : readonly [extraArgs: X & ExtraArgs]
  ): Promise<readonly [updates: LookaheadParams<P>, state: LookaheadState<S>]>
}

// steps

/** What a step gives, before it is told apart. */
interface Gathered<S> {
  readonly slow: Params
  readonly state: LookaheadState<S>
}

const gather = <S>({ slow, stepsSinceSync }: Own, fastState: S): Gathered<S> => ({
  slow,
  state: { fastState, stepsSinceSync },
})

const isPair = (params: Params): params is LookaheadParams =>
  params !== null && isBranch(params) && Object.keys(params).sort().join() === 'fast,slow'

const pairOf = (given: Params | undefined): LookaheadParams => {
  const params = expectParams(given)
  if (isPair(params)) return params
  throw new GradpipeError('TreeMismatch', 'params', 'a record of fast and slow', 'other parameters')
}

/** Executes; the slow parameters are laid out as a slot, and who reads an error knows them as parameters. */
const executed = <T>(step: Step<T>, task: Task): Executed<T> =>
  renaming('state.slow', 'params.slow', () => execute(step, task))

/** The updates of the slow parameters: a slot stays where there is no gradient, but there is nothing to add. */
const onlyBeside = (updates: Params, slow: Params): Params => {
  const { form, columns } = alignTrees<Leaf>([
    ['updates', updates],
    ['slow', slow],
  ])
  const [beside = [], all = []] = columns
  dispose(all.filter((_, i) => beside[i] === null))
  return buildForm(
    form,
    all.map((leaf, i) => (beside[i] === null ? null : leaf)),
  )
}

/** The same step, after which its state is a first one. */
const restart = <S>(ruled: Ruled<S>, step: Step<S>): Step<S> => ({
  ...step,
  program: restarting(step.program),
  finish: ruled.begin().finish,
})

/**
 * Lets a fast optimizer run ahead. After every $k$ steps, the slow parameters $\phi$ move a fraction $\alpha$ of the
 * way to the fast ones $\theta$, which continue from there.
 *
 * $$\phi \leftarrow \phi + \alpha\,(\theta + u - \phi), \qquad \theta \leftarrow \phi$$
 *
 * The parameters are a pair, `lookaheadParams(params)`; gradients are taken at the fast ones. `step` and `stepAsync`
 * work with both. Around rules a step is one rule, including the slow parameters.
 *
 * A step assigns the parameters: after a sync, fast and slow are equal bit for bit. Updates can only be added, which
 * may leave a rounding error between the two; Optax always adds.
 *
 * Use it outermost: its updates are pairs, which change together.
 *
 * Throws `InvalidArgument` for an unknown option, and a period that is not a positive integer; `update` and `step`
 * throw `TreeMismatch` for parameters that are not a pair.
 *
 * @param given The fast optimizer, $k$, $\alpha$, and whether the fast optimizer starts anew.
 * @category Wrappers
 * @see Zhang et al., Lookahead Optimizer: k steps forward, 1 step back, 2019; Optax, `lookahead`
 * @example
 * ```ts
 * import { lookahead, lookaheadParams, sgd, step } from 'gradpipe'
 *
 * const tx = lookahead({ fastOptimizer: sgd(1), syncPeriod: 2, slowStepSize: 0.5 })
 * let params = lookaheadParams(0)
 * let state = tx.init(params)
 * ;[params, state] = step(tx)(params, state, -1)
 * assert.deepEqual(params, { fast: 1, slow: 0 })
 * ;[params, state] = step(tx)(params, state, -1)
 * assert.deepEqual(params, { fast: 1, slow: 1 })
 * ```
 */
export const lookahead = <S, X = NoExtraArgs>(given: LookaheadOptions<S, X>): Lookahead<S, X> => {
  // before options say that a function is no object
  if (typeof given?.fastOptimizer === 'function')
    checkRange('lookahead.fastOptimizer', given.fastOptimizer, transformation)
  const { fastOptimizer, syncPeriod, slowStepSize, resetState } = hyperparameters(
    'lookahead',
    {
      fastOptimizer: required.object,
      syncPeriod: required.number,
      slowStepSize: required.number,
      resetState: false,
    },
    given,
    { fastOptimizer: transformation, syncPeriod: steps },
  )
  const [inSteps, inUpdates] = [outerOf(true, slowStepSize), outerOf(false, slowStepSize)]
  const { ruled } = fastOptimizer
  const updateFast = processOf(fastOptimizer)

  const advance = freeingOnError(function* (
    made,
    task: Extract<Task, { readonly grads: Params }>,
    slow: Params,
    state: LookaheadState<S>,
    extraArgs: ExtraArgs,
  ): Process<Executed<Gathered<S>>> {
    const inStep = task._tag === 'Step'
    const sync = state?.stepsSinceSync + 1 >= syncPeriod
    const { [sync ? 'sync' : 'between']: rule } = inStep ? inSteps : inUpdates
    const own = { stepsSinceSync: state?.stepsSinceSync, slow }
    const assign = <T>(step: Step<T>): Step<T> =>
      sync && inStep ? { ...step, program: assigning(step.program) } : step
    const restarts = sync && resetState

    if (ruled !== undefined) {
      const known = yield* onHost(ruled.reads ?? [], extraArgs)
      const resumed = ruled.resume(state?.fastState, 'state.fastState', known)
      const fast = nest('fastState', restarts ? restart(ruled, resumed) : resumed, (fastState) => fastState)
      return executed(assign(around(fast, rule.resume(own, 'state', {}), gather)), task)
    }
    // what is wrong with the state is thrown before the fast optimizer is asked
    rule.resume(own, 'state', {})
    const { grads, params } = task
    const [u, after] = made(yield* updateFast(grads, state.fastState, params, extraArgs))
    const borrowing: Task = inStep ? { ...task, donate: false } : task
    const done = made(executed(assign(rule.resume(own, 'state', {}, [u])), borrowing))
    const fastState = restarts ? made(fastOptimizer.init(params ?? null)) : after
    dispose(u, restarts ? after : null)
    if (inStep && task.donate) dispose(grads, params, slow, state)
    return { result: done.result, state: gather(done.state, fastState) }
  })

  function* advanced(
    task: Extract<Task, { readonly grads: Params }>,
    slow: Params,
    state: LookaheadState<S>,
    extraArgs: ExtraArgs,
  ): Process<readonly [LookaheadParams, LookaheadState<S>]> {
    const { result, state: after } = yield* advance(task, slow, state, extraArgs)
    const slowResult = task._tag === 'Step' ? after.slow : onlyBeside(result, after.slow)
    return [{ fast: result, slow: slowResult }, after.state]
  }

  const update = <P extends Params>(
    grads: P,
    state: LookaheadState<S>,
    params: LookaheadParams,
    extraArgs: ExtraArgs = {},
  ): Process<readonly [LookaheadParams<P>, LookaheadState<S>]> => {
    const { fast, slow } = pairOf(params)
    const updated = advanced({ _tag: 'Update', grads, params: fast }, slow, state, extraArgs)
    // the updates of both have the structure of the gradients
    return updated as Process<readonly [LookaheadParams<P>, LookaheadState<S>]>
  }

  return {
    call: ['lookahead', given],
    init: (params) => ({
      fastState: fastOptimizer.init(isPair(params) ? params.fast : params),
      stepsSinceSync: 0,
    }),
    update: (grads, state, params, ...[extraArgs]) => runNow(update(grads, state, params, extraArgs)),
    updateAsync: async (grads, state, params, ...[extraArgs]) =>
      runLater(update(grads, state, params, extraArgs)),
    stepping: (params, state, grads, extraArgs, donate) => {
      const { fast, slow } = pairOf(params)
      return advanced({ _tag: 'Step', params: fast, grads, donate }, slow, state, extraArgs)
    },
  }
}
