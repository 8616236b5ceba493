/** valueAndGrad and grad: TensorFlow.js's automatic differentiation over trees of tensors. */
import * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../error.js'
import { cloneTensor, isTensor } from '../host/tfjs/tensor.js'
import { tidied } from '../host/tfjs/tidy.js'
import { options, shown } from '../options.js'
import { isTrainable, type Leaf, leafSpec, type Params } from '../rule/leaf.js'
import { formOf } from '../tree/align.js'
import { buildForm } from '../tree/form.js'
import { showPath } from '../tree/path.js'
import { differentiate } from './differentiate.js'

/**
 * A loss and its gradient.
 *
 * @category Gradients
 */
export interface ValueAndGrad<P> {
  /** The loss, a scalar tensor, which the caller disposes. */
  readonly value: tf.Scalar
  /**
   * The gradient, a tree like the parameters, which the caller disposes. It is zero if the loss does not depend on a
   * leaf, and `null` if a leaf cannot be trained (integers, booleans).
   */
  readonly grads: P
}

/**
 * A loss, its gradient, and the auxiliary output of its function.
 *
 * @category Gradients
 */
export interface ValueAndGradWithAux<P, A> extends ValueAndGrad<P> {
  /** The auxiliary output; the caller disposes its tensors. */
  readonly aux: A
}

/**
 * Options of {@link valueAndGrad} and {@link grad}.
 *
 * @category Gradients
 */
export interface GradOptions {
  /** Whether the loss function returns a pair: the loss, and an auxiliary output of any kind. */
  readonly hasAux?: boolean
}

const checkedLoss = (loss: unknown): tf.Tensor => {
  const given = isTensor(loss) ? `${loss.dtype} [${loss.shape.join(', ')}]` : shown(loss)
  if (isTensor(loss) && loss.size === 1 && loss.dtype === 'float32') return loss
  throw new GradpipeError('ShapeMismatch', 'loss', 'a float32 scalar', given)
}

const derive = <P extends Params, A>(
  params: P,
  loss: (params: P) => readonly [loss: tf.Tensor, aux: A],
): ValueAndGradWithAux<P, A> => {
  const { form, leaves } = formOf<Leaf>('params', params)
  const given = leaves.map(({ path: at, leaf }): tf.Tensor => {
    const path = ['params', ...at]
    leafSpec(path, leaf)
    if (isTensor(leaf)) return leaf
    throw new GradpipeError('DtypeMismatch', showPath(path), 'a tensor', shown(leaf))
  })
  const isTrained = given.map(({ shape, dtype }) => isTrainable({ path: [], shape, dtype }))
  return tidied('loss', () => {
    // a handle per leaf: one tensor that stands in two places has a partial derivative at each
    const inputs = given.map(cloneTensor)
    const { values, grads } = differentiate(
      () => {
        // the same structure, with tensors of the same shapes
        const [result, aux] = loss(buildForm<Leaf>(form, inputs) as P)
        return [tf.reshape(checkedLoss(result), []), aux]
      },
      inputs.filter((_, i) => isTrained[i]),
    )
    const [value, aux] = values
    const next = grads.values()
    const tree = buildForm<Leaf>(
      form,
      isTrained.map((trained) => (trained ? (next.next().value ?? null) : null)),
    )
    // what was a scalar, a tree like the parameters, and an A, before tensors were cloned
    return { value: value as tf.Scalar, grads: tree as P, aux: aux as A }
  })
}

/**
 * Turns a loss function into one that returns the loss and its gradient with respect to the first argument, a tree of
 * tensors.
 *
 * It frees everything that the loss makes on its way, except the result and auxiliary outputs. Further arguments are
 * passed on. In Node, import `@tensorflow/tfjs` once: `@tensorflow/tfjs-core` alone registers no gradients.
 *
 * Throws `DtypeMismatch` for a leaf that is not a tensor, and `ShapeMismatch` for a loss that is not a scalar.
 *
 * @category Gradients
 * @see JAX, `value_and_grad`
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core'
 * import { valueAndGrad } from 'gradpipe/tfjs'
 *
 * const loss = (params: { w: tf.Tensor1D }, x: tf.Tensor1D) => tf.sum(tf.mul(params.w, x)) as tf.Scalar
 * const params = { w: tf.tensor1d([1, 2]) }
 * const x = tf.tensor1d([3, 4])
 * const { value, grads } = valueAndGrad(loss)(params, x)
 * assert.equal(value.dataSync()[0], 11)
 * assert.deepEqual([...grads.w.dataSync()], [3, 4])
 * tf.dispose([params, x, value, grads])
 * ```
 */
export function valueAndGrad<P extends Params, X extends readonly unknown[], A>(
  loss: (params: P, ...rest: X) => readonly [loss: tf.Tensor, aux: A],
  options: { readonly hasAux: true },
): (params: P, ...rest: X) => ValueAndGradWithAux<P, A>
export function valueAndGrad<P extends Params, X extends readonly unknown[]>(
  loss: (params: P, ...rest: X) => tf.Tensor,
  options?: { readonly hasAux?: false },
): (params: P, ...rest: X) => ValueAndGrad<P>
export function valueAndGrad<P extends Params, X extends readonly unknown[], A>(
  loss: (params: P, ...rest: X) => tf.Tensor | readonly [loss: tf.Tensor, aux: A],
  given?: GradOptions,
): (params: P, ...rest: X) => ValueAndGrad<P> & { readonly aux?: A } {
  const { hasAux } = options('valueAndGrad', { hasAux: false }, given)
  return (params, ...rest) => {
    if (hasAux)
      return derive(params, (p) => {
        const result = loss(p, ...rest)
        if (isTensor(result))
          throw new GradpipeError(
            'InvalidArgument',
            'loss',
            'a pair of loss and auxiliary output',
            'a tensor',
          )
        return result
      })
    const { value, grads } = derive(params, (p) => [checkedLoss(loss(p, ...rest)), null])
    return { value, grads }
  }
}

/**
 * Turns a loss function into one that returns its gradient alone.
 *
 * Otherwise it is like {@link valueAndGrad}.
 *
 * @category Gradients
 * @see JAX, `grad`
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core'
 * import { grad } from 'gradpipe/tfjs'
 *
 * const x = tf.scalar(3)
 * const slope = grad((x: tf.Scalar) => tf.square(x))(x)
 * assert.equal(slope.dataSync()[0], 6)
 * tf.dispose([x, slope])
 * ```
 */
export const grad =
  <P extends Params, X extends readonly unknown[]>(
    loss: (params: P, ...rest: X) => tf.Tensor,
  ): ((params: P, ...rest: X) => P) =>
  (params, ...rest) => {
    const { value, grads } = valueAndGrad(loss)(params, ...rest)
    value.dispose()
    return grads
  }
