/** ctcLoss against the sum over all paths, counted one by one. */
import '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { tidily } from '../../laws/tensor.js'
import { losses } from '../../src/tfjs/index.js'
import { backends, numbers, tensorsLeft, useBackend } from '../backends.js'

/** All sequences of classes of one length. */
const paths = (classes: number, length: number): readonly (readonly number[])[] =>
  length === 0
    ? [[]]
    : paths(classes, length - 1).flatMap((path) => Array.from({ length: classes }, (_, k) => [...path, k]))

/** What a path reads as: repetitions drawn together, blanks left out. */
const read = (path: readonly number[], blank: number): readonly number[] =>
  path.filter((k, t) => k !== blank && k !== path[t - 1])

const softmax = (row: readonly number[]): readonly number[] => {
  const total = row.reduce((sum, x) => sum + Math.exp(x), 0)
  return row.map((x) => Math.exp(x) / total)
}

/** The probability of the labels in all frames, from all paths. */
const probability = (
  logits: readonly (readonly number[])[],
  labels: readonly number[],
  blank: number,
): number => {
  const frames = logits.map(softmax)
  return paths(frames[0]?.length ?? 0, frames.length)
    .filter((path) => read(path, blank).join() === labels.join())
    .reduce((sum, path) => sum + path.reduce((p, k, t) => p * (frames[t]?.[k] ?? 0), 1), 0)
}

const logit = fc.double({ min: -3, max: 3, noNaN: true })

/** Logits of frames, some at the end padding, and labels that fit in, some at the end padding. */
const drawn = fc
  .record({
    classes: fc.integer({ min: 2, max: 3 }),
    frames: fc.integer({ min: 1, max: 5 }),
    padded: fc.integer({ min: 0, max: 2 }),
    room: fc.integer({ min: 0, max: 2 }),
  })
  .chain(({ classes, frames, padded, room }) =>
    fc.record({
      blank: fc.integer({ min: 0, max: classes - 1 }),
      frames: fc.constant(frames),
      logits: fc.array(fc.array(logit, { minLength: classes, maxLength: classes }), {
        minLength: frames + padded,
        maxLength: frames + padded,
      }),
      labels: fc.array(fc.integer({ min: 0, max: classes - 1 }), { minLength: 0, maxLength: 3 }),
      room: fc.constant(room),
    }),
  )
  .map((given) => ({ ...given, labels: given.labels.filter((k) => k !== given.blank) }))
  .filter(({ labels, frames, room }) => {
    const repeats = labels.filter((k, i) => k === labels[i - 1]).length
    return labels.length + repeats <= frames && labels.length + room > 0
  })

describe.each(backends)('on %s, ctcLoss', (backend) => {
  beforeAll(() => useBackend(backend))

  test('is the logarithm of the sum over all paths that read as the labels', () => {
    fc.assert(
      fc.property(drawn, ({ blank, frames, logits, labels, room }) =>
        tidily(() => {
          const loss = losses.ctcLoss(
            [logits],
            [logits.map((_, t) => (t < frames ? 0 : 1))],
            [[...labels, ...Array.from({ length: room }, () => blank)]],
            [[...labels.map(() => 0), ...Array.from({ length: room }, () => 1)]],
            { blankId: blank },
          )
          const expected = -Math.log(probability(logits.slice(0, frames), labels, blank))
          return Math.abs((numbers(loss)[0] ?? Number.NaN) - expected) < 1e-5 * (1 + expected)
        }),
      ),
      { numRuns: 60 },
    )
  })

  test('has a gradient that adds up to zero in every frame, and is zero in the padding', () => {
    tidily(() => {
      const logits = tf.randomNormal([1, 5, 3], 0, 1, 'float32', 7)
      const gradient = tf.grad((x) => tf.sum(losses.ctcLoss(x, [[0, 0, 0, 0, 1]], [[1, 1, 0]], [[0, 0, 1]])))(
        logits,
      )
      expect(numbers(tf.sum(gradient, 2)).every((sum) => Math.abs(sum) < 1e-6)).toBe(true)
      expect(numbers(tf.slice(gradient, [0, 4, 0], [1, 1, 3]))).toEqual([0, 0, 0])
    })
  })

  test('costs as much as the logarithm of zero counts where the labels do not fit the frames', () => {
    tidily(() => {
      const [loss] = numbers(losses.ctcLoss([[[0, 0, 0]]], [[0]], [[1, 2]], [[0, 0]]))
      expect(loss).toBeGreaterThan(9e4)
    })
  })

  test('does not look at the labels in the padding, but is NaN for another label that is no class', () => {
    tidily(() => {
      const logits = [
        [
          [0.5, 1],
          [2, 0.25],
        ],
      ]
      const call = (label: number, pad: number): readonly number[] =>
        numbers(losses.ctcLoss(logits, [[0, 0]], tf.tensor2d([[1, label]], undefined, 'int32'), [[0, pad]]))
      expect(call(-1, 1)).toEqual(call(0, 1))
      expect(call(99, 1)).toEqual(call(0, 1))
      expect(call(99, 0)).toEqual([Number.NaN])
    })
  })

  test('gives its result alone, and ctcLossWithForwardProbs three', () => {
    const given = [[[[0, 0]]], [[0]], [[1]], [[0]]] as const
    const [a, b, c, d] = given
    expect(tensorsLeft(() => losses.ctcLoss(a, b, c, d).dispose())).toBe(0)
    expect(tensorsLeft(() => tf.dispose([...losses.ctcLossWithForwardProbs(a, b, c, d)]))).toBe(0)
  })
})
