/** GradpipeOptimizer: a transformation as an optimizer of TensorFlow.js. */
import * as tf from '@tensorflow/tfjs-core'
import { dispose } from '../../program/dispose.js'
import type { Params } from '../../rule/leaf.js'
import { whileTraining } from '../wasm/training.js'
import {
  type Change,
  type Coverage,
  cover,
  leavesOf,
  type Member,
  uncovered,
  type Variables,
} from './coverage.js'
import { areOf, gradientsOf, variablesOf } from './gradients.js'
import { expectSettable, firstRate, injectedRate, withRate } from './injectedRate.js'
import { loanOf } from './inPlace.js'
import { keepAll } from './keepAll.js'
import { LentWeights } from './lentWeights.js'
import { configOf, type Origin, originOf } from './registry.js'
import { searchFunctions } from './searchFunctions.js'
import {
  disposeSaved,
  fromWeights,
  type NamedTensor,
  nothingSaved,
  toWeights,
  weightPath,
  wrongWeight,
} from './stateWeights.js'
import { SteadySteps } from './steadySteps.js'
import type { MinimizeArgs, Stepper } from './stepper.js'

/**
 * The optimizer that `toOptimizer` makes. It has everything that TensorFlow.js's own optimizers have.
 *
 * @category LayersModel
 * @see TensorFlow.js, `tf.Optimizer`
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs'
 * import { adam, tree } from 'gradpipe'
 * import { type GradpipeOptimizer, toOptimizer } from 'gradpipe/tfjs'
 *
 * const start = tf.scalar(2)
 * const w = tf.variable(start, true, 'w')
 * const optimizer: GradpipeOptimizer = toOptimizer(adam(0.1))
 * for (let i = 0; i < 3; i++) optimizer.minimize(() => tf.square(w) as tf.Scalar)
 * assert.equal(optimizer.iterations, 3)
 * assert.equal(tree.get(optimizer.state, 'count'), 3)
 * optimizer.dispose()
 * tf.dispose([start, w])
 * ```
 */
export class GradpipeOptimizer extends tf.Optimizer {
  /** Its name in TensorFlow.js's registry. */
  static readonly className = 'Gradpipe'

