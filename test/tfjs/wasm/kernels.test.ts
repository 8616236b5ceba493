/** The kernels of gradients on WASM compute what the cpu backend's do, for any shapes. */
import * as tf from '@tensorflow/tfjs'
import fc from 'fast-check'
import { grad } from 'gradpipe'
import { describe, expect, it } from 'vitest'
import { useBackend } from '../../backends.js'
import { expectLinear, expectWithin, type Given, given, seeds, sizeOf } from './agreement.js'

/** Small enough that many runs take no time. */
const runs = { numRuns: 25 }

const size = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max })

const get = (inputs: Readonly<Record<string, tf.Tensor>>, name: string): tf.Tensor => {
  const tensor = inputs[name]
  if (tensor === undefined) throw new Error(`no ${name}`)
  return tensor
}

describe('products of matrices', () => {
  const shapes = fc.record({
    seed: seeds,
    batch: fc.array(size(1, 3), { maxLength: 2 }),
    height: size(1, 21),
    depth: fc.oneof(size(1, 20), size(250, 270)),
    width: size(1, 26),
    transposeA: fc.boolean(),
    transposeB: fc.boolean(),
  })

  it('are those of cpu, transposed and in batches', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, async ({ seed, batch, height, depth, width, transposeA, transposeB }) => {
        const a = transposeA ? [depth, height] : [height, depth]
        const b = transposeB ? [width, depth] : [depth, width]
        await expectLinear(
          (inputs) => tf.matMul(get(inputs, 'a'), get(inputs, 'b'), transposeA, transposeB),
          { a: given(seed, ...batch, ...a), b: given(seed + 1, ...batch, ...b) },
          Math.max(height, depth, width),
        )
      }),
      runs,
    )
  })

  it('are those of cpu with a bias', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, async ({ seed, height, depth, width }) => {
        await expectLinear(
          (inputs) =>
            tf.fused.matMul({ a: get(inputs, 'a'), b: get(inputs, 'b'), bias: get(inputs, 'bias') }),
          { a: given(seed, height, depth), b: given(seed + 1, depth, width), bias: given(seed + 2, width) },
          1 + Math.max(height, depth, width),
        )
      }),
      runs,
    )
  })

  it('are those of single matrices where both sides are broadcast', async () => {
    await useBackend('wasm')
    // gradients of such products are not defined in TensorFlow.js, and its own kernels give half of the values
    const [a, b] = [given(1, 2, 1, 3, 4), given(2, 3, 4, 5)]
    tf.tidy(() => {
      const [x, y] = [tf.tensor(a.values, [...a.shape]), tf.tensor(b.values, [...b.shape])]
      const singles = [0, 1].flatMap((i) =>
        [0, 1, 2].map((j) =>
          tf.matMul(tf.reshape(tf.slice(x, [i, 0], [1, 1]), [3, 4]), tf.reshape(tf.slice(y, j, 1), [4, 5])),
        ),
      )
      const expected = tf.reshape(tf.stack(singles), [2, 3, 3, 5])
      grad((t: tf.Tensor) => {
        const product = tf.matMul(x, y)
        expect(product.shape).toEqual(expected.shape)
        expect([...product.dataSync()]).toEqual([...expected.dataSync()])
        return tf.sum(t)
      })(x)
    })
  })
})

const padding = fc.oneof(fc.constantFrom('same' as const, 'valid' as const), size(0, 2))

/** Images and a filter that fits in them. */
const images = (dimensions: 2 | 3) =>
  fc
    .record({
      seed: seeds,
      batch: size(1, 3),
      sizes: fc.tuple(...Array.from({ length: dimensions }, () => size(1, dimensions === 2 ? 9 : 5))),
      window: fc.tuple(...Array.from({ length: dimensions }, () => size(1, 3))),
      strides: fc.tuple(...Array.from({ length: dimensions }, () => size(1, 3))),
      channels: size(1, 9),
      outChannels: size(1, 10),
      pad: dimensions === 2 ? padding : fc.constantFrom('same' as const, 'valid' as const),
    })
    .filter(({ sizes, window, pad }) => pad === 'same' || sizes.every((each, i) => each >= (window[i] ?? 0)))

