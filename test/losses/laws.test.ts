/** What holds of the losses for all inputs. */
import '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { beforeAll, describe, test } from 'vitest'
import { tidily } from '../../laws/tensor.js'
import { losses } from '../../src/tfjs/index.js'
import { numbers, useBackend } from '../backends.js'

beforeAll(() => useBackend('cpu'))

const rows = 3
const columns = 4
const runs = { numRuns: 40 }

const number = fc.double({ min: -8, max: 8, noNaN: true }).map(Math.fround)
const matrixOf = (element: fc.Arbitrary<number>): fc.Arbitrary<number[][]> =>
  fc.array(fc.array(element, { minLength: columns, maxLength: columns }), {
    minLength: rows,
    maxLength: rows,
  })
const matrix = matrixOf(number)
const labels = fc.array(fc.integer({ min: 0, max: columns - 1 }), { minLength: rows, maxLength: rows })
const signs = matrixOf(fc.constantFrom(-1, 1))
const bits = matrixOf(fc.constantFrom(0, 1))
const distributions = matrixOf(fc.integer({ min: 1, max: 9 })).map((m) =>
  m.map((row) => {
    const total = row.reduce((a, b) => a + b)
    return row.map((x) => x / total)
  }),
)

const largest = (xs: readonly number[]): number => xs.reduce((a, b) => Math.max(a, Math.abs(b)), 0)
const near = (a: readonly number[], b: readonly number[], tolerance: number): boolean =>
  a.length === b.length && a.every((x, i) => Math.abs(x - (b[i] ?? Number.NaN)) <= tolerance)

/** A law of what is drawn; all tensors are freed. */
const holds = <A>(drawn: fc.Arbitrary<A>, law: (given: A) => boolean): void =>
  fc.assert(
    fc.property(drawn, (given) => tidily(() => law(given))),
    runs,
  )

type Binary = (x: losses.Operand, y: losses.Operand) => tf.Tensor

describe('a softmax loss', () => {
  const against: readonly (readonly [string, Binary, fc.Arbitrary<number[] | number[][]>])[] = [
    ['softmaxCrossEntropy', losses.softmaxCrossEntropy, distributions],
    ['safeSoftmaxCrossEntropy', losses.safeSoftmaxCrossEntropy, distributions],
    ['polyLossCrossEntropy', losses.polyLossCrossEntropy, distributions],
    ['softmaxCrossEntropyWithIntegerLabels', losses.softmaxCrossEntropyWithIntegerLabels, labels],
    ['rankingSoftmaxLoss', losses.rankingSoftmaxLoss, distributions],
    ['multiclassHingeLoss', losses.multiclassHingeLoss, labels],
    ['multiclassPerceptronLoss', losses.multiclassPerceptronLoss, labels],
    ['multiclassSparsemaxLoss', losses.multiclassSparsemaxLoss, labels],
  ]

  test.each(against)('%s does not change when all logits of a row move alike', (_, loss, targets) => {
    holds(fc.tuple(matrix, targets, number), ([x, y, shift]) => {
      const moved = x.map((row) => row.map((a) => a + shift))
      return near(numbers(loss(x, y)), numbers(loss(moved, y)), 2e-5)
    })
  })

  test.each(against)('%s has gradients that add up to zero in every row', (_, loss, targets) => {
    holds(fc.tuple(matrix, targets), ([x, y]) => {
      const gradient = tf.grad((z) => tf.sum(loss(z, y)))(tf.tensor2d(x))
      return largest(numbers(tf.sum(gradient, 1))) < 2e-6
    })
  })

  test.each(against)('%s is not negative', (_, loss, targets) => {
    holds(fc.tuple(matrix, targets), ([x, y]) => numbers(loss(x, y)).every((l) => l >= -1e-6))
  })
})

describe('a loss of labels by number', () => {
  test('is the cross-entropy with a one at the label', () => {
    holds(fc.tuple(matrix, labels), ([x, y]) =>
      near(
        numbers(losses.softmaxCrossEntropyWithIntegerLabels(x, y)),
        numbers(losses.softmaxCrossEntropy(x, tf.oneHot(y, columns))),
        1e-6,
      ),
    )
  })

  test('of two classes is the binary one of the difference of the logits', () => {
    holds(fc.tuple(number, number, fc.constantFrom(0, 1)), ([a, b, y]) =>
      near(
        numbers(losses.softmaxCrossEntropyWithIntegerLabels([a, b], y)),
        numbers(losses.sigmoidBinaryCrossEntropy(b - a, y)),
        4e-6,
      ),
    )
  })

  test('with sparsemax is zero exactly where the right class leads by one', () => {
    holds(fc.tuple(matrix, labels), ([x, y]) =>
      numbers(losses.multiclassSparsemaxLoss(x, y)).every((l, i) => {
        const row = x[i] ?? []
        const right = row[y[i] ?? 0] ?? Number.NaN
        const lead = right - Math.max(...row.filter((_, k) => k !== y[i]))
        return Math.abs(lead - 1) < 1e-3 || Math.abs(l) < 1e-7 === lead > 1
      }),
    )
  })
})

