/** Pooling and sums on WASM, and their gradients, are those of cpu for any shapes. */
import * as tf from '@tensorflow/tfjs'
import fc from 'fast-check'
import { grad } from 'gradpipe/tfjs'
import { describe, expect, it } from 'vitest'
import { useBackend } from '../../backends.js'
import { expectLinear, expectWithin, type Given, given, seeds } from './agreement.js'
import { get, images, runs, size } from './drawn.js'

/** How far the gradient of a linear operation is from being its adjoint: ⟨f(u), d⟩ = ⟨u, fᵀ(d)⟩. */
const adjointError = (f: (x: tf.Tensor) => tf.Tensor, x: Given, seed: number): number =>
  tf.tidy(() => {
    const [at, u] = [
      tf.tensor(x.values, [...x.shape]),
      tf.tensor(given(seed, ...x.shape).values, [...x.shape]),
    ]
    const y = f(u)
    const d = tf.tensor(given(seed + 1, ...y.shape).values, y.shape)
    const g = grad((t: tf.Tensor) => tf.sum(tf.mul(f(t), d)))(at)
    const [left, right] = [tf.sum(tf.mul(y, d)), tf.sum(tf.mul(u, g))]
    const bound = tf.sum(tf.mul(tf.abs(y), tf.abs(d)))
    return (
      Math.abs((left.dataSync()[0] ?? 0) - (right.dataSync()[0] ?? 0)) /
      ((bound.dataSync()[0] ?? 0) * y.size * 2 ** -22)
    )
  })

describe('pooling by the maximum', () => {
  it.each([2, 3] as const)('has the gradients of cpu in %d dimensions', async (dimensions) => {
    await fc.assert(
      fc.asyncProperty(images(dimensions), async ({ seed, batch, sizes, window, strides, channels }) => {
        const [a = 1, b = 1] = window
        const [d = 1, e = 1, g = 1] = strides
        const x = given(seed, batch, ...sizes, channels)
        await expectWithin(
          (inputs) =>
            dimensions === 2
              ? tf.maxPool(get(inputs, 'x') as tf.Tensor4D, [a, b], [d, e], 'same') // of rank 4
              : // of rank 5; on cpu, only windows that are cubes have the right positions
                tf.maxPool3d(get(inputs, 'x') as tf.Tensor5D, [a, a, a], [d, e, g], 'same'),
          { x },
          // no element is in more than 27 windows, whose weights are below 1: 27 roundings of sums below 27
          (name) => (name === null ? new Float32Array(1e4) : x.values.map(() => 27 ** 2 * 2 ** -23)),
        )
      }),
      runs,
    )
  })

  it('gives a gradient to the first of several greatest elements', async () => {
    await useBackend('wasm')
    const x = tf.ones([1, 4, 4, 1])
    const g = grad((x: tf.Tensor4D) => tf.sum(tf.maxPool(x, 2, 2, 'valid')))(x as tf.Tensor4D) // of rank 4
    expect([...g.dataSync()]).toEqual([1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0])
    tf.dispose([x, g])
  })
})

describe('what goes to the same place', () => {
  it('is summed in gather, along any axis', async () => {
    await fc.assert(
      fc.asyncProperty(
        seeds,
        fc.array(size(1, 6), { minLength: 1, maxLength: 3 }),
        size(0, 2),
        fc.array(size(0, 100), { minLength: 1, maxLength: 12 }),
        async (seed, shape, along, places) => {
          const axis = along % shape.length
          const indices = places.map((place) => place % (shape[axis] ?? 1))
          await expectLinear(
            (inputs) => tf.gather(get(inputs, 'x'), tf.tensor1d(indices, 'int32'), axis),
            { x: given(seed, ...shape) },
            indices.length,
          )
        },
      ),
      runs,
    )
  })

  it('is summed in segments, without those that are none', async () => {
    await useBackend('wasm')
    const x = tf.tensor2d([
      [1, 2],
      [3, 4],
      [5, 6],
      [7, 8],
    ])
    const ids = tf.tensor1d([1, -1, 1, 9], 'int32')
    const g = grad((w: tf.Tensor2D) => {
      const sums = tf.unsortedSegmentSum(w, ids, 3)
      expect([...sums.dataSync()]).toEqual([0, 0, 6, 8, 0, 0])
      return tf.sum(w)
    })(x)
    tf.dispose([x, ids, g])
  })

  it('is summed in images whose pixels are repeated or left out', async () => {
    await useBackend('wasm')
    fc.assert(
      fc.property(
        images(2),
        size(1, 12),
        size(1, 12),
        size(0, 2),
        ({ seed, batch, sizes, channels }, height, width, mode) => {
          const error = adjointError(
            (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [height, width], mode === 1, mode === 2), // of rank 4
            given(seed, batch, ...sizes, channels),
            seed,
          )
          expect(error).toBeLessThan(1)
        },
      ),
      runs,
    )
  })
})
