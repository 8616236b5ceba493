/** Products and convolutions on WASM, and their gradients, are those of cpu for any shapes. */
import * as tf from '@tensorflow/tfjs'
import fc from 'fast-check'
import { grad } from 'gradpipe/tfjs'
import { describe, expect, it } from 'vitest'
import { useBackend } from '../../backends.js'
import { expectLinear, given, seeds } from './agreement.js'
import { get, images, placesOf, runs, size } from './drawn.js'

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
