/** klDivergence and its variants: how far a predicted distribution is from a target. */
import * as tf from '@tensorflow/tfjs-core'
import { indicator } from '../host/tfjs/gradient.js'
import { options } from '../options.js'
import { type AxisOptions, axesOf, maskOf, sumAlong } from './axes.js'
import { floats, type Operand, together } from './operand.js'
import { atLeast, exp, weighted } from './pieces.js'

const isZero = indicator((x) => tf.equal(x, 0))
const isPossible = indicator((x) => tf.notEqual(x, Number.NEGATIVE_INFINITY))

/** x · (log x − y), of targets and logarithms of predictions. */
const surprise = (targets: tf.Tensor, logPredictions: tf.Tensor): tf.Tensor => {
  // log 0 counts as 0
  return weighted(targets, tf.sub(tf.log(tf.add(targets, isZero(targets))), logPredictions))
}

/** The sum along axes of a function of logarithms of predictions and targets. */
const summed = (
  name: string,
  targetsName: string,
  predictions: Operand,
  targets: Operand,
  given: AxisOptions | undefined,
  term: (logPredictions: tf.Tensor, targets: tf.Tensor) => tf.Tensor,
): tf.Tensor => {
  const { axis, where } = options(name, { axis: undefined, where: undefined }, given)
  return tf.tidy(() => {
    const [x, y] = together(
      `${name}.${targetsName}`,
      floats(`${name}.logPredictions`, predictions),
      floats(`${name}.${targetsName}`, targets),
    )
    const axes = axesOf(`${name}.axis`, axis, x.rank)
    return sumAlong(term(x, y), axes, maskOf(`${name}.where`, where, x))
  })
}

/**
 * The Kullback–Leibler divergence of predictions from targets along an axis: $\sum_k y_k (\log y_k - x_k)$, where $x$
 * are the logarithms of the predictions and $y$ the target probabilities.
 *
 * For two distributions it is not negative, up to the rounding of their sums. For anything else, or for a part of the
 * classes, it may be negative; {@link generalizedKlDivergence} never is.
 *
 * Both broadcast; the result lacks the axes. A target of 0 adds nothing, whatever is predicted. Throws
 * `ShapeMismatch` if the shapes do not broadcast, and `InvalidArgument` for an axis that is not there.
 *
 * @category Losses
 * @see Kullback and Leibler, On Information and Sufficiency, 1951; Optax, `kl_divergence`
 * @example
 * ```ts
 * import { losses } from 'gradpipe/tfjs'
 *
 * const loss = losses.klDivergence([Math.log(0.5), Math.log(0.5)], [1, 0])
 * assert.deepEqual(Array.from(loss.dataSync(), (x) => x.toFixed(3)), ['0.693'])
 * loss.dispose()
 * ```
 */
export const klDivergence = (logPredictions: Operand, targets: Operand, given?: AxisOptions): tf.Tensor =>
  summed('klDivergence', 'targets', logPredictions, targets, given, (x, y) => surprise(y, x))

/**
 * The {@link klDivergence} of logarithms $x$ of predictions and $y$ of targets, along an axis:
 * $\sum_k e^{y_k} (y_k - x_k)$.
 *
 * A target of −∞ adds nothing, whatever is predicted; Optax gives NaN. Shapes, options and errors are those of
 * {@link klDivergence}.
 *
 * @category Losses
 * @see Optax, `kl_divergence_with_log_targets`
 * @example
 * ```ts
 * import { losses } from 'gradpipe/tfjs'
 *
 * const half = Math.log(0.5)
 * const loss = losses.klDivergenceWithLogTargets([half, half], [0, -Infinity])
 * assert.deepEqual(Array.from(loss.dataSync(), (x) => x.toFixed(3)), ['0.693'])
 * loss.dispose()
 * ```
 */
export const klDivergenceWithLogTargets = (
  logPredictions: Operand,
  logTargets: Operand,
  given?: AxisOptions,
): tf.Tensor =>
  summed('klDivergenceWithLogTargets', 'logTargets', logPredictions, logTargets, given, (x, y) => {
    const some = tf.cast(isPossible(y), 'bool')
    // both are left out before the product, in whose gradient zero would meet infinity
    const kept = (z: tf.Tensor): tf.Tensor => tf.where(some, z, tf.zerosLike(z))
    const [p, t] = [kept(x), kept(y)]
    return tf.where(some, tf.mul(exp(t), tf.sub(t, p)), tf.zerosLike(p))
  })

const atLeastZero = atLeast(0)

const generalized = (
  name: string,
  logPredictions: Operand,
  targets: Operand,
  given: AxisOptions | undefined,
): tf.Tensor =>
  summed(name, 'targets', logPredictions, targets, given, (x, y) =>
    // no term is below zero, by the tangent of the exponential
    atLeastZero(tf.add(surprise(y, x), tf.sub(exp(x), y))),
  )

/**
 * The {@link klDivergence} with a term that makes it convex and never negative, whether or not predictions and
 * targets add up to one: $\sum_k y_k (\log y_k - x_k) + e^{x_k} - y_k$ along an axis.
 *
 * Shapes, options and errors are those of {@link klDivergence}.
 *
 * @category Losses
 * @see Kullback and Leibler, On Information and Sufficiency, 1951; Optax, `generalized_kl_divergence`
 * @example
 * ```ts
 * import { losses } from 'gradpipe/tfjs'
 *
 * const loss = losses.generalizedKlDivergence([0, Math.log(2)], [1, 0])
 * assert.deepEqual(loss.arraySync(), 2)
 * loss.dispose()
 * ```
 */
export const generalizedKlDivergence = (
  logPredictions: Operand,
  targets: Operand,
  given?: AxisOptions,
): tf.Tensor => generalized('generalizedKlDivergence', logPredictions, targets, given)

/**
 * The {@link generalizedKlDivergence}, under its former name in Optax.
 *
 * @category Losses
 * @see Optax, `convex_kl_divergence`
 * @example
 * ```ts
 * import { losses } from 'gradpipe/tfjs'
 *
 * const loss = losses.convexKlDivergence([0, Math.log(2)], [1, 0])
 * assert.deepEqual(loss.arraySync(), 2)
 * loss.dispose()
 * ```
 */
export const convexKlDivergence = (
  logPredictions: Operand,
  targets: Operand,
  given?: AxisOptions,
): tf.Tensor => generalized('convexKlDivergence', logPredictions, targets, given)
