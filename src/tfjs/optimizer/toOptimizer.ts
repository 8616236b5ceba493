/**
 * toOptimizer: turns a transformation into an optimizer for `model.compile`, and wherever else TensorFlow.js wants
 * one.
 */
import * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../../error.js'
import { options, shown } from '../../options.js'
import { checkRange, steppable } from '../../range.js'
import { GradpipeOptimizer } from './optimizer.js'
import { register } from './registry.js'
import { type Drive, stepperOf } from './stepper.js'

/**
 * Options of {@link toOptimizer}.
 *
 * @category LayersModel
 */
export interface ToOptimizerOptions {
  /** The name of the transformation in saved models. Default `'gradpipe'`, which fits one transformation only. */
  readonly name?: string
}

/**
 * Turns a transformation or a chain into an optimizer of TensorFlow.js: for `model.compile`, or to use like those of
 * `tf.train`.
 *
 * Steps change variables in place: a `tf.Variable` stays the same object. On WASM and WebGPU it also keeps its
 * memory, unless something else holds that; on WebGL textures take turns. The state belongs to variables by name: a
 * layer that is frozen for a while finds its moments again, and a layer that joins later starts with a first state. A
 * variable without a gradient does not change in a step. Transformations that ask for the loss get it, and line
 * searches get their functions, except in `applyGradients`. A step is synchronous: on WebGPU, transformations that
 * read a value from the device throw.
 *
 * A saved model (`includeOptimizer: true`) holds the state, and the name of the transformation, since a file cannot
 * hold functions. The program that loads it must first call `toOptimizer` with that name; then training goes on, bit
 * for bit. The last call with a name counts. If several transformations have no name, loading throws. Variables find
 * their part of the state by name. If TensorFlow.js has appended a number to the name of a layer's weight, the name
 * before it counts, provided there is one of each. The caller disposes `model.optimizer`.
 *
 * Masks and labels see a weight by its layer and its role there: `['dense', 'bias']`. `optimizer.learningRate = x`
 * and `setLearningRate` work if `injectHyperparams` keeps one rate in the state, and throw otherwise.
 *
 * `getWeights` returns the count of iterations, then every tensor of the state by its path
 * (`state.0.mu.dense_Dense1/kernel`). Anything else is stored as int32, with a mark that says what it is
 * (`state.0.count:float64`). These tensors belong to the optimizer: they are the same until the next step, and are
 * freed when there are two newer sets, or by `dispose`.
 *
 * Throws `InvalidArgument` for an unknown option, or a name that is not a string. A step throws like `update`, and
 * also `TreeMismatch`, `ShapeMismatch` or `DtypeMismatch` if loaded weights do not fit the transformation and the
 * variables; nothing has changed then.
 *
 * @category LayersModel
 * @see TensorFlow.js, `tf.Optimizer`
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs'
 * import { adamw, chain, clipByGlobalNorm } from 'gradpipe'
 * import { toOptimizer } from 'gradpipe/tfjs'
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [1], units: 1 })] })
 * const optimizer = toOptimizer(chain(clipByGlobalNorm(1), adamw(0.1)))
 * model.compile({ optimizer, loss: 'meanSquaredError' })
 * const [x, y] = [tf.tensor2d([[1], [2], [3]]), tf.tensor2d([[3], [5], [7]])]
 * const { history } = await model.fit(x, y, { epochs: 50 })
 * assert.ok(Number(history.loss?.at(-1)) < 0.1 * Number(history.loss?.[0]))
 * optimizer.dispose()
 * model.dispose()
 * tf.dispose([x, y])
 * ```
 */
export const toOptimizer = <S>(tx: Drive<S>, given?: ToOptimizerOptions): GradpipeOptimizer => {
  const { name } = options('toOptimizer', { name: undefined }, given)
  if (name !== undefined && (typeof name !== 'string' || name === ''))
    throw new GradpipeError('InvalidArgument', 'toOptimizer.name', 'a string that is not empty', shown(name))
  checkRange('toOptimizer', tx, steppable)
  const stepper = stepperOf(tx)
  tf.serialization.registerClass(GradpipeOptimizer)
  return new GradpipeOptimizer(stepper, register(name, tx, stepper))
}
