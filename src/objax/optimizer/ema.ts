/** Exponential moving averages of variables, and a module that runs on them. */

import * as tf from '@tensorflow/tfjs-core'
import { ema } from '../../block/ema.js'
import { tidied } from '../../host/tfjs/tidy.js'
import { options } from '../../options.js'
import { assignAll } from '../assign.js'
import { Module } from '../module.js'
import { ModuleList } from '../moduleList.js'
import { RandomState } from '../randomState.js'
import { className, reprInstance, reprNumber } from '../repr.js'
import { withValues } from '../scope.js'
import { type NamedVars, VarCollection } from '../varCollection.js'
import { type BaseVar, type StateVar, TrainRef, TrainVar } from '../variable.js'
import { counter, countOf, tensorsOf, valuesOf, zerosLike } from './stepping.js'

/**
 * Options of {@link ExponentialMovingAverage}.
 *
 * @category Optimizers
 */
export interface ExponentialMovingAverageOptions {
  /** How much of the average remains in an update. Default 0.999. */
  readonly momentum?: number
  /** Whether to correct for the start at zero. Default false. */
  readonly debias?: boolean
  /** Keeps the correction finite before the first update. Default 1e-6. */
  readonly eps?: number
}

/** Each variable once; references resolved; random states left out; the trainable ones last, by reference. */
const averaged = (vc: NamedVars): readonly BaseVar[] => {
  const variables = new Set(
    [...new VarCollection(vc)].map((variable) => (variable instanceof TrainRef ? variable.ref : variable)),
  )
  const [trainable, others]: [TrainRef[], BaseVar[]] = [[], []]
  for (const variable of variables) {
    if (variable instanceof TrainVar) trainable.push(new TrainRef(variable))
    else if (!(variable instanceof RandomState)) others.push(variable)
  }
  return [...others, ...trainable]
}

/**
 * Exponential moving averages of variables, trainable and not (but not of random states).
 *
 * Each call moves them: $m \leftarrow \mu m + (1 - \mu) x$, from zero. Reading gives m or, with `debias` and after n
 * calls,
 *
 * $$\frac{m}{1 - (1 - \epsilon) \mu^n}$$
 *
 * as in Objax's code: ε is a share of the correction, and is not added to it, so the average of a constant is too
 * small by a share of up to ε.
 *
 * @throws GradpipeError `InvalidArgument` for an unknown option; when called, `ShapeMismatch` for a variable
 * whose shape has changed, `Disposed`; nothing has changed then
 * @category Optimizers
 * @see Objax, `objax.optimizer.ExponentialMovingAverage`
 * @example
 * ```ts keeps-tensors
 * import * as tf from '@tensorflow/tfjs-core'
 * import * as objax from 'gradpipe/objax'
 *
 * const v = new objax.TrainVar(tf.scalar(8))
 * const ema = new objax.optimizer.ExponentialMovingAverage(new objax.VarCollection({ v }), { momentum: 0.5 })
 * ema()
 * ema()
 * const read = () => v.value.dataSync()[0]
 * assert.deepEqual([read(), ema.replaceVars(read)(), read()], [8, 6, 8])
 * ```
 */
export class ExponentialMovingAverage extends Module<[], void> {
  /** @internal */
  static readonly __qualname__: string = 'objax.optimizer.ExponentialMovingAverage'
  /** How much of the average stays. */
  momentum: number
  /** Whether to correct for the start at zero. */
  debias: boolean
  /** Keeps the correction finite. */
  eps: number
  /** The number of updates made: an int32 scalar. */
  readonly step: StateVar
  /**
   * The variables: first those that are not trainable, then references to those that are. The former are the
   * variables themselves, so `ema.vars().dispose()` frees them too; the averages alone are `m` and `step`.
   */
  readonly refs: ModuleList<BaseVar>
  /** The averages, before the correction. */
  readonly m: ModuleList<StateVar>