const placesOf = (sizes: readonly number[], window: readonly number[], batch: number, channels: number) =>
  Math.max(batch * sizeOf(sizes.map((each) => each + 4)), sizeOf(window) * channels)

describe('convolutions', () => {
  it('of two dimensions have the gradients of cpu', async () => {
    await fc.assert(
      fc.asyncProperty(
        images(2),
        async ({ seed, batch, sizes, window, strides, channels, outChannels, pad }) => {
          await expectLinear(
            (inputs) =>
              // of rank 4
              tf.conv2d(
                get(inputs, 'x') as tf.Tensor4D,
                get(inputs, 'w') as tf.Tensor4D,
                [strides[0] ?? 1, strides[1] ?? 1],
                pad,
              ),
            {
              x: given(seed, batch, ...sizes, channels),
              w: given(seed + 1, ...window, channels, outChannels),
            },
            placesOf(sizes, window, batch, Math.max(channels, outChannels)),
          )
        },
      ),
      runs,
    )
  })

  it('turned round have the gradients of cpu', async () => {
    await fc.assert(
      fc.asyncProperty(images(2), async ({ seed, batch, sizes, window, channels, outChannels }) => {
        const [height = 1, width = 1] = sizes
        await expectLinear(
          (inputs) =>
            tf.conv2dTranspose(
              get(inputs, 'x') as tf.Tensor4D, // of rank 4
              get(inputs, 'w') as tf.Tensor4D,
              [batch, 2 * height, 2 * width, outChannels],
              2,
              'same',
            ),
          {
            x: given(seed, batch, height, width, channels),
            w: given(seed + 1, ...window, outChannels, channels),
          },
          placesOf([2 * height, 2 * width], window, batch, Math.max(channels, outChannels)),
        )
      }),
      runs,
    )
  })

  it('of three dimensions have the values and gradients of cpu', async () => {
    await fc.assert(
      fc.asyncProperty(
        images(3),
        async ({ seed, batch, sizes, window, strides, channels, outChannels, pad }) => {
          await expectLinear(
            (inputs) =>
              tf.conv3d(
                get(inputs, 'x') as tf.Tensor5D, // of rank 5
                get(inputs, 'w') as tf.Tensor5D,
                [strides[0] ?? 1, strides[1] ?? 1, strides[2] ?? 1],
                pad === 'same' ? 'same' : 'valid',
              ),
            {
              x: given(seed, batch, ...sizes, channels),
              w: given(seed + 1, ...window, channels, outChannels),
            },
            placesOf(sizes, window, batch, Math.max(channels, outChannels)),
          )
        },
      ),
      runs,
    )
  })

  it('of channels each have the gradients of cpu', async () => {
    await fc.assert(
      fc.asyncProperty(
        images(2),
        fc.constantFrom(1, 2, 3),
        size(1, 19),
        async ({ seed, batch, sizes, window, strides, pad }, multiplier, channels) => {
          const stride = strides[0] ?? 1
          await expectLinear(
            (inputs) =>
              // of rank 4
              tf.depthwiseConv2d(
                get(inputs, 'x') as tf.Tensor4D,
                get(inputs, 'w') as tf.Tensor4D,
                stride,
                pad,
              ),
            {
              x: given(seed, batch, ...sizes, channels),
              w: given(seed + 1, ...window, channels, multiplier),
            },
            placesOf(sizes, window, batch, multiplier),
          )
        },
      ),
      runs,
    )
  })

  it('separated have the gradients of cpu', async () => {
    await fc.assert(
      fc.asyncProperty(images(2), async ({ seed, batch, sizes, window, channels, outChannels, pad }) => {
        await expectLinear(
          (inputs) =>
            tf.separableConv2d(
              get(inputs, 'x') as tf.Tensor4D, // of rank 4
              get(inputs, 'w') as tf.Tensor4D,
              get(inputs, 'points') as tf.Tensor4D,
              1,
              pad === 'same' ? 'same' : 'valid',
            ),
          {
            x: given(seed, batch, ...sizes, channels),
            w: given(seed + 1, ...window, channels, 2),
            points: given(seed + 2, 1, 1, 2 * channels, outChannels),
          },
          2 * placesOf(sizes, window, batch, 2 * Math.max(channels, outChannels)),
        )
      }),
      runs,
    )
  })
})

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
