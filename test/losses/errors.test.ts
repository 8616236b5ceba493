/** What the losses refuse, by which error and where; a refusal leaves no tensor behind. */
import '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, expect, test } from 'vitest'
import type { ErrorTag } from '../../src/index.js'
import { losses } from '../../src/tfjs/index.js'
import { tensorsLeft, useBackend } from '../backends.js'
import { thrown } from '../thrown.js'

beforeAll(() => useBackend('cpu'))

const two = [
  [1, 2],
  [3, 4],
]
const three = [[1, 2, 3]]
const cube = [two]

/** Options as plain JavaScript may give them. */
const wrong = (given: object): never => given as never

type Refusal = readonly [path: string, tag: ErrorTag, call: () => unknown]

const refusals: readonly Refusal[] = [
  ['squaredError.targets', 'ShapeMismatch', () => losses.squaredError([1, 2], [1])],
  ['squaredError.predictions', 'InvalidArgument', () => losses.squaredError([[1], [2, 3]])],
  ['squaredError.predictions', 'InvalidArgument', () => losses.squaredError([two, [[[1]], [[2]]]] as never)],
  ['l2Loss.targets', 'ShapeMismatch', () => losses.l2Loss(two, [1, 2])],
  ['l2Loss.predictions', 'DtypeMismatch', () => losses.l2Loss(['a'])],
  ['huberLoss.targets', 'ShapeMismatch', () => losses.huberLoss([1, 2], [1, 2, 3])],
  ['huberLoss.delta', 'InvalidArgument', () => losses.huberLoss([1], [1], { delta: -1 })],
  ['huberLoss.Delta', 'InvalidArgument', () => losses.huberLoss([1], [1], wrong({ Delta: 1 }))],
  ['logCosh.targets', 'DtypeMismatch', () => losses.logCosh([1], ['a'])],
  ['cosineSimilarity.targets', 'ShapeMismatch', () => losses.cosineSimilarity(two, three)],
  ['cosineSimilarity.axis', 'InvalidArgument', () => losses.cosineSimilarity(two, two, { axis: 2 })],
  ['cosineSimilarity.epsilon', 'InvalidArgument', () => losses.cosineSimilarity(two, two, { epsilon: -1 })],
  ['cosineDistance.where', 'ShapeMismatch', () => losses.cosineDistance(two, two, { where: three })],
  ['sigmoidBinaryCrossEntropy.labels', 'ShapeMismatch', () => losses.sigmoidBinaryCrossEntropy(two, three)],
  ['sigmoidFocalLoss.alpha', 'InvalidArgument', () => losses.sigmoidFocalLoss([1], [1], { alpha: 2 })],
  ['sigmoidFocalLoss.gamma', 'InvalidArgument', () => losses.sigmoidFocalLoss([1], [1], { gamma: -1 })],
  ['hingeLoss.targets', 'ShapeMismatch', () => losses.hingeLoss([1, 2], [1, 2, 3])],
  ['perceptronLoss.targets', 'ShapeMismatch', () => losses.perceptronLoss([1, 2], [1])],
  ['sparsemaxLoss.labels', 'ShapeMismatch', () => losses.sparsemaxLoss([1, 2], [1, 2, 3])],
  ['softmaxCrossEntropy.labels', 'ShapeMismatch', () => losses.softmaxCrossEntropy(two, three)],
  ['softmaxCrossEntropy.logits', 'ShapeMismatch', () => losses.softmaxCrossEntropy(1, 1)],
  ['softmaxCrossEntropy.axis', 'InvalidArgument', () => losses.softmaxCrossEntropy(two, two, { axis: 0.5 })],
  [
    'softmaxCrossEntropy.axis',
    'InvalidArgument',
    () => losses.softmaxCrossEntropy(two, two, { axis: [1, -1] }),
  ],
  ['softmaxCrossEntropy.where', 'ShapeMismatch', () => losses.softmaxCrossEntropy(two, two, { where: cube })],
  [
    'softmaxCrossEntropy.Axis',
    'InvalidArgument',
    () => losses.softmaxCrossEntropy(two, two, wrong({ Axis: 0 })),
  ],
  ['softmaxCrossEntropy', 'InvalidArgument', () => losses.softmaxCrossEntropy(two, two, wrong([0]))],
  ['safeSoftmaxCrossEntropy.labels', 'ShapeMismatch', () => losses.safeSoftmaxCrossEntropy(two, three)],
  [
    'polyLossCrossEntropy.epsilon',
    'InvalidArgument',
    () => losses.polyLossCrossEntropy(two, two, { epsilon: Number.NaN }),
  ],
  [
    'softmaxCrossEntropyWithIntegerLabels.labels',
    'ShapeMismatch',
    () => losses.softmaxCrossEntropyWithIntegerLabels(two, [0]),
  ],
  [
    'softmaxCrossEntropyWithIntegerLabels.labels',
    'InvalidArgument',
    () => losses.softmaxCrossEntropyWithIntegerLabels(two, [0, 2]),
  ],
  [
    'softmaxCrossEntropyWithIntegerLabels.labels',
    'InvalidArgument',
    () => losses.softmaxCrossEntropyWithIntegerLabels(two, [0, 0.5]),
  ],
  [
    'softmaxCrossEntropyWithIntegerLabels.axis',
    'InvalidArgument',
    () => losses.softmaxCrossEntropyWithIntegerLabels(two, [0, 1], { axis: null }),
  ],
  ['klDivergence.targets', 'ShapeMismatch', () => losses.klDivergence(two, three)],
  [
    'klDivergenceWithLogTargets.logTargets',
    'ShapeMismatch',
    () => losses.klDivergenceWithLogTargets(two, three),
  ],
  [
    'generalizedKlDivergence.axis',
    'InvalidArgument',
    () => losses.generalizedKlDivergence(two, two, { axis: -3 }),
  ],
  ['convexKlDivergence.axis', 'InvalidArgument', () => losses.convexKlDivergence(two, two, { axis: -3 })],
  ['multiclassHingeLoss.labels', 'ShapeMismatch', () => losses.multiclassHingeLoss(two, 0)],
  ['multiclassPerceptronLoss.scores', 'ShapeMismatch', () => losses.multiclassPerceptronLoss(1, 0)],
  ['multiclassSparsemaxLoss.labels', 'InvalidArgument', () => losses.multiclassSparsemaxLoss(two, [0, -1])],
  ['rankingSoftmaxLoss.labels', 'ShapeMismatch', () => losses.rankingSoftmaxLoss(two, [1, 2])],
  [
    'rankingSoftmaxLoss.weights',
    'ShapeMismatch',
    () => losses.rankingSoftmaxLoss(two, two, { weights: three }),
  ],
  [
    'rankingSoftmaxLoss.weights',
    'ShapeMismatch',
    () => losses.rankingSoftmaxLoss(two, two, { weights: cube }),
  ],
  [
    'rankingSoftmaxLoss.reduceFn',
    'InvalidArgument',
    () => losses.rankingSoftmaxLoss(two, two, wrong({ reduceFn: 'max' })),
  ],
  ['makeFenchelYoungLoss.maxFun', 'InvalidArgument', () => losses.makeFenchelYoungLoss(wrong({}))],
  [
    'makeFenchelYoungLoss.maxFun',
    'ShapeMismatch',
    () => losses.makeFenchelYoungLoss((x) => tf.max(x))(two, two),
  ],
  [
    'makeFenchelYoungLoss.targets',
    'ShapeMismatch',
    () => losses.makeFenchelYoungLoss((x) => tf.max(x, -1))(two, three),
  ],
  ['ntxent.embeddings', 'ShapeMismatch', () => losses.ntxent([1, 2], [0, 0])],
  ['ntxent.labels', 'ShapeMismatch', () => losses.ntxent(two, [0])],
  ['ntxent.temperature', 'InvalidArgument', () => losses.ntxent(two, [0, 0], { temperature: 0 })],
  ['tripletMarginLoss.negatives', 'ShapeMismatch', () => losses.tripletMarginLoss(two, two, three)],
  ['tripletMarginLoss.axis', 'InvalidArgument', () => losses.tripletMarginLoss(two, two, two, { axis: 2 })],
  [
    'tripletMarginLoss.normDegree',
    'InvalidArgument',
    () => losses.tripletMarginLoss(two, two, two, { normDegree: 0 }),
  ],
  ['tripletMarginLoss.eps', 'InvalidArgument', () => losses.tripletMarginLoss(two, two, two, { eps: -1 })],
  ['diceLoss.targets', 'ShapeMismatch', () => losses.diceLoss(cube, three)],
  ['diceLoss.reduction', 'InvalidArgument', () => losses.diceLoss(cube, cube, wrong({ reduction: 'max' }))],
  ['diceLoss.classWeights', 'ShapeMismatch', () => losses.diceLoss(cube, cube, { classWeights: [1] })],
  ['diceLoss.alpha', 'InvalidArgument', () => losses.diceLoss(cube, cube, { alpha: -1 })],
  ['diceLoss.beta', 'InvalidArgument', () => losses.diceLoss(cube, cube, { beta: -1 })],
  ['diceLoss.axis', 'InvalidArgument', () => losses.diceLoss(cube, cube, { axis: 3 })],
  [
    'multiclassGeneralizedDiceLoss.targets',
    'ShapeMismatch',
    () => losses.multiclassGeneralizedDiceLoss(cube, two),
  ],
  ['binaryDiceLoss.smooth', 'InvalidArgument', () => losses.binaryDiceLoss(two, two, { smooth: -1 })],
  ['binaryDiceLoss.targets', 'ShapeMismatch', () => losses.binaryDiceLoss(two, three)],
  ['smoothLabels.alpha', 'InvalidArgument', () => losses.smoothLabels([1, 0], 2)],
  ['smoothLabels.axis', 'InvalidArgument', () => losses.smoothLabels([1, 0], 0.5, { axis: 1 })],
  ['ctcLoss.logits', 'ShapeMismatch', () => losses.ctcLoss(two, two, two, two)],
  [
    'ctcLoss.logits',
    'ShapeMismatch',
    () => losses.ctcLoss(tf.zeros([1, 0, 2]), tf.zeros([1, 0]), [[1]], [[0]]),
  ],
  ['ctcLoss.logitPaddings', 'ShapeMismatch', () => losses.ctcLoss(cube, [[0]], [[1]], [[0]])],
  ['ctcLoss.labels', 'ShapeMismatch', () => losses.ctcLoss(cube, [[0, 0]], [1], [0])],
  ['ctcLoss.labels', 'ShapeMismatch', () => losses.ctcLoss(cube, [[0, 0]], [[1], [1]], [[0], [0]])],
  [
    'ctcLoss.labels',
    'ShapeMismatch',
    () => losses.ctcLoss(cube, [[0, 0]], tf.zeros([1, 0], 'int32'), tf.zeros([1, 0])),
  ],
  ['ctcLoss.labelPaddings', 'ShapeMismatch', () => losses.ctcLoss(cube, [[0, 0]], [[1]], [[0, 0]])],
  ['ctcLoss.blankId', 'InvalidArgument', () => losses.ctcLoss(cube, [[0, 0]], [[1]], [[0]], { blankId: 2 })],
  [
    'ctcLoss.logEpsilon',
    'InvalidArgument',
    () => losses.ctcLoss(cube, [[0, 0]], [[1]], [[0]], { logEpsilon: 0 }),
  ],
  [
    'ctcLossWithForwardProbs.blankId',
    'InvalidArgument',
    () => losses.ctcLossWithForwardProbs(cube, [[0, 0]], [[1]], [[0]], { blankId: 0.5 }),
  ],
]