  /**
   * @param vc the variables
   * @param given `momentum`, `debias`, `eps`; any numbers, as in Objax
   */
  constructor(vc: NamedVars, given?: ExponentialMovingAverageOptions) {
    super()
    const { momentum, debias, eps } = options(
      'ExponentialMovingAverage',
      { momentum: 0.999, debias: false, eps: 1e-6 },
      given,
    )
    this.momentum = momentum
    this.debias = debias
    this.eps = eps
    this.step = counter()
    this.refs = new ModuleList(averaged(vc))
    this.m = zerosLike(this.refs)
  }

  override __call__(): void {
    const state = { count: countOf(this.step), ema: valuesOf(this.m) }
    const [, after] = ema(this.momentum, { debias: false }).update(valuesOf(this.refs), state)
    assignAll(
      className(this),
      [...this.m, this.step],
      [...tensorsOf(after.ema), tf.scalar(after.count, 'int32')],
    )
  }

  /**
   * The variables and their averages, in the same order.
   *
   * @returns the averages are new tensors, which the caller disposes
   */
  refsAndValues(): [refs: VarCollection, values: tf.Tensor[]] {
    const correction = this.debias ? 1 - (1 - this.eps) * this.momentum ** countOf(this.step) : 1
    const values = [...this.m].map(({ value }) => (this.debias ? tf.div(value, correction) : tf.clone(value)))
    return [this.refs.vars(), values]
  }

  /**
   * Returns a function that runs `f` with the averages in the variables, and restores their own values afterwards,
   * also if `f` throws. What is assigned to them meanwhile is lost. As in a module's call, tensors that `f` makes and
   * does not return are freed. A promise is refused, since the averages are gone when it is fulfilled.
   */
  replaceVars<A extends readonly unknown[], R>(f: (...args: A) => R): (...args: A) => R {
    return (...args) =>
      tidied('replaceVars', () => {
        const [refs, values] = this.refsAndValues()
        return withValues(refs, values, () => f(...args))
      })
  }

  override toString(): string {
    return reprAverage(this, this)
  }
}

const reprAverage = (module: object, { momentum, debias, eps }: ExponentialMovingAverage): string =>
  reprInstance(module, { momentum: reprNumber(momentum), debias: reprNumber(debias), eps: reprNumber(eps) })

/**
 * A module that runs another one on the moving averages of its variables.
 *
 * @category Optimizers
 * @see Objax, `objax.optimizer.ExponentialMovingAverageModule`
 * @example
 * ```ts keeps-tensors
 * import * as tf from '@tensorflow/tfjs-core'
 * import * as objax from 'gradpipe/objax'
 *
 * const m = new objax.nn.Sequential([new objax.nn.Linear(2, 3), new objax.nn.BatchNorm0D(3)])
 * const mEma = new objax.optimizer.ExponentialMovingAverageModule(m, { momentum: 0.999, debias: true })
 * const x = objax.random.uniform([16, 2])
 * const v1 = m(x, { training: true })
 * mEma.updateEma()
 * const v2 = mEma(x, { training: false })
 * assert.deepEqual([v1.shape, v2.shape], [[16, 3], [16, 3]])
 * ```
 */
export class ExponentialMovingAverageModule<A extends readonly unknown[], R> extends Module<A, R> {
  /** @internal */
  static readonly __qualname__: string = 'objax.optimizer.ExponentialMovingAverageModule'
  /** The module. */
  readonly __wrapped__: Module<A, R>
  /** The averages of its variables. */
  readonly ema: ExponentialMovingAverage

  /**
   * @param module the module
   * @param options `momentum`, `debias`, `eps`; see {@link ExponentialMovingAverage}
   */
  constructor(module: Module<A, R>, options?: ExponentialMovingAverageOptions) {
    super()
    this.__wrapped__ = module
    this.ema = new ExponentialMovingAverage(module.vars(), options)
  }

  override __call__(...args: A): R {
    return this.ema.replaceVars(this.__wrapped__)(...args)
  }

  /** Moves the averages. */
  updateEma(): void {
    this.ema()
  }

  override toString(): string {
    return reprAverage(this, this.ema)
  }
}