  /** Whether something is one of these. (For `tf.Optimizer`, anything with a method `minimize` is an instance.) */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && #stepper in value
  }

  readonly #stepper: Stepper<unknown>
  readonly #origin: Origin
  #known: Coverage<unknown> = uncovered()
  readonly #steady = new SteadySteps()
  readonly #lent = new LentWeights()
  /** A rate that was set before there was a state. */
  #rate: number | undefined

  /** @internal Use `toOptimizer`. */
  constructor(origin: Origin) {
    super()
    this.#stepper = origin.stepper
    this.#origin = origin
  }

  /** @internal For TensorFlow.js: the optimizer of a name that `toOptimizer` has given, or of a description. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    { learningRate, ...config }: tf.serialization.ConfigDict,
  ): T {
    const made = new cls(originOf(config))
    if (learningRate !== undefined && made instanceof GradpipeOptimizer)
      made.setLearningRate(Number(learningRate))
    return made
  }

  /** The transformation's state by the variables' names; `null` before the first step. Not a copy. */
  get state(): unknown {
    return this.#covered.state
  }

  /**
   * The learning rate of the last step, or of the first one, as `injectHyperparams` keeps it in the state.
   * `undefined` if the state has no rate, or several. Setting it is the same as `setLearningRate`.
   */
  get learningRate(): number | undefined {
    const { state, saved } = this.#covered
    if (state !== null) return injectedRate(state)?.rate
    const first = firstRate(this.#stepper)
    if (first === undefined) return undefined
    const known = saved.leaves.get(weightPath(first.path))
    return typeof known === 'number' ? known : (this.#rate ?? first.rate)
  }

  set learningRate(rate: number | undefined) {
    this.setLearningRate(rate)
  }

  /**
   * Sets the learning rate of the next steps, if `injectHyperparams` keeps one in the state: `injectHyperparams((h: {
   * learningRate: number }) => adam(h.learningRate))({ learningRate: 0.1 })`.
   *
   * Throws `InvalidArgument` if the state has no rate, several, or a schedule, and for a value that is not a finite
   * number or out of the transformation's range; nothing has changed then.
   */
  setLearningRate(rate: number | undefined): void {
    const settable = expectSettable(this.#stepper, rate)
    const { state, saved } = this.#covered
    if (state !== null) this.#covered = { ...this.#covered, state: withRate(state, settable.rate) }
    else if (saved.variables.length === 0) this.#rate = settable.rate
    else {
      const leaves = new Map([...saved.leaves, [weightPath(settable.path), settable.rate]])
      this.#covered = { ...this.#covered, saved: { ...saved, leaves } }
    }
  }

  /**
   * Computes a loss and its gradient, and updates the variables.
   *
   * Throws like TensorFlow.js if no variable has a gradient, and like `update`; no variable has changed then.
   */
  override minimize(f: () => tf.Scalar, returnCost = false, varList?: tf.Variable[]): tf.Scalar | null {
    const { value, grads } = this.computeGradients(f, varList)
    try {
      this.#stepBy(grads, (members, grad) => {
        const variables = new Map<string, tf.Variable>()
        for (const { key, variable } of members) if (grad[key] !== null) variables.set(key, variable)
        return {
          value,
          grad,
          ...searchFunctions(f, variables, (...args) => this.computeGradients(...args)),
        }
      })
    } catch (error) {
      value.dispose()
      throw error
    } finally {
      for (const name in grads) grads[name]?.dispose()
    }
    if (returnCost) return value
    value.dispose()
    return null
  }

  /**
   * A loss, and its gradient by the variables' names. It is TensorFlow.js's, except that it leaves nothing behind if
   * it throws.
   */
  override computeGradients(
    f: () => tf.Scalar,
    varList?: tf.Variable[],
  ): ReturnType<tf.Optimizer['computeGradients']> {
    return whileTraining(() => tf.tidy(() => super.computeGradients(f, varList)))
  }

  /** Updates the variables of these names. Borrows the gradients; throws like `update`, before anything changes. */
  override applyGradients(given: tf.NamedTensorMap | NamedTensor[]): void {
    this.#stepBy(given, (_, grad) => ({ grad }))
  }

  /**
   * The state as weights. They belong to the optimizer: they are the same until the next step, and are freed when
   * there are two newer sets, or by `dispose`.
   */
  override async getWeights(): Promise<NamedTensor[]> {
    const { variables, saved } = this.#covered
    const names = new Set([...variables.keys(), ...saved.variables])
    // all at once: a step may come before a promise is fulfilled
    const weights = this.#lent.of(this.#covered, () => {
      const made = [
        { name: 'iter', tensor: tf.scalar(this.iterations, 'int32') },
        ...(names.size === 0 ? [] : toWeights([...names], [...leavesOf(this.#covered), ...saved.leaves])),
      ]
      for (const { tensor } of made) tf.keep(tensor)
      return made
    })
    return [...weights]
  }

  /**
   * Goes on from weights of `getWeights`. If they do not fit the transformation and the variables, the next step
   * throws.
   */
  override async setWeights(weights: NamedTensor[]): Promise<void> {
    const [iter, ...rest] = weights
    if (iter === undefined || iter.name !== 'iter' || iter.tensor.size !== 1)
      throw wrongWeight('iter', 'the number of iterations first', iter?.name ?? 'nothing')
    // all at once: the caller may free them before a promise is fulfilled
    const [[iterations], saved] = await Promise.all([
      iter.tensor.data(),
      rest.length === 0 ? nothingSaved : fromWeights(rest),
    ])
    const rate = rest.length === 0 ? this.#rate : undefined
    this.#forget()
    this.#rate = rate
    this.iterations_ = Number(iterations)
    this.#covered = uncovered(saved)
  }

  /** The name of the transformation, and its description, if it holds no function of one's own. */
  override getConfig(): tf.serialization.ConfigDict {
    // a rate that is not in a state yet would be lost
    return {
      ...configOf(this.#origin),
      ...(this.#rate === undefined || this.#covered.state !== null ? {} : { learningRate: this.#rate }),
    }
  }

  /** Frees the state. Another step starts again. */
  override dispose(): void {
    this.#forget()
    this.#lent.dispose()
    this.iterations_ = 0
  }

  #forget(): void {
    dispose(this.#covered.state)
    disposeSaved(this.#covered.saved)
    this.#covered = uncovered()
    this.#rate = undefined
  }

  /** What is known of the variables. Who asks for it ends the steady steps, which have the state in parts. */
  get #covered(): Coverage<unknown> {
    const ended = this.#steady.end()
    this.#known = ended === undefined ? this.#known : { ...this.#known, ...ended }
    return this.#known
  }

  set #covered(next: Coverage<unknown>) {
    this.#known = next
  }

  /** The coverage that a step of these variables needs. */
  #changeFor(variables: Variables): Change<unknown> {
    const first = (params: Params): unknown => {
      const begun = this.#stepper.init(params)
      return this.#rate === undefined ? begun : withRate(begun, this.#rate)
    }
    return cover(first, this.#covered, variables)
  }

  /** Steps; borrows the gradients. On an error nothing has changed. */
  #stepBy(
    given: tf.NamedTensorMap | readonly NamedTensor[],
    known: (
      members: readonly Member[],
      grad: Readonly<Record<string, tf.Tensor | null>>,
    ) => Partial<MinimizeArgs>,
  ): void {
    if (this.#steady.step(given)) {
      this.incrementIterations()
      return
    }
    const named = gradientsOf(given)
    const isKnown = this.#covered.state !== null && areOf(named, this.#covered)
    const change = isKnown ? null : this.#changeFor(variablesOf(named))
    const covered = change?.next ?? this.#covered
    const { members, state } = covered
    const gradients: Record<string, tf.Tensor | null> = {}
    for (const { key, name } of members) gradients[key] = named.get(name) ?? null
    const prepare = (state: unknown): boolean => this.#steady.begin(this.#stepper, members, state, gradients)
    try {
      // nobody has seen a first state: it may be written over at once
      const isMade = change?.isFirst === true && prepare(state) && this.#steady.step(given)
      const next = isMade ? state : this.#stepOnce(covered, gradients, known(members, gradients))
      keepAll(next)
      this.#known = { ...covered, state: next }
    } catch (error) {
      this.#steady.end()
      change?.cancel()
      throw error
    }
    change?.commit()
    this.incrementIterations()
    if (isKnown) prepare(this.#known.state)
  }

  /** A step of variables whose memory is lent; the state after it. On an error nothing has changed. */
  #stepOnce(
    { members, state }: Coverage<unknown>,
    gradients: Readonly<Record<string, tf.Tensor | null>>,
    args: Partial<MinimizeArgs>,
  ): unknown {
    this.#steady.end()
    const loans = members.map(({ variable }) => loanOf(variable))
    const lent: tf.Tensor[] = []
    const params: Record<string, tf.Tensor> = {}
    for (const [i, loan] of loans.entries()) {
      const tensor = loan.lend()
      lent.push(tensor)
      params[members[i]?.key ?? ''] = tensor
    }
    let after: Params
    let next: unknown
    try {
      ;[after, next] = this.#stepper.step(params, state, gradients, args)
    } catch (error) {
      for (const [i, tensor] of lent.entries()) loans[i]?.cancel(tensor)
      throw error
    }
    const results = after as Readonly<Record<string, tf.Tensor>> // like the parameters before it
    for (const [i, loan] of loans.entries()) {
      const result = results[members[i]?.key ?? '']
      if (result !== undefined) loan.settle(result)
    }
    return next
  }
}
