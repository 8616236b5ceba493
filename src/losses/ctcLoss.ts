/** ctcLoss and ctcLossWithForwardProbs: a sequence of labels without knowing when each of them comes. */
import * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../error.js'
import { options } from '../options.js'
import { logSoftmax } from './logSoftmax.js'
import { oneHot } from './oneHot.js'
import { checkRank, checkShape, floats, integers, numbers, type Operand } from './operand.js'
import { atMost, logAddExp } from './pieces.js'
import { checkRange } from './range.js'

/**
 * Options of {@link ctcLoss} and {@link ctcLossWithForwardProbs}.
 *
 * @category Losses
 */
export interface CtcLossOptions {
  /** The class that stands for no label. Default 0. */
  readonly blankId?: number
  /** The number that stands for the logarithm of zero; less than 0. Default −100000. */
  readonly logEpsilon?: number
}

/**
 * The result of {@link ctcLossWithForwardProbs}; the caller disposes it.
 *
 * @category Losses
 */
export type CtcForwardProbs = readonly [
  /** The losses, `[batch]`. */
  loss: tf.Tensor,
  /** Logarithms of the probabilities to have passed n labels and seen a blank since, `[frames, batch, labels + 1]`. */
  logAlphaPhi: tf.Tensor,
  /** Logarithms of the probabilities to be in the label n, `[frames, batch, labels]`. */
  logAlphaEmit: tf.Tensor,
]

/** The columns from one on, up to another. */
const columns = (x: tf.Tensor, from: number, size: number): tf.Tensor =>
  tf.slice(x, [0, from], [x.shape[0] ?? 0, size])

const atMostCertain = atMost(0)

/** The logarithm of the sum of two probabilities that exclude each other: at most 0, whatever is rounded. */
const either = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => atMostCertain(logAddExp(a, b))

/** Adds to all columns but the first, in the space of logarithms. */
const addedAfterFirst = (phi: tf.Tensor, added: tf.Tensor): tf.Tensor =>
  tf.concat([columns(phi, 0, 1), either(columns(phi, 1, added.shape[1] ?? 0), added)], 1)

/** The frames of `[batch, frames, n]`; TensorFlow.js cannot differentiate `unstack` of a single one. */
const framesOf = (x: tf.Tensor): readonly tf.Tensor[] =>
  x.shape[1] === 1 ? [tf.squeeze(x, [1])] : tf.unstack(x, 1)

const kept = (pad: tf.Tensor, before: tf.Tensor, after: tf.Tensor): tf.Tensor =>
  tf.add(tf.mul(pad, before), tf.mul(tf.sub(1, pad), after))

interface Sequences {
  /** Logarithms of the probabilities of the blank, `[batch, 1]` by frame. */
  readonly blanks: readonly tf.Tensor[]
  /** Those of the labels, `[batch, labels]` by frame. */
  readonly emits: readonly tf.Tensor[]
  /** One where the frame is padding, `[batch, 1]` by frame. */
  readonly pads: readonly tf.Tensor[]
  /** One where the next label is the same, `[batch, labels]`. */
  readonly repeats: tf.Tensor
  /** One at the number of labels, `[batch, labels + 1]`. */
  readonly ends: tf.Tensor
}

const sequencesOf = (
  name: string,
  [logits, logitPaddings, labels, labelPaddings]: readonly [Operand, Operand, Operand, Operand],
  blankId: number,
): Sequences => {
  const x = floats(`${name}.logits`, logits)
  checkRank(`${name}.logits`, 3, x)
  const [batch, frames, classes] = x.shape as [number, number, number] // of rank 3
  if (frames === 0) throw new GradpipeError('ShapeMismatch', `${name}.logits`, 'a frame', 'none')
  if (!Number.isInteger(blankId) || blankId < 0 || blankId >= classes)
    throw new GradpipeError(
      'InvalidArgument',
      `${name}.blankId`,
      `a class from 0 to ${classes - 1}`,
      String(blankId),
    )
  const framePads = numbers(`${name}.logitPaddings`, logitPaddings)
  checkShape(`${name}.logitPaddings`, [batch, frames], framePads)
  const y = integers(`${name}.labels`, labels)
  checkRank(`${name}.labels`, 2, y)
  const length = y.shape[1] ?? 0
  checkShape(`${name}.labels`, [batch, length], y)
  if (length === 0) throw new GradpipeError('ShapeMismatch', `${name}.labels`, 'room for a label', 'none')
  const labelPads = numbers(`${name}.labelPaddings`, labelPaddings)
  checkShape(`${name}.labelPaddings`, [batch, length], labelPads)

  const log = logSoftmax(x, [2])
  // labels in the padding need not be classes
  const right = oneHot(`${name}.labels`, tf.where(tf.equal(labelPads, 0), y, tf.zerosLike(y)), classes)
  const next = tf.cast(tf.equal(columns(y, 0, length - 1), columns(y, 1, length - 1)), 'float32')
  const count = tf.sub(length, tf.sum(labelPads, 1, true))
  return {
    blanks: framesOf(tf.slice(log, [0, 0, blankId], [batch, frames, 1])),
    emits: framesOf(tf.matMul(log, right, false, true)),
    pads: framesOf(tf.expandDims(framePads, -1)),
    repeats:
      length === 1
        ? tf.zeros([batch, 1])
        : tf.pad(next, [
            [0, 0],
            [0, 1],
          ]),
    ends: tf.cast(tf.equal(count, tf.range(0, length + 1)), 'float32'),
  }
}