describe('a distance', () => {
  const distances: readonly (readonly [string, Binary, (x: number[][]) => losses.Operand])[] = [
    ['squaredError', losses.squaredError, (x) => x],
    ['l2Loss', losses.l2Loss, (x) => x],
    ['huberLoss', losses.huberLoss, (x) => x],
    ['logCosh', losses.logCosh, (x) => x],
    ['cosineDistance', (x, y) => losses.cosineDistance(x, y, { epsilon: 1e-12 }), (x) => x],
  ]

  test.each(distances)('%s is zero from a point to itself', (_, loss) => {
    holds(
      matrix.filter((m) => m.every((row) => largest(row) > 1e-3)),
      (x) => largest(numbers(loss(x, x))) < 1e-6,
    )
  })

  test.each(distances)('%s is the same both ways, and not negative', (_, loss) => {
    holds(fc.tuple(matrix, matrix), ([x, y]) => {
      const there = numbers(loss(x, y))
      return near(there, numbers(loss(y, x)), 0) && there.every((l) => l >= -1e-6)
    })
  })

  test('huberLoss is half the square within delta, and grows by delta beyond', () => {
    holds(fc.tuple(number, fc.double({ min: 0.125, max: 4, noNaN: true })), ([e, delta]) => {
      const size = Math.abs(e)
      const expected = size <= delta ? (e * e) / 2 : delta * (size - delta / 2)
      return near(numbers(losses.huberLoss(e, undefined, { delta })), [expected], 4e-6 * (1 + expected))
    })
  })

  test('logCosh is the logarithm of the hyperbolic cosine, of the smallest errors too', () => {
    holds(fc.tuple(number, fc.integer({ min: -18, max: 0 })), ([x, k]) => {
      const e = Math.fround(x * 2 ** k)
      const expected = 0.5 * Math.log1p(Math.sinh(e) ** 2)
      return near(numbers(losses.logCosh(e)), [expected], 4e-7 * expected + 1e-37)
    })
  })
})

describe('a divergence', () => {
  const kinds = [
    ['klDivergence', losses.klDivergence],
    ['generalizedKlDivergence', losses.generalizedKlDivergence],
    ['convexKlDivergence', losses.convexKlDivergence],
  ] as const

  test.each(kinds)('%s of a distribution from itself is zero, from others not negative', (_, loss) => {
    holds(fc.tuple(distributions, distributions), ([p, q]) => {
      const log = (m: number[][]): number[][] => m.map((row) => row.map(Math.log))
      return largest(numbers(loss(log(p), p))) < 1e-6 && numbers(loss(log(q), p)).every((l) => l >= -1e-6)
    })
  })

  test('is the same from targets and from their logarithms', () => {
    holds(fc.tuple(matrix, distributions), ([x, y]) => {
      const logs = y.map((row) => row.map(Math.log))
      return near(
        numbers(losses.klDivergence(x, y)),
        numbers(losses.klDivergenceWithLogTargets(x, logs)),
        1e-5,
      )
    })
  })
})

describe('a margin loss', () => {
  test('hingeLoss is zero where the output is right by one, perceptronLoss where it is right', () => {
    holds(fc.tuple(matrix, signs), ([x, y]) => {
      const margins = numbers(tf.mul(x, y))
      const [hinge, perceptron] = [numbers(losses.hingeLoss(x, y)), numbers(losses.perceptronLoss(x, y))]
      return margins.every((m, i) => (hinge[i] === 0) === m >= 1 && (perceptron[i] === 0) === m >= 0)
    })
  })

  test('sparsemaxLoss of a wrong answer exceeds that of its mirror image by the logit', () => {
    holds(matrix, (x) => {
      const ones = x.map((row) => row.map(() => 1))
      const [right, wrong] = [losses.sparsemaxLoss(x, ones), losses.sparsemaxLoss(tf.neg(x), ones)]
      return near(numbers(tf.sub(wrong, right)), numbers(tf.tensor2d(x)), 2e-6)
    })
  })

  test('tripletMarginLoss does not change when all three move alike', () => {
    holds(fc.tuple(matrix, matrix, matrix, number), ([a, p, n, shift]) => {
      const moved = [a, p, n].map((m) => tf.add(m, shift)) as [tf.Tensor, tf.Tensor, tf.Tensor]
      return near(
        numbers(losses.tripletMarginLoss(a, p, n)),
        numbers(losses.tripletMarginLoss(...moved)),
        2e-4,
      )
    })
  })
})

