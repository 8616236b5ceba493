/** Losses that cannot be negative are not, of any numbers in float32, and their gradients are finite. */
import '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { tidily } from '../../laws/tensor.js'
import { losses } from '../../src/tfjs/index.js'
import { backends, numbers, useBackend } from '../backends.js'

// what is drawn

const rows = 2
const columns = 3

const shares = [0, 1, 0.5, 1 / 3, 0.1, 1e-3, 2 ** -24, 1 - 2 ** -24, 1e-20].map(Math.fround)
const sizes = [0, 1e-12, 6e-8, 1e-4, 0.5, 1, 2, 8.3, 15.9, 17, 88, 104, 1e4, 1e12].map(Math.fround)

const size = fc.oneof(
  fc.constantFrom(...sizes),
  fc.float({ min: 0, max: 32, noNaN: true }),
  fc.float({ min: 0, max: Math.fround(1e12), noNaN: true }),
)
const signed = fc.tuple(size, fc.constantFrom(1, -1)).map(([x, sign]) => sign * x)
const share = fc.oneof(fc.constantFrom(...shares), fc.float({ min: 0, max: 1, noNaN: true }))

const matrixOf = (element: fc.Arbitrary<number>): fc.Arbitrary<number[][]> =>
  fc.array(fc.array(element, { minLength: columns, maxLength: columns }), {
    minLength: rows,
    maxLength: rows,
  })
const perRow = (element: fc.Arbitrary<number>): fc.Arbitrary<number[]> =>
  fc.array(element, { minLength: rows, maxLength: rows })

const scores = matrixOf(signed)
const probabilities = matrixOf(share)
const bits = matrixOf(fc.constantFrom(0, 1))
const signs = matrixOf(fc.constantFrom(-1, 1))
const classes = perRow(fc.integer({ min: 0, max: columns - 1 }))

/** Vectors whose squares neither overflow nor vanish. */
const directions = matrixOf(signed.map((x) => (Math.abs(x) < 1e-12 ? 0 : x)))

/** Two that are parallel, up to rounding: where a cosine is 1. */
const parallel = fc
  .tuple(directions, fc.constantFrom(1, 0.1, 1 / 3, 7))
  .map(([x, by]) => [x, x.map((row) => row.map((a) => Math.fround(a * by)))] as const)

/** Logarithms of a prediction, and a target that is nearly the same. */
const nearlyTargets = fc
  .tuple(matrixOf(fc.float({ min: -40, max: 3, noNaN: true })), fc.constantFrom(0, 1e-7, -1e-7, 1e-3))
  .map(([x, by]) => [x, x.map((row) => row.map((a) => Math.fround(Math.exp(a) * (1 + by))))] as const)

// the losses

/** A loss of its first argument, with what it is tried on. */
interface Tried {
  readonly of: string
  readonly drawn: fc.Arbitrary<readonly [x: tf.TensorLike, loss: (x: tf.Tensor) => tf.Tensor]>
}

type Binary = (x: losses.Operand, y: losses.Operand) => tf.Tensor

const pairs = <X extends tf.TensorLike, Y extends losses.Operand>(
  of: string,
  loss: Binary,
  drawn: fc.Arbitrary<readonly [X, Y]>,
): Tried => ({ of, drawn: drawn.map(([x, y]) => [x, (z) => loss(z, y)]) })

const { diceLoss, makeFenchelYoungLoss, polyLossCrossEntropy, sigmoidFocalLoss } = losses

