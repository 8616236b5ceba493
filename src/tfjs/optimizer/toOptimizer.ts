/** toOptimizer: the optimizer of a transformation, for `model.compile` and wherever else TensorFlow.js wants one. */
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
  /** What the transformation is called in saved models. Default `'gradpipe'`, for the only one without a name. */
  readonly name?: string
}

/**
 * A transformation, or a chain of them, as an optimizer of TensorFlow.js: for `model.compile`, or to be called as
 * `tf.train`'s are.
 *
 * Steps change variables in place: a `tf.Variable` stays what it is, on WASM and WebGPU its memory too, unless something
 * else holds that; on WebGL textures take turns. The state belongs to variables by name: a layer that is frozen for a while finds its moments again, and
 * one that comes later begins with a first state. A variable without a gradient is left out of a step. The loss is
 * there for transformations that ask for it, and so are the functions that line searches call, except in
 * `applyGradients`. A step is synchronous: on WebGPU, transformations that read a value from the device throw.
 *
 * A saved model (`includeOptimizer: true`) holds the state, and the transformation's description and name. The program that
 * loads it calls `registerOptimizers` first, and needs nothing else; functions of one's own are no data, so that what holds
 * one is made by `toOptimizer` with that name first: the last call with a name counts, and of several transformations
 * without one none is taken for the saved one. What was saved then goes on bit for bit. Variables
 * find their part by name; a layer's weight with a number that TensorFlow.js has put behind a name that was taken, by what
 * stands before it, if there is one of each. `model.optimizer` is the caller's to dispose.
 *
 * Masks and labels see a weight by its layer and what it is there: `['dense', 'bias']`. `optimizer.learningRate = x` and
 * `setLearningRate` are obeyed where `injectHyperparams` keeps one rate in the state, and throw elsewhere.
 *
 * `getWeights` gives, after the count of iterations, every tensor of the state by its path
 * (`state.0.mu.dense_Dense1/kernel`); what is not a tensor as int32, with a mark of what it is (`state.0.count:float64`).
 * These tensors are the optimizer's: the same until a step is made, and freed when there are two newer ones, or by `dispose`.
 *
 * Throws `InvalidArgument` for an unknown option, or a name that is no text. A step throws as `update` does, and
 * `TreeMismatch`, `ShapeMismatch` or `DtypeMismatch` where loaded weights are not those of the transformation and the
 * variables; then nothing has changed.
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
    throw new GradpipeError('InvalidArgument', 'toOptimizer.name', 'a text that is not empty', shown(name))
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
