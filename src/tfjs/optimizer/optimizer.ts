/** GradpipeOptimizer: a transformation where TensorFlow.js expects one of its own optimizers. */
import * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../../error.js'
import { cloneTensor, isTensor } from '../../interpret/tensor.js'
import { shown } from '../../options.js'
import type { Params } from '../../rule/leaf.js'
import { dispose } from '../../transform/dispose.js'
import { leaves, type Tree } from '../../tree/tree.js'
import { whileTraining } from '../wasm/training.js'
import { type Change, type Coverage, cover } from './coverage.js'
import { lend } from './inPlace.js'
import { searchFunctions } from './searchFunctions.js'
import {
  disposeSaved,
  fromWeights,
  leavesOf,
  type NamedTensor,
  nothingSaved,
  toWeights,
  wrongWeight,
} from './stateWeights.js'
import type { MinimizeArgs, Stepper } from './stepper.js'

/** What a registered name stands for. */
const registered = new Map<string, Stepper<unknown>>()

const nothing: Coverage<unknown> = {
  keys: new Map(),
  variables: new Map(),
  state: null,
  saved: nothingSaved,
}

type Gradients = ReadonlyMap<string, tf.Tensor>

const isPresent = (entry: readonly [string, tf.Tensor | null | undefined]): entry is [string, tf.Tensor] =>
  isTensor(entry[1])

/** Gradients by name; a variable without one (`null`) is left out, as TensorFlow.js does. */
const gradientsOf = (given: tf.NamedTensorMap | readonly NamedTensor[]): Gradients => {
  const pairs = Array.isArray(given)
    ? given.map(({ name, tensor }: NamedTensor) => [name, tensor] as const)
    : Object.entries(given)
  const present = pairs.filter(isPresent)
  const all = new Map(present)
  if (all.size === present.length) return all
  const names = present.map(([name]) => name)
  const twice = names.find((name, i) => names.indexOf(name) < i)
  throw new GradpipeError('DuplicateName', `grads.${twice}`, 'one gradient', 'several')
}

const variablesOf = (grads: Gradients): ReadonlyMap<string, tf.Variable> => {
  const known = tf.engine().registeredVariables
  return new Map(
    [...grads.keys()].map((name) => {
      const variable = known[name]
      if (variable === undefined)
        throw new GradpipeError('InvalidArgument', `grads.${name}`, 'the name of a variable', 'none')
      return [name, variable]
    }),
  )
}

/** Lets the tensors of a state outlive the `tf.tidy` around a step. */
const keepAll = (state: unknown): void => {
  // whatever is not a branch is a leaf
  for (const [, leaf] of leaves(state as Tree<unknown>)) if (isTensor(leaf)) tf.keep(leaf)
}

