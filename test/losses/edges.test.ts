/** What the losses make of infinities, zeros, ties, and masks that leave nothing: numbers, and finite gradients. */
import '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { tidily } from '../../laws/tensor.js'
import { losses, valueAndGrad } from '../../src/tfjs/index.js'
import { backends, numbers, tensorsLeft, useBackend } from '../backends.js'

type Loss = (x: tf.Tensor) => tf.Tensor

/** The value and the gradient of the sum, at a place. */
const at = (x: tf.TensorLike, loss: Loss): readonly [value: readonly number[], gradient: readonly number[]] =>
  tidily(() => {
    const place = tf.tensor(x, undefined, 'float32')
    return [numbers(loss(place)), numbers(tf.grad((z) => tf.sum(loss(z)))(place))]
  })

const close = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual.length).toBe(expected.length)
  for (const [i, x] of expected.entries()) expect(actual[i]).toBeCloseTo(x, 5)
}

describe.each(backends)('on %s', (backend) => {
  beforeAll(() => useBackend(backend))

  test('an impossible class with the label 0 adds nothing to a cross-entropy', () => {
    for (const loss of [losses.softmaxCrossEntropy, losses.safeSoftmaxCrossEntropy]) {
      const [value, gradient] = at([0, 0, Number.NEGATIVE_INFINITY], (x) => loss(x, [1, 0, 0]))
      close(value, [Math.LN2])
      close(gradient, [-0.5, 0.5, 0])
    }
    const [value, gradient] = at([0, 0, Number.NEGATIVE_INFINITY], (x) =>
      losses.softmaxCrossEntropyWithIntegerLabels(x, 1),
    )
    close(value, [Math.LN2])
    close(gradient, [0.5, -0.5, 0])
  })

  test('logits of a thousand make no infinity', () => {
    const [value, gradient] = at([1000, 0, -1000], (x) => losses.softmaxCrossEntropy(x, [0, 0, 1]))
    expect([value, gradient]).toEqual([[2000], [1, 0, -1]])
  })

  test('where no class takes part the loss and its gradient are zero', () => {
    const where = [
      [false, false],
      [true, true],
    ]
    const x = [
      [5, 7],
      [0, 0],
    ]
    const kinds: readonly Loss[] = [
      (z) =>
        losses.softmaxCrossEntropy(
          z,
          [
            [1, 0],
            [1, 0],
          ],
          { where },
        ),
      (z) => losses.softmaxCrossEntropyWithIntegerLabels(z, [0, 0], { where }),
      (z) =>
        losses.rankingSoftmaxLoss(
          z,
          [
            [1, 0],
            [1, 0],
          ],
          { where, reduceFn: null },
        ),
    ]
    for (const loss of kinds) {
      const [value, gradient] = at(x, loss)
      close(value, [0, Math.LN2])
      close(gradient, [0, 0, -0.5, 0.5])
    }
    const poly = at(x, (z) =>
      losses.polyLossCrossEntropy(
        z,
        [
          [1, 0],
          [1, 0],
        ],
        { where, epsilon: 1 },
      ),
    )
    close(poly[0], [0, Math.LN2 + 0.5])
  })

  test('a ranking of no lists at all has the mean 0', () => {
    const [value, gradient] = at([[1, 2]], (x) =>
      losses.rankingSoftmaxLoss(x, [[1, 0]], { where: [[false, false]] }),
    )
    expect([value, gradient.map(Math.abs)]).toEqual([[0], [0, 0]])
  })

  test('a ranking is reduced by a function of the caller', () => {
    tidily(() => {
      const greatest: losses.ReduceFunction = (lists, where) => {
        expect(where && numbers(where)).toEqual([1, 0])
        return tf.max(lists)
      }
      const where = [
        [true, true],
        [false, false],
      ]
      const loss = losses.rankingSoftmaxLoss(
        [
          [0, 0],
          [1, 2],
        ],
        [
          [1, 0],
          [1, 0],
        ],
        { where, reduceFn: greatest },
      )
      close(numbers(loss), [Math.LN2])
    })
  })

  test('sure and right answers cost nothing, sure and wrong ones their logit', () => {
    const x = [Number.POSITIVE_INFINITY, 300, -300, Number.NEGATIVE_INFINITY]
    const [value, gradient] = at(x, (z) => losses.sigmoidBinaryCrossEntropy(z, [1, 0, 1, 0]))
    expect(value.map(Math.abs)).toEqual([0, 300, 300, 0])
    expect(gradient.map((g) => g + 0)).toEqual([0, 1, -1, 0])
    const focal = at([200, -200], (z) => losses.sigmoidFocalLoss(z, [1, 1], { gamma: 0.5 }))
    expect(focal[0].map(Math.abs)).toEqual([0, 200])
    close(focal[1], [0, -1])
  })

  test('a vector of zeros is similar to nothing, and has no gradient', () => {
    const [value, gradient] = at(
      [
        [0, 0],
        [3, 4],
      ],
      (x) =>
        losses.cosineSimilarity(x, [
          [1, 0],
          [1, 0],
        ]),
    )
    close(value, [0, 0.6])
    close(gradient, [0, 0, 0.128, -0.096])
    expect(at([[0, 0]], (x) => losses.cosineDistance([[1, 0]], x))).toEqual([[1], [0, 0]])
  })

  test('a target of zero adds nothing to a divergence, whatever is predicted', () => {
    const [value, gradient] = at([0, Number.NEGATIVE_INFINITY], (x) => losses.klDivergence(x, [1, 0]))
    expect([value.map(Math.abs), gradient.map((g) => g + 0)]).toEqual([[0], [-1, 0]])
    const logs = at([0, Number.NEGATIVE_INFINITY], (x) =>
      losses.klDivergenceWithLogTargets(x, [0, Number.NEGATIVE_INFINITY]),
    )
    expect([logs[0].map(Math.abs), logs[1].map((g) => g + 0)]).toEqual([[0], [-1, 0]])
    // in the targets
    close(at([1, 0], (y) => losses.klDivergence([0, -2], y))[1], [1, 2])
    expect(
      at([0, Number.NEGATIVE_INFINITY], (y) => losses.klDivergenceWithLogTargets([-1, -1], y))[1],
    ).toEqual([2, 0])
  })

  test('at a kink the gradient is that of the middle', () => {
    expect(at([1], (x) => losses.hingeLoss(x, [1]))).toEqual([[0], [-0.5]])
    expect(at([0], (x) => losses.perceptronLoss(x, [-1]))).toEqual([[0], [0.5]])
    expect(at([1, -1], (x) => losses.huberLoss(x))).toEqual([
      [0.5, 0.5],
      [1, -1],
    ])
  })

  test('equal leaders share the gradient', () => {
    expect(at([2, 2, 0], (x) => losses.multiclassPerceptronLoss(x, 2))).toEqual([[2], [0.5, 0.5, -1]])
    expect(at([1, 1, 2], (x) => losses.multiclassHingeLoss(x, 2))[1].reduce((a, b) => a + b)).toBeCloseTo(0)
  })

  test('an error of zero has no gradient in logCosh, nor do equal points in a distance of degree two', () => {
    close(at([0], (x) => losses.logCosh(x)).flat(), [0, 0])
    const [value, gradient] = at([[1, 2]], (x) => losses.tripletMarginLoss(x, [[1, 2]], [[1, 2]]))
    expect([value, gradient]).toEqual([[1], [0, 0]])
  })

  test('ntxent is 0 where no label comes twice, and where there are no rivals', () => {
    const x = [
      [1, 0],
      [0, 1],
    ]
    expect(at(x, (z) => losses.ntxent(z, [0, 1]))[0].map(Math.abs)).toEqual([0])
    const [value, gradient] = at(x, (z) => losses.ntxent(z, [0, 0]))
    expect([value.map(Math.abs), gradient.map(Math.abs)]).toEqual([[0], [0, 0, 0, 0]])
  })

  test('ntxent is finite at a temperature where the exponentials of all but the nearest pair vanish', () => {
    const [value, gradient] = at(
      [
        [1, 0],
        [1, 0.001],
        [-1, 0],
        [0, 1],
      ],
      (x) => losses.ntxent(x, [0, 0, 0, 1], { temperature: 0.001 }),
    )
    expect([...value, ...gradient].every(Number.isFinite)).toBe(true)
    expect(value[0]).toBeGreaterThan(0)
  })

  test('a label in a tensor that is no class makes NaN', () => {
    tidily(() => {
      const labels = tf.tensor1d([0, 2, -1], 'int32')
      const x = [
        [1, 2],
        [1, 2],
        [1, 2],
      ]
      for (const loss of [
        losses.softmaxCrossEntropyWithIntegerLabels,
        losses.multiclassHingeLoss,
        losses.multiclassPerceptronLoss,
        losses.multiclassSparsemaxLoss,
      ])
        expect(numbers(loss(x, labels)).map(Number.isNaN)).toEqual([false, true, true])
    })
  })

  test('labels have gradients too', () => {
    close(at([0, 1, 0.5], (y) => losses.sigmoidBinaryCrossEntropy([1, 1, 1], y))[1], [-1, -1, -1])
    close(at([0.25, 0.75], (y) => losses.softmaxCrossEntropy([0, 0], y))[1], [Math.LN2, Math.LN2])
    close(at([1, 0], (y) => losses.sparsemaxLoss([0.5, 0.5], y))[1], [0, 0])
    expect(at([0, 1, 0.5], (y) => losses.sigmoidFocalLoss([1, 1, 1], y))[1].every(Number.isFinite)).toBe(true)
  })

  test('smoothLabels of no class mixes nothing in', () => {
    const [value] = at([1, 0], (y) => losses.smoothLabels(y, 0.5, { where: [false, false] }))
    expect(value).toEqual([0.5, 0])
  })

  test('a class alone is not background, and classes without an axis of pixels are summed over none', () => {
    tidily(() => {
      const ignoring = losses.diceLoss([[[0]]], [[[1]]], { ignoreBackground: true, smooth: 0 })
      close(numbers(ignoring), [1 - 0.5 / 0.75])
      const weights = { applySoftmax: false, smooth: 0, classWeights: [0, 1], reduction: 'sum' } as const
      close(numbers(losses.diceLoss([[0.5, 0.5]], [[1, 0]], weights)), [1])
    })
  })

  test('what is given to a Fenchel–Young loss after the targets goes to its function', () => {
    tidily(() => {
      const scaled = losses.makeFenchelYoungLoss((x, k: number) => tf.mul(tf.max(x, -1), k))
      expect(numbers(scaled([3, 1], [1, 0], 2))).toEqual([3])
    })
  })

  test('a loss trains parameters by valueAndGrad, and leaves nothing behind', () => {
    const params = {
      w: tf.tensor2d([
        [0.5, -0.5],
        [0.25, 1],
      ]),
    }
    const left = tensorsLeft(() => {
      const { value, grads } = valueAndGrad((p: typeof params) =>
        tf.mean(losses.softmaxCrossEntropyWithIntegerLabels(tf.matMul([[1, 2]], p.w), [0])),
      )(params)
      expect(numbers(grads.w)[0]).toBeLessThan(0)
      tf.dispose([value, grads.w])
    })
    expect(left).toBe(0)
    params.w.dispose()
  })

  test('a loss with a gradient of its own can be differentiated twice', () => {
    const curvature = (x: tf.TensorLike, loss: Loss, along: readonly number[]): readonly number[] =>
      tidily(() => {
        const slope = tf.grad((z) => tf.sum(loss(z)))
        return numbers(tf.grad((z) => tf.sum(tf.mul(slope(z), along)))(tf.tensor(x)))
      })
    close(curvature([0, 0.5], losses.logCosh, [1, 1]), [1, 1 - Math.tanh(0.5) ** 2])
    close(
      curvature([0, 0], (x) => losses.softmaxCrossEntropy(x, [1, 0]), [1, 0]),
      [0.25, -0.25],
    )
    close(
      curvature([0], (x) => losses.sigmoidBinaryCrossEntropy(x, [1]), [1]),
      [0.25],
    )
    close(
      curvature([0, 3], (x) => losses.huberLoss(x), [1, 1]),
      [1, 0],
    )
    close(
      curvature([0, 3], (x) => losses.hingeLoss(x, [1, 1]), [1, 1]),
      [0, 0],
    )
    close(
      curvature([0, 3], (x) => losses.multiclassHingeLoss(x, 0), [1, 1]),
      [0, 0],
    )
    close(
      curvature([0, 0], (x) => losses.multiclassSparsemaxLoss(x, 0), [1, 0]),
      [0.5, -0.5],
    )
    const poly: Loss = (x) => losses.polyLossCrossEntropy(x, [1, 0], { epsilon: 4 })
    close(curvature([0, 0], poly, [1, 0]), [0.25, -0.25])
    const half = [Math.log(0.5), Math.log(0.5)]
    close(
      curvature(half, (x) => losses.generalizedKlDivergence(x, [1, 0]), [1, 0]),
      [0.5, 0],
    )
  })
})
