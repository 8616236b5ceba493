/** hutchinsonEstimatorDiagHessian: the diagonal of a loss's Hessian, estimated with random signs. */
import { wrongExtraArg } from '../declare/extraArgs.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { GradpipeError } from '../error.js'
import { grad, tfjs } from '../host/tfjs/library.js'
import { isTensor } from '../host/tfjs/tensor.js'
import { tensorsIn, tidied } from '../host/tfjs/tidy.js'
import { shown } from '../options.js'
import { expectParams } from '../program/expect.js'
import type { ExtraArgs } from '../program/program.js'
import { foldIn, isKey, type Key, keyGiven, key as keyOf, split } from '../random/key.js'
import { rademacher } from '../random/sample.js'
import type { AnyTensor, Params } from '../rule/leaf.js'
import { randomTree } from '../transform/noise.js'
import type { GradientTransformation } from '../transform/transformation.js'
import { showPath } from '../tree/path.js'
import { leaves, mapWithPath } from '../tree/tree.js'

/**
 * Options of {@link hutchinsonEstimatorDiagHessian}.
 *
 * @category Building blocks
 */
export interface HutchinsonOptions {
  /** A key, or an integer as its seed. Default 0. */
  readonly randomSeed?: Key | number
}

/**
 * State of {@link hutchinsonEstimatorDiagHessian}.
 *
 * @category Building blocks
 */
export interface HutchinsonState {
  /** Where the next signs come from. */
  readonly key: Key
}

/**
 * The extra argument of {@link hutchinsonEstimatorDiagHessian}.
 *
 * @category Building blocks
 */
export interface HutchinsonArgs {
  /** The loss of this step, of the parameters alone. */
  // a method, so that a function of the caller's own type of parameters is one
  objFn(params: Params): AnyTensor
}

const objectiveIn = ({ objFn }: ExtraArgs): HutchinsonArgs['objFn'] => {
  if (typeof objFn === 'function') return objFn as HutchinsonArgs['objFn'] // what it gives, grad looks at
  throw wrongExtraArg('objFn', 'a function of the parameters', objFn)
}

const keyIn = (state: HutchinsonState): Key => {
  if (isKey(state.key)) return state.key
  throw new GradpipeError('TreeMismatch', 'state.key', 'a key', JSON.stringify(state.key) ?? 'nothing')
}

const checked = (given: Params | undefined): Params => {
  const params = expectParams(given)
  for (const [path, leaf] of leaves<unknown>(params))
    if (!isTensor(leaf))
      throw new GradpipeError('DtypeMismatch', showPath(['params', ...path]), 'a tensor', shown(leaf))
  return params
}

/** The products of two trees of the same structure, leaf by leaf. */
const products = (a: Params, b: Params): Params => {
  const others = new Map(leaves<unknown>(b).map(([path, leaf]) => [showPath(path), leaf]))
  return mapWithPath((path, leaf: unknown) => {
    const other = others.get(showPath(path))
    if (isTensor(leaf) && isTensor(other)) return tfjs.mul(leaf, other)
    throw new GradpipeError('TreeMismatch', showPath(path), 'tensors', 'something else')
  })(a)
}

/**
 * Replaces the gradients by an estimate of the diagonal of the Hessian: $r \odot H r$ for random signs $r$. It is
 * unbiased, and exact if $H$ is diagonal.
 *
 * $$h_t = r_t \odot \nabla_p \langle \nabla f(p), r_t \rangle, \quad r_{t,i} = \pm 1$$
 *
 * It costs two gradients of the loss, which you pass to `update`: `update(grads, state, params, { objFn: (params) =>
 * loss(params, batch) })`. For tensors only. The loss must consist of operations that TensorFlow.js can differentiate
 * twice. The signs are JAX's for the same seed.
 *
 * Throws `MissingArgument` without `objFn`, `MissingParams`, and `DtypeMismatch` for parameters that are not tensors.
 *
 * @category Building blocks
 * @see Hutchinson, A Stochastic Estimator of the Trace of the Influence Matrix for Laplacian Smoothing Splines, 1990;
 * Optax, `contrib.hutchinson_estimator_diag_hessian`
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core'
 * import { hutchinsonEstimatorDiagHessian } from 'gradpipe'
 * import 'gradpipe/tfjs'
 *
 * const tx = hutchinsonEstimatorDiagHessian()
 * const p = tf.tensor1d([1, 2])
 * const [h] = tx.update(p, tx.init(p), p, { objFn: (x: tf.Tensor1D) => tf.sum(tf.mul(x, tf.square(x))) })
 * assert.deepEqual([...h.dataSync()], [6, 12])
 * tf.dispose([p, h])
 * ```
 */
export const hutchinsonEstimatorDiagHessian = (
  given?: HutchinsonOptions,
): GradientTransformation<HutchinsonState, HutchinsonArgs> => {
  const { randomSeed } = hyperparameters('hutchinsonEstimatorDiagHessian', { randomSeed: undefined }, given)
  const start =
    randomSeed === undefined ? keyOf(0) : keyGiven('hutchinsonEstimatorDiagHessian.randomSeed', randomSeed)
  return {
    call: ['hutchinsonEstimatorDiagHessian', given],
    init: () => ({ key: start }),
    update: <P extends Params>(
      _: P,
      state: HutchinsonState,
      ...[at, extraArgs]: readonly [params: Params | undefined, extraArgs: ExtraArgs]
    ) => {
      const objective = objectiveIn(extraArgs ?? {})
      const params = checked(at)
      const [key, own] = split(keyIn(state))
      const estimate = tidied('objFn', () => {
        const signs = randomTree((i) => foldIn(own, i), ['params', params], rademacher)
        const along = (p: Params): AnyTensor =>
          tensorsIn(products(grad(objective)(p), signs)).reduce(
            (total: AnyTensor, product) => tfjs.add(total, tfjs.sum(product)),
            tfjs.scalar(0),
          )
        return products(grad(along)(params), signs)
      })
      // the parameters have the structure of their gradients
      return [estimate as P, { key }] as const
    },
  }
}
