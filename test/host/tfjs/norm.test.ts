/** What TensorFlow.js's operations make of norms along axes, of examples, of matrices and of embeddings. */
import '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  adaptiveGradClip,
  dispose,
  type Params,
  perExampleGlobalNormClip,
  perExampleLayerNormClip,
  scaleByMuon,
} from '../../../src/index.js'
import { losses } from '../../../src/tfjs/index.js'
import { backends, numbers, tensorsIn, useBackend } from '../../backends.js'

/** From where all digits of 3c and 4c are there to where their norm, 5c, is a number. */
const lengths = [-125, -110, -90, -64, -50, -30, 0, 30, 50, 63, 64, 90, 110, 124].map((k) => 2 ** k)

/** The numbers of what a call makes, which leaves nothing behind. */
const made = (call: () => unknown): readonly number[] => {
  const before = tf.memory().numTensors
  const result = call()
  const tensors = tensorsIn(result)
  const found = tensors.flatMap(numbers)
  dispose(tensors)
  expect(tf.memory().numTensors).toBe(before)
  return found
}

const expectNear = (given: readonly number[], expected: readonly number[], relative = 1e-6): void => {
  expect(given.length).toBe(expected.length)
  for (const [i, x] of given.entries())
    expect(Math.abs(x - (expected[i] ?? Number.NaN)), `${given} for ${expected}`).toBeLessThanOrEqual(
      relative * Math.abs(expected[i] ?? Number.NaN),
    )
}

describe.each(backends)('on %s', (backend) => {
  beforeAll(() => useBackend(backend))

  it('adaptiveGradClip takes units of any length, beside others', () => {
    const tx = adaptiveGradClip(0.2)
    for (const c of lengths.filter((c) => c > 1)) {
      const [g, p] = [tf.tensor2d([3 * c, 0.5, 4 * c, 0], [2, 2]), tf.tensor2d([3, 3, 4, 4], [2, 2])]
      expectNear(
        made(() => tx.update(g, {}, p)[0]),
        [0.6, 0.5, 0.8, 0],
      )
      dispose(g, p)
    }
    // the parameter's norm is the bound
    for (const c of lengths) {
      const [g, p] = [tf.tensor2d([3, 4], [2, 1]), tf.tensor2d([3 * c, 4 * c], [2, 1])]
      const clip = adaptiveGradClip(0.5, { eps: 0 })
      const factor = Math.min(1, 0.5 * c)
      expectNear(
        made(() => clip.update(g, {}, p)[0]),
        [3 * factor, 4 * factor],
      )
      dispose(g, p)
    }
  })

  it('examples of any length are clipped beside others', () => {
    for (const c of lengths.filter((c) => c > 1)) {
      const grads = { a: tf.tensor2d([3 * c, 0.5], [2, 1]), b: tf.tensor2d([4 * c, 0], [2, 1]) }
      expectNear(
        made(() => perExampleGlobalNormClip(grads, { l2NormClip: 1 })),
        [0.6 + 0.5, 0.8, 1],
      )
      expectNear(
        made(() => perExampleLayerNormClip(grads, { globalL2NormClip: Math.SQRT2 })),
        [1 + 0.5, 1, 1, 1],
      )
      dispose(grads)
    }
    const nan = tf.tensor2d([Number.NaN, Number.POSITIVE_INFINITY, 1], [3, 1])
    expect(made(() => perExampleGlobalNormClip(nan, { l2NormClip: 1 }))).toEqual([Number.NaN, 1])
    dispose(nan)
  })

  it.each(['frobenius', 'spectral', 'aol', 'schatten'] as const)(
    'Muon, %s, makes the same of a matrix whatever its length',
    (preconditioning) => {
      const tx = scaleByMuon({ beta: 0, nesterov: false, eps: 0, preconditioning })
      const of = (c: number): readonly number[] => {
        const g = tf.tensor2d([[1, 2, -1].map((x) => c * x), [0.5, -1, 3].map((x) => c * x)])
        const start = tx.init(g)
        const found = made(() => {
          const [update, state] = tx.update<Params>(g, start)
          dispose(state)
          return update
        })
        dispose(g, start)
        return found
      }
      const expected = of(1)
      expect(expected.every((x) => Number.isFinite(x) && x !== 0)).toBe(true)
      for (const c of lengths) expectNear(of(c), expected, 1e-5)
    },
  )

  it("Muon's ε is beside the norm as it is", () => {
    const bounded = (c: number, preconditioning: 'frobenius' | 'spectral' | 'aol' | 'schatten'): number => {
      const tx = scaleByMuon({ beta: 0, nesterov: false, eps: 1, nsSteps: 1, preconditioning })
      const g = tf.tensor2d([[c, 0]])
      const start = tx.init(g)
      const [x = Number.NaN] = made(() => {
        const [update, state] = tx.update<Params>(g, start)
        dispose(state)
        return update
      })
      dispose(g, start)
      return x
    }
    // below ε all is of the gradient's length, and far above it of length 1
    for (const name of ['frobenius', 'spectral', 'aol', 'schatten'] as const) {
      expect(bounded(2 ** -60, name) / 2 ** -60).toBeCloseTo(3.4445, 4)
      expect(bounded(2 ** 90, name)).toBeCloseTo(3.4445 - 4.775 + 2.0315, 4)
    }
  })

  it('cosines are those of vectors of any length, and have slopes', () => {
    for (const c of lengths)
      expectNear(
        made(() => losses.cosineSimilarity([3 * c, 4 * c], [4, 3])),
        [0.96],
      )
    // below the least squared norm a vector is divided by its root
    for (const c of lengths.filter((c) => c > 2 ** -60))
      expectNear(
        made(() => losses.cosineSimilarity([3 * c, 4 * c], [4 * c, 3 * c], { epsilon: 1e-25 })),
        [25 * c * c < 1e-25 ? (24 * c * c) / 1e-25 : 0.96],
        2e-6,
      )
    // TensorFlow.js's slope of a reciprocal root has its cube, which is a number up to here, and again farther out
    for (const c of lengths.filter((c) => c < 2 ** 120 && c > 2 ** -120 && Math.abs(Math.log2(c)) !== 50)) {
      const x = tf.tensor1d([3 * c, 4 * c])
      const slopes = made(() => tf.grad((y) => losses.cosineSimilarity(y, [4, 3]))(x))
      // (y − cos·x/‖x‖)/‖x‖, with y of length 1
      expectNear(
        slopes.map((slope) => slope * c),
        [(0.8 - 0.96 * 0.6) / 5, (0.6 - 0.96 * 0.8) / 5],
        2e-6,
      )
      dispose(x)
    }
  })

  it('distances of triplets are those of vectors of any length', () => {
    for (const c of lengths)
      expectNear(
        made(() => losses.tripletMarginLoss([0, 0], [3 * c, 4 * c], [0, 0], { margin: 0, eps: 0 })),
        [5 * c],
      )
    const far = 2 ** 90
    expectNear(
      made(() => losses.tripletMarginLoss([0, 0], [3 * far, 4 * far], [3 * far, 4 * far])),
      [1],
    )
  })
})
