/**
 * toOptimizer: turns a transformation into an optimizer for `model.compile`, and wherever else TensorFlow.js wants
 * one.
 */
import * as tf from '@tensorflow/tfjs-core'
import { fromDescription } from '../../describe/fromDescription.js'
import { GradpipeError } from '../../error.js'
import { options, shown } from '../../options.js'
import { checkRange, steppable } from '../../range.js'
import { GradpipeOptimizer } from './optimizer.js'
import { readWith, register } from './registry.js'
import type { Drive } from './stepper.js'

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
 * A saved model (`includeOptimizer: true`) holds the state, and the name and description of the transformation. The
 * program that loads it calls {@link registerOptimizers} first; then training goes on, bit for bit. A description
 * cannot hold your own functions: if the transformation has one, the program must first call `toOptimizer` with that
 * name instead. The last call with a name counts. If several transformations have no name, none of them is taken for
 * the saved one. Variables find their part of the state by name. If TensorFlow.js has appended a number to the name of
 * a layer's weight, the name before it counts, provided there is one of each. The caller disposes `model.optimizer`.
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
  tf.serialization.registerClass(GradpipeOptimizer)
  return new GradpipeOptimizer(register(name, tx))
}

/**
 * From now on, `tf.loadLayersModel` makes the optimizer that a saved model describes, in a program that has made none before.
 *
 * A model that was saved with its optimizer has the description of `describe`, unless the transformation holds a function of
 * one's own; it is read by `fromDescription`, which throws `InvalidArgument` here for what is no description. A transformation
 * that this program has given to `toOptimizer` under the name of the saved one comes first.
 *
 * It brings every optimizer of the library into a bundle.
 *
 * @category LayersModel
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs'
 * import { adam, sgd } from 'gradpipe'
 * import { registerOptimizers, toOptimizer } from 'gradpipe/tfjs'
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [1], units: 1 })] })
 * model.compile({ optimizer: toOptimizer(adam(0.1)), loss: 'meanSquaredError' })
 * let saved: tf.io.ModelArtifacts = {}
 * const handler = tf.io.withSaveHandler(async (artifacts) => {
 *   saved = artifacts
 *   return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } }
 * })
 * await model.save(handler, { includeOptimizer: true })
 *
 * registerOptimizers() // in another program, before it loads
 * const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved))
 * assert.deepEqual(loaded.optimizer.getConfig(), model.optimizer.getConfig())
 * for (const each of [model, loaded]) {
 *   each.optimizer.dispose()
 *   each.dispose()
 * }
 * ```
 */
export const registerOptimizers = (): void => {
  tf.serialization.registerClass(GradpipeOptimizer)
  readWith(fromDescription)
}