describe('the focal loss', () => {
  test('is the cross-entropy without a discount, and no more with one', () => {
    holds(fc.tuple(matrix, bits), ([x, y]) => {
      const plain = numbers(losses.sigmoidBinaryCrossEntropy(x, y))
      const focal = numbers(losses.sigmoidFocalLoss(x, y))
      return (
        near(numbers(losses.sigmoidFocalLoss(x, y, { gamma: 0 })), plain, 0) &&
        focal.every((l, i) => l >= 0 && l <= (plain[i] ?? 0))
      )
    })
  })

  test('of both labels with weights alpha and its rest is the unweighted one', () => {
    holds(fc.tuple(matrix, bits, fc.double({ min: 0, max: 1, noNaN: true })), ([x, y, alpha]) => {
      const [one, other] = [alpha, 1 - alpha].map((a) => losses.sigmoidFocalLoss(x, y, { alpha: a }))
      if (one === undefined || other === undefined) return false
      return near(numbers(tf.add(one, other)), numbers(losses.sigmoidFocalLoss(x, y)), 4e-6)
    })
  })
})

describe('a loss of segmentations', () => {
  test('is zero where they are the same', () => {
    holds(bits, (y) => {
      const pixels = tf.oneHot(tf.tensor2d(y, undefined, 'int32'), 2)
      const probabilities = tf.cast(pixels, 'float32')
      const given = { applySoftmax: false }
      return (
        largest(numbers(losses.diceLoss(probabilities, pixels, given))) < 1e-6 &&
        largest(numbers(losses.multiclassGeneralizedDiceLoss(probabilities, pixels, given))) < 1e-6 &&
        largest(numbers(losses.binaryDiceLoss(y, y, { applySigmoid: false }))) < 1e-6
      )
    })
  })

  test('binaryDiceLoss is from 0 to 1', () => {
    holds(fc.tuple(matrix, bits), ([x, y]) =>
      numbers(losses.binaryDiceLoss(x, y)).every((l) => l >= -1e-6 && l <= 1),
    )
  })
})

describe('ntxent', () => {
  test('does not change with the lengths of the embeddings', () => {
    holds(
      fc.tuple(
        matrix.filter((m) => m.every((row) => largest(row) > 0.1)),
        number,
      ),
      ([x, k]) => {
        const longer = x.map((row, i) => row.map((a) => a * 2 ** (i + Math.round(k / 4))))
        const y = [0, 0, 1]
        const options = { temperature: 0.5 }
        return near(numbers(losses.ntxent(x, y, options)), numbers(losses.ntxent(longer, y, options)), 2e-5)
      },
    )
  })
})

describe('smoothLabels', () => {
  test('keeps the sum of a distribution', () => {
    holds(fc.tuple(distributions, fc.double({ min: 0, max: 1, noNaN: true })), ([y, alpha]) =>
      near(numbers(tf.sum(losses.smoothLabels(y, alpha), 1)), [1, 1, 1], 1e-6),
    )
  })
})

describe('the options axis and where', () => {
  type Reducing = (x: losses.Operand, y: losses.Operand, given?: losses.AxisOptions) => tf.Tensor
  const reducing: readonly (readonly [string, Reducing])[] = [
    ['softmaxCrossEntropy', losses.softmaxCrossEntropy],
    ['polyLossCrossEntropy', losses.polyLossCrossEntropy],
    ['klDivergence', losses.klDivergence],
    ['generalizedKlDivergence', losses.generalizedKlDivergence],
    ['cosineSimilarity', losses.cosineSimilarity],
    ['cosineDistance', losses.cosineDistance],
  ]

  test.each(reducing)('%s along the first axis is that of the transpose', (_, loss) => {
    holds(fc.tuple(matrix, distributions), ([x, y]) =>
      near(
        numbers(loss(x, y, { axis: 0 })),
        numbers(loss(tf.transpose(x), tf.transpose(y), { axis: 1 })),
        1e-5,
      ),
    )
  })

  test.each(reducing)('%s of a masked row is that of the elements which take part', (_, loss) => {
    const subset = fc.subarray([0, 1, 2, 3], { minLength: 1 })
    holds(fc.tuple(matrix, distributions, subset), ([x, y, kept]) => {
      const where = [0, 1, 2, 3].map((k) => kept.includes(k))
      const gather = (m: number[][]): tf.Tensor => tf.gather(tf.tensor2d(m), kept, 1)
      return near(numbers(loss(x, y, { where: [where] })), numbers(loss(gather(x), gather(y))), 1e-5)
    })
  })
})