const tried: readonly Tried[] = [
  ...(['squaredError', 'l2Loss', 'huberLoss', 'logCosh'] as const).map((name) =>
    pairs(name, losses[name], fc.tuple(scores, scores)),
  ),
  pairs('huberLoss', (x, y) => losses.huberLoss(x, y, { delta: 1e-6 }), fc.tuple(scores, scores)),
  pairs('hingeLoss', losses.hingeLoss, fc.tuple(scores, signs)),
  pairs('perceptronLoss', losses.perceptronLoss, fc.tuple(scores, signs)),
  pairs('sparsemaxLoss', losses.sparsemaxLoss, fc.tuple(scores, bits)),
  pairs('sigmoidBinaryCrossEntropy', losses.sigmoidBinaryCrossEntropy, fc.tuple(scores, probabilities)),
  ...[0, 0.5, 2].map((gamma) =>
    pairs('sigmoidFocalLoss', (x, y) => sigmoidFocalLoss(x, y, { gamma }), fc.tuple(scores, probabilities)),
  ),
  {
    of: 'sigmoidFocalLoss',
    drawn: fc
      .tuple(scores, probabilities, share)
      .map(([x, y, alpha]) => [x, (z) => sigmoidFocalLoss(z, y, { alpha })]),
  },
  ...(['softmaxCrossEntropy', 'safeSoftmaxCrossEntropy', 'rankingSoftmaxLoss'] as const).map((name) =>
    pairs(name, (x, y) => losses[name](x, y), fc.tuple(scores, probabilities)),
  ),
  ...[-1, -0.5, 0, 2].map((epsilon) =>
    pairs(
      'polyLossCrossEntropy',
      (x, y) => polyLossCrossEntropy(x, y, { epsilon }),
      fc.tuple(scores, probabilities),
    ),
  ),
  ...(
    [
      'softmaxCrossEntropyWithIntegerLabels',
      'multiclassHingeLoss',
      'multiclassPerceptronLoss',
      'multiclassSparsemaxLoss',
    ] as const
  ).map((name) => pairs(name, losses[name], fc.tuple(scores, classes))),
  ...(['generalizedKlDivergence', 'convexKlDivergence'] as const).flatMap((name) => [
    pairs(name, losses[name], nearlyTargets),
    pairs(name, losses[name], fc.tuple(matrixOf(signed.map((x) => Math.min(x, 88))), probabilities)),
  ]),
  pairs('cosineDistance', losses.cosineDistance, parallel),
  pairs('cosineDistance', losses.cosineDistance, fc.tuple(directions, directions)),
  pairs(
    'tripletMarginLoss',
    (x, y) => losses.tripletMarginLoss(x, y, [[1, -2, 0.5]]),
    fc.tuple(scores, scores),
  ),
  pairs('ntxent', losses.ntxent, fc.tuple(scores, classes)),
  ...[
    { applySoftmax: true },
    { applySoftmax: false },
    { applySoftmax: false, smooth: 1e-6, alpha: 0, beta: 1 },
    { applySoftmax: false, smooth: 1e6, alpha: 0.3, beta: 0.7 },
  ].map((options) =>
    pairs(
      'diceLoss',
      (x, y) => diceLoss(x, y, options),
      fc.tuple(options.applySoftmax ? scores : probabilities, probabilities),
    ),
  ),
  pairs('multiclassGeneralizedDiceLoss', losses.multiclassGeneralizedDiceLoss, fc.tuple(scores, bits)),
  pairs('binaryDiceLoss', losses.binaryDiceLoss, fc.tuple(scores, probabilities)),
  ...(['ctcLoss', 'ctcLossWithForwardProbs'] as const).map((of) => ({
    of,
    drawn: fc
      .tuple(
        fc.array(scores, { minLength: 2, maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: columns - 1 }), { minLength: 1, maxLength: 2 }),
      )
      .map(([x, labels]) => {
        // one example for each column of frames
        const given = [x.map(() => 0), x.map(() => 0)] as const
        const all = [labels, labels]
        const pads = all.map((row) => row.map(() => 0))
        const loss = (z: tf.Tensor): tf.Tensor => {
          const logits = tf.transpose(z, [1, 0, 2])
          return of === 'ctcLoss'
            ? losses.ctcLoss(logits, given, all, pads)
            : losses.ctcLossWithForwardProbs(logits, given, all, pads)[0]
        }
        return [x, loss] as const
      }),
  })),
]

/** Those that may be negative, and why. */
const maybe: Readonly<Record<string, string>> = {
  cosineSimilarity: 'an angle of more than a right one',
  klDivergence: 'of what is no distribution, or a part of one',
  klDivergenceWithLogTargets: 'of what is no distribution, or a part of one',
  makeFenchelYoungLoss: 'it is as the function that it is made of',
  smoothLabels: 'no loss',
}

test('every loss is tried, or known to be negative at times', () => {
  const known = [...tried.map(({ of }) => of), ...Object.keys(maybe)]
  expect(new Set(known)).toEqual(new Set(Object.keys(losses)))
})

test('those that may be negative are', async () => {
  await useBackend('cpu')
  const values = tidily(() => [
    losses.cosineSimilarity([1], [-1]).dataSync()[0],
    losses.klDivergence([0], [0.5]).dataSync()[0],
    losses.klDivergenceWithLogTargets([0], [-1]).dataSync()[0],
    makeFenchelYoungLoss((x) => tf.min(x, -1))([0, 1], [0, 1]).dataSync()[0],
  ])
  for (const value of values) expect(value).toBeLessThan(0)
})