/** The forward recursion over the frames. */
const forward = (
  { blanks, emits, pads, repeats, ends }: Sequences,
  logEpsilon: number,
): {
  readonly loss: tf.Tensor
  readonly phis: readonly tf.Tensor[]
  readonly emitted: readonly tf.Tensor[]
} => {
  const [batch, length] = repeats.shape as [number, number] // of rank 2
  const never = tf.mul(tf.sub(1, repeats), logEpsilon)
  const unlessRepeated = tf.mul(repeats, logEpsilon)
  let emit = tf.fill([batch, length], logEpsilon)
  let phi = tf.concat([tf.zeros([batch, 1]), tf.fill([batch, length], logEpsilon)], 1)
  const phis: tf.Tensor[] = []
  const emitted: tf.Tensor[] = []
  for (const [t, pad] of pads.entries()) {
    const [blank, label] = [blanks[t], emits[t]] as [tf.Tensor, tf.Tensor] // as many as pads
    // from a label straight to the next, unless they are the same
    const passed = addedAfterFirst(phi, tf.add(emit, unlessRepeated))
    const nextEmit = either(tf.add(columns(passed, 0, length), label), tf.add(emit, label))
    // between two equal labels there must be a blank
    const nextPhi = addedAfterFirst(tf.add(passed, blank), tf.add(tf.add(emit, blank), never))
    phi = kept(pad, phi, nextPhi)
    emit = kept(pad, emit, nextEmit)
    phis.push(phi)
    emitted.push(emit)
  }
  const last = addedAfterFirst(phi, emit)
  const loss = tf.neg(tf.sum(tf.mul(last, ends), 1))
  return { loss, phis: [...phis.slice(0, -1), last], emitted }
}

const settings = (name: string, given: CtcLossOptions | undefined): Required<CtcLossOptions> => {
  const chosen = options(name, { blankId: 0, logEpsilon: -1e5 }, given)
  checkRange(`${name}.logEpsilon`, 'less than 0', chosen.logEpsilon)
  return chosen
}

/**
 * The loss of connectionist temporal classification, for a sequence of labels when nobody knows at which frame each
 * comes: $-\log$ of the probability that a path through the frames reads as the labels, after repetitions are merged
 * and blanks removed.
 *
 * Logits `[batch, frames, classes]`; `logitPaddings` `[batch, frames]` are 1 in the frames after the end of an
 * example, and 0 before. Labels `[batch, labels]` are integers; `labelPaddings` have their shape. The result is
 * `[batch]`. A sequence that does not fit its frames costs about −`logEpsilon`.
 *
 * Throws `ShapeMismatch` for other shapes, no frame or no room for a label, `DtypeMismatch` for labels that are not
 * integers, and `InvalidArgument` for an option out of its range. Outside the padding, a label that is not a class
 * makes NaN.
 *
 * @category Losses
 * @see Graves et al., Connectionist Temporal Classification, 2006; Optax, `ctc_loss`
 * @example
 * ```ts
 * import { losses } from 'gradpipe/tfjs'
 *
 * // two frames, two classes: the label 1 alone is read from "1 1", "0 1" and "1 0"
 * const loss = losses.ctcLoss([[[0, 0], [0, 0]]], [[0, 0]], [[1]], [[0]])
 * assert.deepEqual(Array.from(loss.dataSync(), (x) => Math.exp(-x).toFixed(3)), ['0.750'])
 * loss.dispose()
 * ```
 */
export const ctcLoss = (
  logits: Operand,
  logitPaddings: Operand,
  labels: Operand,
  labelPaddings: Operand,
  given?: CtcLossOptions,
): tf.Tensor => {
  const { blankId, logEpsilon } = settings('ctcLoss', given)
  return tf.tidy(() => {
    const sequences = sequencesOf('ctcLoss', [logits, logitPaddings, labels, labelPaddings], blankId)
    return forward(sequences, logEpsilon).loss
  })
}

/**
 * The {@link ctcLoss}, with the logarithms of the forward probabilities that it computes on the way. Throws like
 * that.
 *
 * @category Losses
 * @see Graves et al., Connectionist Temporal Classification, 2006; Optax, `ctc_loss_with_forward_probs`
 * @example
 * ```ts
 * import { dispose } from 'gradpipe'
 * import { losses } from 'gradpipe/tfjs'
 *
 * const result = losses.ctcLossWithForwardProbs([[[0, 0], [0, 0]]], [[0, 0]], [[1]], [[0]])
 * assert.deepEqual(result.map(({ shape }) => shape), [[1], [2, 1, 2], [2, 1, 1]])
 * dispose(result)
 * ```
 */
export const ctcLossWithForwardProbs = (
  logits: Operand,
  logitPaddings: Operand,
  labels: Operand,
  labelPaddings: Operand,
  given?: CtcLossOptions,
): CtcForwardProbs => {
  const name = 'ctcLossWithForwardProbs'
  const { blankId, logEpsilon } = settings(name, given)
  const [loss, phi, emit] = tf.tidy(() => {
    const sequences = sequencesOf(name, [logits, logitPaddings, labels, labelPaddings], blankId)
    const { loss, phis, emitted } = forward(sequences, logEpsilon)
    return [loss, tf.stack([...phis]), tf.stack([...emitted])]
  }) as [tf.Tensor, tf.Tensor, tf.Tensor] // the three of the line above
  return [loss, phi, emit]
}
