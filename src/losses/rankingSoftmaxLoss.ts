/** rankingSoftmaxLoss: lists of scored items against their relevance. */
import * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../error.js'
import { options } from '../options.js'
import { maskOf, sumAlong } from './axes.js'
import { logSoftmax } from './logSoftmax.js'
import { checkRank, checkShape, commonShape, floats, numbers, type Operand } from './operand.js'
import { weighted } from './pieces.js'

/**
 * Reduces the losses of the lists to one number; `where` tells which lists have an item that takes part.
 *
 * @category Losses
 */
export type ReduceFunction = (losses: tf.Tensor, where: tf.Tensor | undefined) => tf.Tensor

/**
 * Options of {@link rankingSoftmaxLoss}.
 *
 * @category Losses
 */
export interface RankingSoftmaxLossOptions {
  /** Booleans that broadcast to the logits: which items take part. By default all do. */
  readonly where?: Operand
  /** Weights that multiply the labels, of a shape that broadcasts to them. By default 1. */
  readonly weights?: Operand
  /**
   * How the losses of the lists are reduced: to their mean (the default), to their sum, or `null` for one loss per
   * list.
   */
  readonly reduceFn?: 'mean' | 'sum' | null | ReduceFunction
}

/** The mean of the lists that take part; 0 where none does. */
const meanOf: ReduceFunction = (losses, where) =>
  where === undefined
    ? tf.mean(losses)
    : tf.div(
        tf.sum(tf.where(where, losses, tf.zerosLike(losses))),
        tf.maximum(tf.sum(tf.cast(where, 'float32')), 1),
      )

const shown: ReduceFunction = (losses, where) =>
  where === undefined ? losses : tf.where(where, losses, tf.zerosLike(losses))

const reductionOf = (path: string, given: RankingSoftmaxLossOptions['reduceFn']): ReduceFunction => {
  if (given === undefined || given === 'mean') return meanOf
  if (given === null) return shown
  if (given === 'sum') return (losses, where) => tf.sum(shown(losses, where))
  if (typeof given === 'function') return given
  throw new GradpipeError('InvalidArgument', path, 'mean, sum, null or a function', String(given))
}

/**
 * ListNet's softmax loss of scores $x$ and relevances $y$: $-\sum_k w_k y_k \log \mathrm{softmax}(x)_k$ for each
 * list, averaged over the lists.
 *
 * Logits and labels `[..., items]` have one shape; the result is a scalar, or `[...]` where `reduceFn` is `null`.
 * Items that are masked out count neither as relevant nor as rivals, and a list with only such items does not enter
 * the mean. Throws `ShapeMismatch` if shapes differ, and `InvalidArgument` for an unknown `reduceFn`.
 *
 * @category Losses
 * @see Cao et al., Learning to Rank: From Pairwise Approach to Listwise Approach, 2007; Optax, `ranking_softmax_loss`
 * @example
 * ```ts
 * import { losses } from 'gradpipe/tfjs'
 *
 * const loss = losses.rankingSoftmaxLoss([2, 1, 3], [1, 0, 0])
 * assert.deepEqual(Array.from(loss.dataSync(), (x) => x.toFixed(3)), ['1.408'])
 * loss.dispose()
 * ```
 */
export const rankingSoftmaxLoss = (
  logits: Operand,
  labels: Operand,
  given?: RankingSoftmaxLossOptions,
): tf.Tensor => {
  const name = 'rankingSoftmaxLoss'
  const { where, weights, reduceFn } = options(
    name,
    { where: undefined, weights: undefined, reduceFn: undefined },
    given,
  )
  const reduce = reductionOf(`${name}.reduceFn`, reduceFn)
  return tf.tidy(() => {
    const x = floats(`${name}.logits`, logits)
    checkRank(`${name}.logits`, 'at least 1', x)
    const y = numbers(`${name}.labels`, labels)
    checkShape(`${name}.labels`, x.shape, y)
    const w = weights === undefined ? undefined : numbers(`${name}.weights`, weights)
    if (w !== undefined) commonShape(`${name}.weights`, y, w)
    const mask = maskOf(`${name}.where`, where, x)
    const last = x.rank - 1
    const relevance = w === undefined ? y : tf.mul(y, w)
    checkShape(`${name}.weights`, x.shape, relevance)
    const losses = tf.neg(sumAlong(weighted(relevance, logSoftmax(x, [last], mask)), [last], mask))
    return reduce(losses, mask && tf.any(mask, last))
  })
}