describe.each(backends)('on %s', (backend) => {
  beforeAll(() => useBackend(backend))

  /** The value and the gradient of a loss at a place. */
  const at = (x: tf.TensorLike, loss: (x: tf.Tensor) => tf.Tensor) =>
    tidily(() => {
      const place = tf.tensor(x, undefined, 'float32')
      return [numbers(loss(place)), numbers(tf.grad((z) => tf.sum(loss(z)))(place))] as const
    })

  test('a certain reading costs nothing: exactly 1.7e-15, of which float32 has no digits beside 1', () => {
    const logits = [
      [
        [0, 17],
        [0, 17],
      ],
    ]
    const [[value = Number.NaN], gradient] = at(logits, (x) => losses.ctcLoss(x, [[0, 0]], [[1]], [[0]]))
    expect(Math.abs(value)).toBe(0)
    for (const slope of gradient) expect(Math.abs(slope)).toBeLessThan(1e-6)
    const [, phi, emit] = losses.ctcLossWithForwardProbs(logits, [[0, 0]], [[1]], [[0]])
    for (const log of [...numbers(phi), ...numbers(emit)]) expect(log).toBeLessThanOrEqual(0)
    tf.dispose([phi, emit])
  })

  test('a single frame has a gradient: the softmax less the label', () => {
    const [[value = Number.NaN], gradient] = at([[[0, Math.log(3)]]], (x) =>
      losses.ctcLoss(x, [[0]], [[1]], [[0]]),
    )
    expect(value).toBeCloseTo(Math.log(4 / 3), 6)
    expect(gradient[0]).toBeCloseTo(0.25, 6)
    expect(gradient[1]).toBeCloseTo(-0.25, 6)
  })

  test('a class that hardly leads costs what it should: ε²/4, of which nothing cancels', () => {
    for (const epsilon of [2 ** -6, 2 ** -10, 2 ** -20]) {
      const [[value = Number.NaN], gradient] = at([[0, epsilon - 1]], (x) =>
        losses.multiclassSparsemaxLoss(x, [0]),
      )
      expect(value / (epsilon ** 2 / 4)).toBeCloseTo(1, 5)
      expect(gradient).toEqual([-epsilon / 2, epsilon / 2])
    }
  })

  test('a segmentation that is nearly right costs what it should', () => {
    // 1 − (1 + 1 − ε)/(2 − ε/2), by the part that is missed
    const missing = 2 ** -20
    const [[value = Number.NaN]] = at([[[1 - missing]]], (x) =>
      losses.diceLoss(x, [[[1]]], { applySoftmax: false }),
    )
    expect(value / (missing / 2 / (2 - missing / 2))).toBeCloseTo(1, 5)
  })

  test('a rounding that is held has the slope of what it rounds', () => {
    const x = [0.1, 0.7, -0.3]
    const [[distance = Number.NaN], turned] = at([x], (z) => losses.cosineDistance(z, [x.map((a) => a * 7)]))
    expect(distance).toBeGreaterThanOrEqual(0)
    expect(distance).toBeLessThan(1e-6)
    for (const slope of turned) expect(Math.abs(slope)).toBeLessThan(1e-6)
    // eˣ − y
    const logs = [-3, 0.5, 1]
    const [[divergence = Number.NaN], slopes] = at([logs], (z) =>
      losses.generalizedKlDivergence(z, [logs.map((a) => Math.exp(a) * (1 + 2 ** -20))]),
    )
    expect(divergence).toBeGreaterThanOrEqual(0)
    expect(divergence).toBeLessThan(1e-6)
    for (const [i, slope] of slopes.entries())
      expect(slope).toBeCloseTo(-Math.exp(logs[i] ?? Number.NaN) * 2 ** -20, 6)
  })

  test('what is no number stays none', () => {
    const nan = Number.NaN
    for (const loss of [
      (x: tf.Tensor) => losses.cosineDistance(x, [[1, 1]]),
      (x: tf.Tensor) => losses.generalizedKlDivergence(x, [[1, 1]]),
      (x: tf.Tensor) => losses.polyLossCrossEntropy(x, [[1, 1]], { epsilon: -1 }),
      (x: tf.Tensor) => losses.multiclassSparsemaxLoss(x, [0]),
      (x: tf.Tensor) => losses.ctcLoss(tf.expandDims(x, 0), [[0]], [[1]], [[0]]),
    ])
      expect(at([[nan, 1]], loss)[0]).toEqual([nan])
  })

  test.each(tried.map((each, i) => [`${i}: ${each.of}`, each] as const))(
    '%s is not negative, and its gradient is finite',
    (_, { drawn }) => {
      fc.assert(
        fc.property(drawn, ([x, loss]) => {
          const [value, gradient] = tidily(() => {
            const place = tf.tensor(x, undefined, 'float32')
            return [numbers(loss(place)), numbers(tf.grad((z) => tf.sum(loss(z)))(place))]
          })
          expect(value.filter((y) => !(y >= 0))).toEqual([])
          expect(gradient.filter((y) => !Number.isFinite(y))).toEqual([])
        }),
        { numRuns: 30, seed: 12 },
      )
    },
  )
})
