/** toOptimizer: a transformation where TensorFlow.js expects one of its own optimizers. */
import * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../error.js'
import { cloneTensor } from '../interpret/tensor.js'
import type { Params } from '../rule/leaf.js'
import { dispose } from '../transform/dispose.js'
import { step } from '../transform/step.js'
import type { GradientTransformation, ExtraArgs } from '../transform/transformation.js'
import { carryOver, entries, fromState } from './carryOver.js'
import { lend, withValues } from './inPlace.js'

type AnyTx = GradientTransformation<unknown, ExtraArgs>

/** The class that TensorFlow.js finds again under this name when it loads a model. */
class GradpipeOptimizer extends tf.Optimizer {
  static readonly className = 'Gradpipe'

  private readonly tx: AnyTx
  private state: unknown = null
  private covered: ReadonlyMap<string, tf.Variable> = new Map()

  constructor(tx: AnyTx) {
    super()
    this.tx = tx
  }

  override minimize(f: () => tf.Scalar, returnCost = false, varList?: tf.Variable[]): tf.Scalar | null {
    const { value, grads } = this.computeGradients(f, varList)
    try {
      this.stepBy(new Map(Object.entries(grads)), { value })
    } catch (error) {
      dispose(value, grads)
      throw error
    }
    if (returnCost) return value
    value.dispose()
    return null
  }

  override applyGradients(given: tf.NamedTensorMap | tf.NamedTensor[]): void {
    const pairs = Array.isArray(given)
      ? given.map(({ name, tensor }) => [name, tensor] as const)
      : Object.entries(given)
    const grads = new Map(pairs.map(([name, tensor]) => [name, tensor == null ? null : cloneTensor(tensor)]))
    try {
      this.stepBy(grads, {})
    } finally {
      dispose([...grads.values()])
    }
  }

  private stepBy(grads: ReadonlyMap<string, tf.Tensor | null>, extraArgs: ExtraArgs): void {
    const registered = tf.engine().registeredVariables
    const given = new Map<string, tf.Variable>()
    for (const [name, grad] of grads) {
      if (grad == null) continue
      const variable = registered[name]
      if (variable === undefined)
        throw new GradpipeError('InvalidArgument', `grads.${name}`, 'the name of a variable', 'no variable of it')
      given.set(name, variable)
    }
    const fits = [...given].every(([name, variable]) => this.covered.get(name) === variable)
    const alive = [...this.covered].filter(([, variable]) => !variable.isDisposed)
    if (!fits || alive.length < this.covered.size || this.state === null) {
      const covered = new Map([...alive, ...given])
      const first = this.tx.init(Object.fromEntries(covered) as Params)
      const next = carryOver(first, fromState(this.state))
      const used = new Set(entries(next).map(([, leaf]) => leaf))
      for (const [, leaf] of [...entries(first), ...entries(this.state)]) if (!used.has(leaf)) dispose(leaf)
      this.state = next
      this.covered = covered
    }
    const loans = [...this.covered].map(([name, variable]) => ({ name, variable, loan: lend(variable) }))
    const params = Object.fromEntries(loans.map(({ name, loan }) => [name, loan.tensor]))
    const gradients = Object.fromEntries(loans.map(({ name }) => [name, grads.get(name) ?? null]))
    let stepped: readonly [Params, unknown]
    try {
      stepped = step(this.tx, { donate: true })<Params>(params, this.state, gradients, extraArgs)
    } catch (error) {
      for (const { loan } of loans) loan.cancel()
      throw error
    }
    const [after, state] = stepped
    for (const { name, loan } of loans) loan.settle((after as Record<string, tf.Tensor>)[name] as tf.Tensor)
    this.state = state
    for (const [, leaf] of entries(state)) if (leaf instanceof tf.Tensor) tf.keep(leaf)
    this.incrementIterations()
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {}
  }

  override dispose(): void {
    dispose(this.state)
    this.state = null
    this.covered = new Map()
  }
}

export const toOptimizer = (tx: AnyTx): tf.Optimizer => new GradpipeOptimizer(tx)
void withValues
