/** diceLoss, multiclassGeneralizedDiceLoss and binaryDiceLoss: how little two segmentations overlap. */
import * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../error.js'
import { options } from '../options.js'
import { type AxisOptions, axesOf } from './axes.js'
import { softmax } from './logSoftmax.js'
import { checkRank, checkShape, floats, numbers, type Operand } from './operand.js'
import { sigmoid } from './pieces.js'
import { checkRange } from './range.js'

/**
 * Options of {@link multiclassGeneralizedDiceLoss}.
 *
 * @category Losses
 */
export interface GeneralizedDiceLossOptions {
  /** What is added to both parts of the quotient, so that two empty masks agree; not negative. Default 1. */
  readonly smooth?: number
  /** Whether predictions are logits; else they are probabilities. Default true. */
  readonly applySoftmax?: boolean
  /** Whether class 0 is left out, where there are others. Default false. */
  readonly ignoreBackground?: boolean
}

/**
 * Options of {@link diceLoss}.
 *
 * @category Losses
 */
export interface DiceLossOptions extends GeneralizedDiceLossOptions {
  /** Weights that multiply the loss of each class, `[classes]`. By default 1. */
  readonly classWeights?: Operand
  /** The weight of false positives; not negative. Default ½. */
  readonly alpha?: number
  /** The weight of false negatives; not negative. Default ½. */
  readonly beta?: number
  /** How the losses of the classes are reduced: to their mean (the default), to their sum, or not at all. */
  readonly reduction?: 'mean' | 'sum' | 'none'
  /** The axes to sum over. By default, and for `null`, all but the first and the last. */
  readonly axis?: AxisOptions['axis']
}

/**
 * Options of {@link binaryDiceLoss}.
 *
 * @category Losses
 */
export interface BinaryDiceLossOptions {
  /** What is added to both parts of the quotient, so that two empty masks agree; not negative. Default 1. */
  readonly smooth?: number
  /** Whether predictions are logits; else they are probabilities. Default true. */
  readonly applySigmoid?: boolean
}

interface Overlap {
  readonly smooth: number
  readonly alpha: number
  readonly beta: number
  readonly logits: boolean
  readonly ignoreBackground: boolean
  readonly axis?: AxisOptions['axis']
}

const usual: Overlap = { smooth: 1, alpha: 0.5, beta: 0.5, logits: true, ignoreBackground: false }

const check = (name: string, { smooth, alpha, beta }: Overlap): void => {
  checkRange(`${name}.smooth`, 'at least 0', smooth)
  checkRange(`${name}.alpha`, 'at least 0', alpha)
  checkRange(`${name}.beta`, 'at least 0', beta)
}

/** The losses of the classes, `[..., classes]`. */
const perClass = (
  name: string,
  x: tf.Tensor,
  targets: tf.Tensor,
  { smooth, alpha, beta, logits, ignoreBackground, axis }: Overlap,
  weights?: tf.Tensor,
): tf.Tensor => {
  const classes = x.shape.at(-1) ?? 1
  const p = !logits ? x : classes === 1 ? sigmoid(x) : softmax(x, [x.rank - 1])
  const axes =
    axis === undefined || axis === null
      ? x.shape.slice(1, -1).map((_, i) => i + 1)
      : [...axesOf(`${name}.axis`, axis, x.rank)]
  // an empty list of axes would mean all of them
  const total = (y: tf.Tensor): tf.Tensor => (axes.length === 0 ? y : tf.sum(y, axes))
  const [both, predicted, wanted] = [total(tf.mul(p, targets)), total(p), total(targets)]
  const missed = tf.add(tf.mul(tf.sub(predicted, both), alpha), tf.mul(tf.sub(wanted, both), beta))
  const top = tf.add(both, smooth)
  // not 1 minus the quotient: this loses no digits, and never falls below zero
  const loss = tf.div(missed, tf.add(top, missed))
  const weighed = weights === undefined ? loss : tf.mul(loss, weights)
  if (!ignoreBackground || classes === 1) return weighed
  const at = weighed.shape.map((_, i) => (i === weighed.rank - 1 ? 1 : 0))
  return tf.slice(weighed, at)
}

const segmentations = (
  name: string,
  predictions: Operand,
  targets: Operand,
): readonly [x: tf.Tensor, y: tf.Tensor] => {
  const x = floats(`${name}.predictions`, predictions)
  const y = numbers(`${name}.targets`, targets)
  checkRank(`${name}.predictions`, 'at least 1', x)
  return [x, y]
}

/**
 * How little two segmentations overlap: $1 - \frac{I + s}{I + \alpha (P - I) + \beta (T - I) + s}$ for each class,
 * averaged over the classes. $I$ is the sum of prediction times target, $P$ the sum of the predictions and $T$ that
 * of the targets, each over all axes but the first and the last. With $\alpha = \beta = \frac{1}{2}$ the quotient is
 * the Dice coefficient, with 1 the Jaccard index, otherwise Tversky's.
 *
 * Predictions and targets `[batch, ..., classes]` have one shape, except that one of them may lack a last axis of one
 * class; the result is `[batch]`. Predictions are logits (of a softmax over the classes, or of a sigmoid if there is
 * one class) or probabilities. Nothing checks that probabilities add up to one, since that would read them from the
 * device. Throws `ShapeMismatch` if shapes differ, and `InvalidArgument` for an option out of its range.
 *
 * @category Losses
 * @see Milletari, Navab and Ahmadi, V-Net, 2016; Salehi, Erdogmus and Gholipour, Tversky Loss, 2017; Optax, `dice_loss`
 * @example
 * ```ts
 * import { losses } from 'gradpipe/tfjs'
 *
 * const loss = losses.diceLoss([[[1, 0], [1, 0]]], [[[1, 0], [0, 1]]], { applySoftmax: false, smooth: 0 })
 * assert.deepEqual(Array.from(loss.dataSync(), (x) => x.toFixed(3)), ['0.667'])
 * loss.dispose()
 * ```
 */
