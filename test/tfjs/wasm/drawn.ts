/** Shapes that the tests of kernels draw. */
import type * as tf from '@tensorflow/tfjs'
import fc from 'fast-check'
import { seeds, sizeOf } from './agreement.js'

/** Small enough that many runs take no time. */
export const runs: { readonly numRuns: number } = { numRuns: 25 }

/** A whole number between two. */
export const size = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max })

/** A tensor of a name. */
export const get = (inputs: Readonly<Record<string, tf.Tensor>>, name: string): tf.Tensor => {
  const tensor = inputs[name]
  if (tensor === undefined) throw new Error(`no ${name}`)
  return tensor
}

const padding = fc.oneof(fc.constantFrom('same' as const, 'valid' as const), size(0, 2))

/** Images and a filter. */
export interface Images {
  readonly seed: number
  readonly batch: number
  readonly sizes: readonly number[]
  readonly window: readonly number[]
  readonly strides: readonly number[]
  readonly channels: number
  readonly outChannels: number
  readonly pad: 'same' | 'valid' | number
}

/** Images and a filter that fits in them. */
export const images = (dimensions: 2 | 3): fc.Arbitrary<Images> =>
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
    .filter(({ sizes, window, pad }) => {
      if (pad === 'same') return true
      // of padding by a number TensorFlow.js takes the filter's height for its width too
      const least = (axis: number): number =>
        Math.max(window[axis] ?? 0, pad === 'valid' ? 0 : (window[0] ?? 0))
      return sizes.every((each, axis) => each >= least(axis))
    })

/** So many terms a sum in a convolution has at most. */
export const placesOf = (
  sizes: readonly number[],
  window: readonly number[],
  batch: number,
  channels: number,
): number => Math.max(batch * sizeOf(sizes.map((each) => each + 4)), sizeOf(window) * channels)
