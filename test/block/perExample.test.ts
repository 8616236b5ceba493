import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  applyUpdates,
  differentiallyPrivateAggregate,
  dispose,
  dpsgd,
  type Params,
  perExampleGlobalNormClip,
  perExampleLayerNormClip,
} from '../../src/index.js'
import { backends, numbers, tensorsIn, tensorsLeft, useBackend } from '../backends.js'
import { thrown } from '../thrown.js'

describe.each(backends)('gradients per example, on %s', (backend) => {
  beforeAll(() => useBackend(backend))

  const examples = (): { w: tf.Tensor2D; b: tf.Tensor1D } => ({
    w: tf.tensor2d([
      [3, 0],
      [0, 0],
      [0.25, 0],
    ]),
    b: tf.tensor1d([4, 0, 0.25]),
  })

  it('are clipped as a whole, each for itself; a zero gradient is not, of a bound of zero neither', () => {
    const left = tensorsLeft(() => {
      const grads = examples()
      const [sum, clipped] = perExampleGlobalNormClip(grads, { l2NormClip: 2.5 })
      expect([sum.w, sum.b, clipped].map(numbers)).toEqual([[1.75, 0], [2.25], [1]])
      expect([sum.w.shape, sum.b.shape, clipped.shape]).toEqual([[2], [], []])
      const [nothing, all] = perExampleGlobalNormClip(grads, { l2NormClip: 0 })
      expect([nothing.w, nothing.b, all].map(numbers)).toEqual([[0, 0], [0], [2]])
      const [whole, none] = perExampleGlobalNormClip(grads, { l2NormClip: Number.POSITIVE_INFINITY })
      expect([whole.w, whole.b, none].map(numbers)).toEqual([[3.25, 0], [4.25], [0]])
      dispose(grads, sum, clipped, nothing, all, whole, none)
    })
    expect(left).toBe(0)
  })

  it('are clipped leaf by leaf, to equal shares of the bound or by size', () => {
    const left = tensorsLeft(() => {
      const grads = examples()
      const [sum, clipped] = perExampleLayerNormClip(grads, { globalL2NormClip: Math.SQRT2 })
      expect([sum.w, sum.b].flatMap(numbers).map((x) => Math.round(1e5 * x) / 1e5)).toEqual([1.25, 0, 1.25])
      expect([clipped.w, clipped.b].flatMap(numbers)).toEqual([1, 1])
      const [bySize, few] = perExampleLayerNormClip(grads, {
        globalL2NormClip: Math.sqrt(12),
        uniform: false,
      })
      expect([bySize.w, bySize.b].flatMap(numbers).map((x) => Math.round(1e5 * x) / 1e5)).toEqual([
        3.07843, 0, 2.25,
      ])
      expect([few.w, few.b].flatMap(numbers)).toEqual([1, 1])
      dispose(grads, sum, clipped, bySize, few)
    })
    expect(left).toBe(0)
  })

  it('may be of no elements, or of no leaves', () => {
    const [sum, clipped] = perExampleGlobalNormClip({ w: tf.zeros([2, 0, 3]), n: null }, { l2NormClip: 1 })
    expect([sum.w.shape, sum.n, numbers(clipped)]).toEqual([[0, 3], null, [0]])
    const [empty, none] = perExampleGlobalNormClip({}, { l2NormClip: 1 })
    expect([empty, numbers(none)]).toEqual([{}, [0]])
    dispose(sum, clipped, none)
  })

  it('of a norm that is NaN are passed on, as in Optax', () => {
    const grads = tf.tensor2d([
      [Number.NaN, 1],
      [3, 4],
    ])
    const [sum, clipped] = perExampleGlobalNormClip(grads, { l2NormClip: 1 })
    expect(Number.isNaN(numbers(sum)[0])).toBe(true)
    expect(numbers(sum)[1]).toBeCloseTo(1.8, 6)
    expect(numbers(clipped)).toEqual([1])
    dispose(grads, sum, clipped)
  })

  it('are refused where they are none, and nothing is left', () => {
    const [three, two, scalar, none, whole] = [
      tf.zeros([3, 2]),
      tf.zeros([2]),
      tf.scalar(1),
      tf.zeros([0, 2]),
      tf.zeros([3], 'int32'),
    ]
    const tx = differentiallyPrivateAggregate(1, 1)
    const left = tensorsLeft(() => {
      for (const [tag, path, grads] of [
        ['DtypeMismatch', 'grads.b', { a: three, b: Float32Array.of(1, 2, 3) }],
        ['DtypeMismatch', 'grads.b', { b: 1 }],
        ['DtypeMismatch', 'grads.b', { a: three, b: whole }],
        ['ShapeMismatch', 'grads.b', { a: three, b: two }],
        ['ShapeMismatch', 'grads.a', { a: scalar }],
        ['ShapeMismatch', 'grads.a', { a: none }],
      ] as const)
        for (const call of [
          () => perExampleGlobalNormClip<Params>(grads, { l2NormClip: 1 }),
          () => perExampleLayerNormClip<Params>(grads, { globalL2NormClip: 1 }),
          () => tx.update<Params>(grads, tx.init(null)),
        ])
          expect(thrown(call)).toMatchObject({ _tag: tag, path })
    })
    expect(left).toBe(0)
    tf.dispose([three, two, scalar, none, whole])
  })

  it('become a mean with noise of σC/B, that of Optax of the same seed', () => {
    // made by optax 0.2.8 on jax 0.10.2: differentially_private_aggregate(1.0, 2.0, key=5), four zero gradients
    const recorded = [
      {
        b: [-0.689935028553009],
        w: [0.8548650741577148, 0.3508647382259369, -0.40702682733535767, 0.1041170209646225],
        rngKey: [2724472204, 3573582090],
      },
      {
        b: [-0.6944715976715088],
        w: [-0.6492151618003845, 0.25568726658821106, -0.14549989998340607, -0.395474910736084],
        rngKey: [1476913942, 4047406665],
      },
    ]
    const tx = differentiallyPrivateAggregate(1, 2, { key: 5 })
    const grads = { w: tf.zeros([4, 2, 2]), b: tf.zeros([4]) }
    let state = tx.init(null)
    for (const { w, b, rngKey } of recorded) {
      const left = tensorsLeft(() => {
        const [updates, next] = tx.update<Params>(grads, state)
        const found = tensorsIn(updates)
        expect(found.map(({ shape }) => shape)).toEqual([[2, 2], []])
        for (const [i, x] of [...w, ...b].entries()) expect(found.flatMap(numbers)[i]).toBeCloseTo(x, 5)
        expect(next.rngKey).toEqual(rngKey)
        state = next
        dispose(updates)
      })
      expect(left).toBe(0)
    }
    dispose(grads)
  })

  it('train with dpsgd, whose noise has the variance that it says', () => {
    const n = 20_000
    const tx = dpsgd(0.5, { l2NormClip: 3, noiseMultiplier: 2, seed: 1, momentum: 0.9 })
    const left = tensorsLeft(() => {
      const [w, grads] = [tf.zeros([n]), tf.zeros([2, n])]
      const state = tx.init(w)
      const [updates, next] = tx.update<tf.Tensor>(grads, state, w)
      const moved = applyUpdates<tf.Tensor>(w, updates)
      const values = numbers(moved)
      const variance = values.reduce((sum, x) => sum + x * x, 0) / n
      // learning rate times σC/B
      expect(Math.abs(variance / (0.5 * 3) ** 2 - 1)).toBeLessThan(4 * Math.sqrt(2 / n))
      dispose(w, grads, state, updates, next, moved)
    })
    expect(left).toBe(0)
  })
})

describe('options of what clips examples', () => {
  it.each([
    ['differentiallyPrivateAggregate.l2NormClip', () => differentiallyPrivateAggregate(-1, 1)],
    ['differentiallyPrivateAggregate.noiseMultiplier', () => differentiallyPrivateAggregate(1, Number.NaN)],
    ['differentiallyPrivateAggregate.key', () => differentiallyPrivateAggregate(1, 1, { key: [1.5, 0] })],
    ['perExampleGlobalNormClip.l2NormClip', () => perExampleGlobalNormClip({}, { l2NormClip: -1 })],
    [
      'perExampleLayerNormClip.globalL2NormClip',
      () => perExampleLayerNormClip({}, { globalL2NormClip: Number.NaN }),
    ],
    [
      'differentiallyPrivateAggregate.seed',
      () => dpsgd(0.1, { l2NormClip: 1, noiseMultiplier: 1, seed: 0.5 }),
    ],
  ])('are refused out of range: %s', (path, make) => {
    expect(thrown(make)).toMatchObject({ _tag: 'InvalidArgument', path })
  })
})