export const diceLoss = (predictions: Operand, targets: Operand, given?: DiceLossOptions): tf.Tensor => {
  const name = 'diceLoss'
  const { applySoftmax, reduction, classWeights, ...overlap } = options(
    name,
    {
      smooth: 1,
      alpha: 0.5,
      beta: 0.5,
      applySoftmax: true,
      ignoreBackground: false,
      classWeights: undefined,
      reduction: undefined,
      axis: undefined,
    },
    given,
  )
  const chosen: Overlap = { ...overlap, axis: overlap.axis ?? null, logits: applySoftmax }
  check(name, chosen)
  if (reduction !== undefined && !['mean', 'sum', 'none'].includes(reduction))
    throw new GradpipeError('InvalidArgument', `${name}.reduction`, 'mean, sum or none', String(reduction))
  return tf.tidy(() => {
    const [x, y] = segmentations(name, predictions, targets)
    const p = x.rank === y.rank - 1 ? tf.expandDims(x, -1) : x
    const t = y.rank === x.rank - 1 ? tf.expandDims(y, -1) : y
    checkShape(`${name}.targets`, p.shape, t)
    const weights = classWeights === undefined ? undefined : numbers(`${name}.classWeights`, classWeights)
    if (weights !== undefined) checkShape(`${name}.classWeights`, p.shape.slice(-1), weights)
    const loss = perClass(name, p, t, chosen, weights)
    return reduction === 'none' ? loss : reduction === 'sum' ? tf.sum(loss, -1) : tf.mean(loss, -1)
  })
}

/**
 * The {@link diceLoss} with more weight for rare classes, averaged over all classes and examples. The weights are
 * $w_k \propto \frac{1}{T_k^2}$, where $T_k$ is how often class $k$ occurs in all targets; they add up to the number
 * of classes.
 *
 * Predictions and targets `[batch, ..., classes]` have one shape; the result is a scalar. Throws `ShapeMismatch` if
 * shapes differ, and `InvalidArgument` for a negative `smooth`.
 *
 * @category Losses
 * @see Sudre et al., Generalised Dice Overlap as a Deep Learning Loss Function, 2017; Optax,
 * `multiclass_generalized_dice_loss`
 * @example
 * ```ts
 * import { losses } from 'gradpipe/tfjs'
 *
 * const truth = [[[1, 0], [0, 1]]]
 * const loss = losses.multiclassGeneralizedDiceLoss(truth, truth, { applySoftmax: false })
 * assert.deepEqual(loss.arraySync(), 0)
 * loss.dispose()
 * ```
 */
export const multiclassGeneralizedDiceLoss = (
  predictions: Operand,
  targets: Operand,
  given?: GeneralizedDiceLossOptions,
): tf.Tensor => {
  const name = 'multiclassGeneralizedDiceLoss'
  const { applySoftmax, ...overlap } = options(
    name,
    { smooth: 1, applySoftmax: true, ignoreBackground: false },
    given,
  )
  const chosen: Overlap = { ...usual, ...overlap, logits: applySoftmax }
  check(name, chosen)
  return tf.tidy(() => {
    const [x, y] = segmentations(name, predictions, targets)
    checkShape(`${name}.targets`, x.shape, y)
    const classes = x.shape.at(-1) ?? 1
    const counts = tf.sum(tf.reshape(y, [-1, classes]), 0)
    const rarity = tf.div(1, tf.add(tf.square(counts), 1e-7))
    const weights = tf.mul(rarity, tf.div(classes, tf.sum(rarity)))
    return tf.mean(perClass(name, x, y, chosen, weights))
  })
}

/**
 * The {@link diceLoss} of one class: whether a pixel is inside.
 *
 * Predictions and targets `[batch, ...]` have one shape, with or without a last axis of one; the result is `[batch]`.
 * Predictions are logits of a sigmoid, or probabilities. Throws `ShapeMismatch` if shapes differ, and
 * `InvalidArgument` for a negative `smooth`.
 *
 * @category Losses
 * @see Milletari, Navab and Ahmadi, V-Net, 2016; Optax, `binary_dice_loss`
 * @example
 * ```ts
 * import { losses } from 'gradpipe/tfjs'
 *
 * const loss = losses.binaryDiceLoss([[1, 1, 0, 0]], [[1, 0, 1, 0]], { applySigmoid: false, smooth: 0 })
 * assert.deepEqual(loss.arraySync(), [0.5])
 * loss.dispose()
 * ```
 */
export const binaryDiceLoss = (
  predictions: Operand,
  targets: Operand,
  given?: BinaryDiceLossOptions,
): tf.Tensor => {
  const name = 'binaryDiceLoss'
  const { smooth, applySigmoid } = options(name, { smooth: 1, applySigmoid: true }, given)
  const chosen: Overlap = { ...usual, smooth, logits: applySigmoid }
  check(name, chosen)
  return tf.tidy(() => {
    const [x, y] = segmentations(name, predictions, targets)
    checkShape(`${name}.targets`, x.shape, y)
    const [p, t] = x.shape.at(-1) === 1 ? [x, y] : [tf.expandDims(x, -1), tf.expandDims(y, -1)]
    return tf.mean(perClass(name, p, t, chosen), -1)
  })
}