/**
 * The optimizer that `toOptimizer` makes: everything that TensorFlow.js asks of its own ones.
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
  /** What TensorFlow.js's registry calls it. */
  static readonly className = 'Gradpipe'

  readonly #stepper: Stepper<unknown>
  readonly #name: string
  #covered: Coverage<unknown> = nothing
  /** What `getWeights` gave last. */
  #weights: readonly NamedTensor[] = []

  /** @internal Use `toOptimizer`. */
  constructor(stepper: Stepper<unknown>, name: string) {
    super()
    this.#stepper = stepper
    this.#name = name
  }

  /** @internal For TensorFlow.js: the optimizer of a name that `toOptimizer` has given to a transformation. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    { name }: tf.serialization.ConfigDict,
  ): T {
    const stepper = typeof name === 'string' ? registered.get(name) : undefined
    if (stepper === undefined)
      throw new GradpipeError(
        'InvalidArgument',
        'toOptimizer.name',
        `toOptimizer(tx, { name: ${shown(name)} }) before the model is loaded`,
        `an optimizer of this name, and of transformations ${[...registered.keys()].map(shown).join(', ') || 'none'}`,
      )
    return new cls(stepper, name)
  }

  /** @internal Makes a name known, as `tf.serialization.registerClass` does: the last one of a name counts. */
  static register(name: string, stepper: Stepper<unknown>): void {
    registered.set(name, stepper)
    tf.serialization.registerClass(GradpipeOptimizer)
  }

  /** The transformation's state by the variables' names; `null` before the first step. Not a copy. */
  get state(): unknown {
    return this.#covered.state
  }

  /**
   * Computes a loss and its gradient, and steps the variables.
   *
   * Throws as TensorFlow.js does where no variable has a gradient, and as `update` does; then no variable has changed.
   */
  override minimize(f: () => tf.Scalar, returnCost = false, varList?: tf.Variable[]): tf.Scalar | null {
    const { value, grads } = this.computeGradients(f, varList)
    try {
      this.#stepBy(gradientsOf(grads), (variables) => ({
        value,
        ...searchFunctions(f, variables, (...args) => this.computeGradients(...args)),
      }))
    } catch (error) {
      dispose(value, grads)
      throw error
    }
    if (returnCost) return value
    value.dispose()
    return null
  }

  /** A loss, and its gradient by the variables' names: TensorFlow.js's, but nothing is left where it throws. */
  override computeGradients(
    f: () => tf.Scalar,
    varList?: tf.Variable[],
  ): ReturnType<tf.Optimizer['computeGradients']> {
    return whileTraining(() => tf.tidy(() => super.computeGradients(f, varList)))
  }

  /** Steps the variables of these names. Borrows the gradients; throws as `update` does, before anything changes. */
  override applyGradients(given: tf.NamedTensorMap | NamedTensor[]): void {
    const borrowed = [...gradientsOf(given)]
    const grads = new Map(borrowed.map(([name, grad]) => [name, cloneTensor(grad)]))
    try {
      this.#stepBy(grads, () => ({}))
    } finally {
      dispose([...grads.values()])
    }
  }

  /** The state as weights. They are the optimizer's, until the next call of this or of `dispose`. */
  override async getWeights(): Promise<NamedTensor[]> {
    const { variables, state, saved } = this.#covered
    const names = new Set([...variables.keys(), ...saved.variables])
    const ofState = state === null ? [] : leavesOf(state)
    // all at once: a step may come before a promise is fulfilled
    const weights = [
      { name: 'iter', tensor: tf.scalar(this.iterations, 'int32') },
      ...(names.size === 0 ? [] : toWeights([...names], [...ofState, ...saved.leaves])),
    ]
    for (const { tensor } of weights) tf.keep(tensor)
    this.#freeWeights()
    this.#weights = weights
    return weights
  }

  /**
   * Goes on from weights of `getWeights`. Whether they fit the transformation and the variables shows at the next step,
   * which throws if they do not.
   */
  override async setWeights(weights: NamedTensor[]): Promise<void> {
    const [iter, ...rest] = weights
    if (iter === undefined || iter.name !== 'iter' || iter.tensor.size !== 1)
      throw wrongWeight('iter', 'the number of iterations first', iter?.name ?? 'nothing')
    const [iterations] = await iter.tensor.data()
    const saved = rest.length === 0 ? nothingSaved : await fromWeights(rest)
    this.#forget()
    this.iterations_ = Number(iterations)
    this.#covered = { ...nothing, saved }
  }

  /** The name of the transformation; its functions are no data. */
  override getConfig(): tf.serialization.ConfigDict {
    return { name: this.#name }
  }

  /** Frees the state. Another step begins anew. */
  override dispose(): void {
    this.#forget()
    this.#freeWeights()
    this.iterations_ = 0
  }

  #forget(): void {
    dispose(this.#covered.state)
    disposeSaved(this.#covered.saved)
    this.#covered = nothing
  }

  #freeWeights(): void {
    dispose(this.#weights.map(({ tensor }) => tensor))
    this.#weights = []
  }

  /** The coverage that a step of these variables needs; `null` if it is the present one. */
  #changeFor(given: ReadonlyMap<string, tf.Variable>): Change<unknown> | null {
    const { keys, variables, state } = this.#covered
    const isCovered = ([name, variable]: readonly [string, tf.Variable]): boolean =>
      variables.get(keys.get(name) ?? name) === variable
    const fits =
      state !== null && [...given].every(isCovered) && [...variables.values()].every((v) => !v.isDisposed)
    return fits ? null : cover((params) => this.#stepper.init(params), this.#covered, given)
  }

  /** Steps; consumes the gradients. On an error nothing has changed. */
  #stepBy(
    grads: Gradients,
    known: (variables: ReadonlyMap<string, tf.Variable>) => Partial<MinimizeArgs>,
  ): void {
    const change = this.#changeFor(variablesOf(grads))
    const { keys, variables, state, saved } = change?.next ?? this.#covered
    const byKey = new Map([...grads].map(([name, grad]) => [keys.get(name) ?? name, grad]))
    const loans = [...variables].map(([key, variable]) => [key, lend(variable)] as const)
    const params = Object.fromEntries(loans.map(([key, { tensor }]) => [key, tensor]))
    const gradients = Object.fromEntries(loans.map(([key]) => [key, byKey.get(key) ?? null]))
    let after: Params
    let next: unknown
    try {
      ;[after, next] = this.#stepper.step(params, state, gradients, {
        grad: gradients,
        ...known(new Map([...variables].filter(([key]) => gradients[key] !== null))),
      })
    } catch (error) {
      for (const [, loan] of loans) loan.cancel()
      change?.cancel()
      throw error
    }
    change?.commit()
    keepAll(next)
    // the parameters after a step are a record as those before it
    const stepped = new Map(Object.entries(after as Readonly<Record<string, tf.Tensor>>))
    for (const [key, loan] of loans) {
      const result = stepped.get(key)
      if (result !== undefined) loan.settle(result)
    }
    this.#covered = { keys, variables, state: next, saved }
    this.incrementIterations()
  }
}