test.each(refusals)('%s: a %s is refused, and leaves nothing behind', (path, tag, call) => {
  const left = tensorsLeft(() =>
    tf.tidy(() => {
      const error = thrown(call)
      expect([error.path, error._tag]).toEqual([path, tag])
    }),
  )
  expect(left).toBe(0)
})

test('every loss refuses something', () => {
  const names = new Set(refusals.map(([path]) => path.split('.')[0]))
  expect(Object.keys(losses).filter((name) => !names.has(name))).toEqual([])
})

test('a tensor of integers has no gradient, and is refused where Optax refuses it', () => {
  const given = tf.tensor1d([1, 2], 'int32')
  const halves = tf.tensor1d([0.5, 1])
  expect(thrown(() => losses.squaredError(given))._tag).toBe('DtypeMismatch')
  expect(thrown(() => losses.smoothLabels(given, 0.5))._tag).toBe('DtypeMismatch')
  expect(thrown(() => losses.multiclassHingeLoss(two, halves))._tag).toBe('DtypeMismatch')
  tf.dispose([given, halves])
})

test('a tensor that was disposed is refused', () => {
  const given = tf.tensor1d([1, 2])
  given.dispose()
  expect(thrown(() => losses.l2Loss(given))._tag).toBe('Disposed')
})
