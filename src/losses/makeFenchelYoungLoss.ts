/** makeFenchelYoungLoss: a loss from a convex function of scores. */
import * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../error.js'
import { shown } from '../options.js'
import { checkRank, checkShape, floats, numbers, type Operand, together } from './operand.js'
import { dot } from './pieces.js'

/**
 * Makes the Fenchel–Young loss of a convex function of scores: $\Omega^*(x) - \langle y, x \rangle$ for scores $x$
 * and targets $y$. $\Omega^*$ is `maxFun`, which reduces the last axis. The gradient of the loss is that of `maxFun`
 * minus the targets.
 *
 * Scores and targets `[..., n]` broadcast; the loss has the shape `[...]`. Further arguments of the loss go to
 * `maxFun`. With log-sum-exp, the loss is the cross-entropy without the entropy of the targets. Throws
 * `InvalidArgument` if `maxFun` is not a function. The loss throws `ShapeMismatch` if the shapes do not broadcast, or
 * `maxFun` returns another shape.
 *
 * @category Losses
 * @see Blondel, Martins and Niculae, Learning with Fenchel-Young Losses, 2020; Optax, `make_fenchel_young_loss`
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core'
 * import { losses } from 'gradpipe/tfjs'
 *
 * const perceptron = losses.makeFenchelYoungLoss((scores) => tf.max(scores, -1))
 * const loss = perceptron([[3, 1], [3, 1]], [[1, 0], [0, 1]])
 * assert.deepEqual(loss.arraySync(), [0, 2])
 * loss.dispose()
 * ```
 */
export const makeFenchelYoungLoss = <A extends readonly unknown[]>(
  maxFun: (scores: tf.Tensor, ...others: A) => tf.Tensor,
): ((scores: Operand, targets: Operand, ...others: A) => tf.Tensor) => {
  const name = 'makeFenchelYoungLoss'
  if (typeof maxFun !== 'function')
    throw new GradpipeError('InvalidArgument', `${name}.maxFun`, 'a function', shown(maxFun))
  return (scores, targets, ...others) =>
    tf.tidy(() => {
      const given = floats(`${name}.scores`, scores)
      checkRank(`${name}.scores`, 'at least 1', given)
      const [x, y] = together(`${name}.targets`, given, numbers(`${name}.targets`, targets))
      const greatest = maxFun(x, ...others)
      checkShape(`${name}.maxFun`, x.shape.slice(0, -1), greatest)
      return tf.sub(greatest, dot(y, x))
    })
}
