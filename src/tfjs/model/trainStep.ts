/** trainStep: a step of training a LayersModel, as a pure function. */
import type * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import type { HutchinsonArgs } from '../../block/hutchinson.js'
import { options } from '../../options.js'
import { dispose } from '../../program/dispose.js'
import { checkRange, transformation } from '../../range.js'
import type { Params } from '../../rule/leaf.js'
import type { ValueAndGradFnArgs, ValueFnArgs } from '../../search/extraArgs.js'
import { expectNoVariable } from '../../transform/giveUp.js'
import { step } from '../../transform/step.js'
import type { GradientTransformation } from '../../transform/transformation.js'
import { valueAndGrad } from '../valueAndGrad.js'
import type { ModelLoss } from './lossFunctions.js'
import type { ModelData } from './modelData.js'
import { modelLoss } from './modelLoss.js'
import type { ModelTree, NamedTensors } from './modelWeights.js'

/**
 * Options of {@link trainStep}.
 *
 * @category Models
 */
export interface TrainStepOptions {
  /** The loss, as `compile` takes it. By default the loss that the model was compiled with. */
  readonly loss?: ModelLoss
  /**
   * Whether the step consumes weights and state: it overwrites their memory if nobody else holds it, and disposes all
   * their handles. Default false.
   */
  readonly donate?: boolean
}

/**
 * The extra arguments that {@link trainStep} passes to a transformation: the loss and its gradient at the weights,
 * and functions that compute them at other weights, on the same batch.
 *
 * @category Models
 */
export interface TrainStepArgs extends ValueFnArgs, ValueAndGradFnArgs, HutchinsonArgs {
  /** The gradients at some weights. */
  gradFn(params: Params): Params
}

/**
 * A step of training: from weights, state and a batch to the next weights and state, and the loss before the step.
 *
 * @category Models
 */
export type TrainStep<S> = (
  params: ModelTree,
  state: S,
  x: ModelData,
  y: ModelData,
) => readonly [params: ModelTree, state: S, loss: tf.Scalar]

/**
 * Makes a training step of a model: a pure function of its weights, the optimizer's state and a batch.
 *
 * The first state is `tx.init(params.trainable)`. The model's own weights are neither read nor changed, even if
 * something throws; `treeToModel` puts the result into the model. It is the step that `fit` makes; {@link modelLoss}
 * describes its loss, and what is random in it. Weights that are not trained but change in training are returned
 * changed.
 *
 * Transformations that need more than gradients get it: `value`, `grad`, `valueFn`, `valueAndGradFn`, `objFn` and
 * `gradFn`, for line searches, `reduceOnPlateau`, `scaleByPolyak`, `hutchinsonEstimatorDiagHessian` and `sam`.
 *
 * All arguments are borrowed, and the tensors of the result belong to the caller. With `donate`, weights and state
 * are consumed if nothing fails. Throws like `modelLoss` and `step`, before anything is consumed.
 *
 * @category Models
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs'
 * import { adamw, chain, clipByGlobalNorm, dispose } from 'gradpipe'
 * import { modelToTree, trainStep, treeToModel } from 'gradpipe/tfjs'
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ name: 'line', units: 1, inputShape: [1] })] })
 * const [x, y] = [tf.tensor2d([[1], [2], [3]]), tf.tensor2d([[3], [5], [7]])]
 * const tx = chain(clipByGlobalNorm(10), adamw(0.1))
 * const train = trainStep(model, tx, { loss: 'meanSquaredError', donate: true })
 * let params = modelToTree(model)
 * let state = tx.init(params.trainable)
 * const losses: number[] = []
 * for (let i = 0; i < 50; i++) {
 *   const [nextParams, nextState, loss] = train(params, state, x, y)
 *   losses.push(loss.arraySync())
 *   loss.dispose()
 *   params = nextParams
 *   state = nextState
 * }
 * assert.ok((losses.at(-1) ?? Number.NaN) < (losses[0] ?? Number.NaN) / 10)
 * treeToModel(model, params)
 * dispose(params, state, x, y)
 * model.dispose()
 * ```
 */
export const trainStep = <S>(
  model: LayersModel,
  tx: GradientTransformation<S, TrainStepArgs>,
  given?: TrainStepOptions,
): TrainStep<S> => {
  const { loss, donate } = options('trainStep', { loss: undefined, donate: false }, given)
  checkRange('trainStep', tx, transformation)
  const lossOf = modelLoss(model, loss)
  const derive = valueAndGrad(lossOf, { hasAux: true })
  const stepped = step(tx, { donate })
  return (params, state, x, y) => {
    const { trainable, nonTrainable } = params
    if (donate) expectNoVariable('params', params)
    const { value, grads, aux } = derive(trainable, nonTrainable, x, y)
    /** The loss at other weights, on the same batch; changes of moving averages there are discarded. */
    const valueFn = (at: Params): tf.Scalar => {
      const [elsewhere, others] = lossOf(at as NamedTensors, nonTrainable, x, y) // which looks at them
      dispose(others)
      return elsewhere
    }
    const valueAndGradFn = (at: Params): { readonly value: tf.Scalar; readonly grads: Params } => {
      const { aux: others, ...found } = derive(at as NamedTensors, nonTrainable, x, y)
      dispose(others)
      return found
    }
    const gradFn = (at: Params): Params => {
      const found = valueAndGradFn(at)
      found.value.dispose()
      return found.grads
    }
    try {
      const extraArgs = { value, grad: grads, valueFn, valueAndGradFn, objFn: valueFn, gradFn }
      const [next, after] = stepped(trainable, state, grads, extraArgs)
      if (donate) dispose(nonTrainable)
      return [{ trainable: next, nonTrainable: aux }, after, value]
    } catch (error) {
      dispose(value, aux)
      throw error
    } finally {
      dispose(grads)
    }
  }
}
