/**
 * Convolutions of two and three dimensions: their gradients, and the three-dimensional ones themselves.
 *
 * TensorFlow.js has no gradient in the filter of a two-dimensional convolution on WASM; that in the images takes five
 * times as long as the convolution. Its three-dimensional convolutions are plain loops, and their gradients are wrong.
 * The two-dimensional convolution itself reorders its filters in every training step, and reads out of bounds where the
 * padding is as wide as the window.
 * Here each is one product: the images' patches, read in place, times the filter or `dy`.
 */
import type * as tf from '@tensorflow/tfjs-core'
import type { Tensor, WasmDoor } from '../../host/tfjs/wasm/backend.js'
import { withRoom } from '../../host/tfjs/wasm/room.js'
import { type Images, withFrame } from './frame.js'
import { type Convolution, convolutionOf, grid, isChannelsLast, stridesOf } from './geometry.js'
import { multiplierOf } from './product.js'
import { type Call, isLinear, type Replaced } from './replacement.js'

/** The images that a tensor is. */
export const imagesOf = (door: WasmDoor, tensor: Tensor, channels: number): Images => ({
  base: door.dataOf(tensor).memoryOffset,
  batch: tensor.shape[0] ?? 0,
  sizes: tensor.shape.slice(1, -1),
  channels,
})

/** How many there are of sizes. */
export const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1)

/** The sizes that all windows together cover. */
export const covered = ({ output, window, strides, dilations }: Convolution): readonly number[] =>
  output.map(
    (count, axis) =>
      (count - 1) * (strides[axis] ?? 1) + ((window[axis] ?? 1) - 1) * (dilations[axis] ?? 1) + 1,
  )

/** Where the patches of framed images are, in bytes. */
export interface Patches {
  /** Where windows begin. */
  readonly windows: Int32Array
  /** Where the pixels of a window are, from its begin. */
  readonly pixels: Int32Array
}

/** Where the patches of framed images are. */
export const patches = ({ batch, sizes, channels }: Images, conv: Convolution): Patches => {
  const steps = stridesOf(sizes, 4 * channels)
  const along = (by: readonly number[]): readonly number[] =>
    steps.map((step, axis) => step * (by[axis] ?? 1))
  const image = 4 * channels * product(sizes)
  return {
    windows: grid([batch, ...conv.output], [image, ...along(conv.strides)]),
    pixels: grid(conv.window, along(conv.dilations)),
  }
}

/** Where all numbers of a window are, from its begin. */
const numbersIn = (pixels: Int32Array, channels: number): Int32Array => {
  const numbers = new Int32Array(pixels.length * channels)
  for (let i = 0; i < numbers.length; i++) {
    const channel = i % channels
    numbers[i] = (pixels[(i - channel) / channels] ?? 0) + 4 * channel
  }
  return numbers
}

/** The images of a convolution in the frame that its windows cover, each channel so many times. */
export const framedFor = <T>(
  door: WasmDoor,
  x: Tensor,
  conv: Convolution,
  repeats: number,
  f: (images: Images) => T,
): T =>
  withFrame(
    door,
    imagesOf(door, x, conv.channels),
    { sizes: covered(conv), first: conv.before, apart: conv.before.map(() => 1), repeats },
    f,
  )

/** The convolution that leads from `dy` back to the images: over the pixels of `dy` as far apart as windows were. */
export const backwards = (conv: Convolution): Convolution => ({
  ...conv,
  channels: conv.outChannels,
  outChannels: conv.channels,
  output: conv.input,
  strides: conv.strides.map(() => 1),
})

const isFloat = (...tensors: readonly (Tensor | undefined)[]): boolean =>
  tensors.every((tensor) => tensor?.dtype === 'float32')

const forward = ({ door, inputs: { x, filter, bias }, attrs }: Call): tf.Tensor | null => {
  if (x === undefined || filter === undefined || !isFloat(x, filter) || !isChannelsLast(attrs)) return null
  const conv = convolutionOf(x.shape, filter.shape, attrs)
  if (bias !== undefined && bias.size !== conv.outChannels) return null
  const shape = [conv.batch, ...conv.output, conv.outChannels]
  return framedFor(door, x, conv, 1, (images) => {
    const { windows, pixels } = patches(images, conv)
    const { tensor, address } = door.makeTensor(shape, product(shape))
    const b = {
      base: door.dataOf(filter).memoryOffset,
      step: 4 * conv.outChannels,
      turned: false,
      columns: conv.outChannels,
    }
    multiplierOf(door)(
      { base: images.base, rows: windows, steps: numbersIn(pixels, images.channels) },
      b,
      address,
      bias === undefined ? null : door.dataOf(bias).memoryOffset,
    )
    return tensor
  })
}

const inFilter = ({ door, inputs: { x, dy }, attrs }: Call): tf.Tensor | null => {
  if (x === undefined || dy === undefined || !isFloat(x, dy) || !isChannelsLast(attrs)) return null
  const shape = attrs.filterShape as readonly number[] // what TensorFlow.js gives
  const conv = convolutionOf(x.shape, shape, attrs)
  return framedFor(door, x, conv, 1, (images) => {
    const { windows, pixels } = patches(images, conv)
    const { tensor, address } = door.makeTensor(shape, product(shape))
    const b = {
      base: door.dataOf(dy).memoryOffset,
      step: 4 * conv.outChannels,
      turned: false,
      columns: conv.outChannels,
    }
    multiplierOf(door)(
      { base: images.base, rows: numbersIn(pixels, images.channels), steps: windows },
      b,
      address,
      null,
    )
    return tensor
  })
}

/** Writes a filter rotated by 180°, with its channels swapped. */
const turn = (
  floats: Float32Array,
  from: number,
  to: number,
  { window, channels, outChannels }: Convolution,
) => {
  const places = product(window)
  for (let p = 0; p < places; p++)
    for (let c = 0; c < channels; c++)
      for (let o = 0; o < outChannels; o++)
        floats[to / 4 + ((places - 1 - p) * outChannels + o) * channels + c] =
          floats[from / 4 + (p * channels + c) * outChannels + o] ?? 0
}

const inImages = ({ door, inputs: { dy, filter }, attrs }: Call): tf.Tensor | null => {
  if (dy === undefined || filter === undefined || !isFloat(dy, filter) || !isChannelsLast(attrs)) return null
  const shape = attrs.inputShape as readonly number[] // what TensorFlow.js gives
  const conv = convolutionOf(shape, filter.shape, attrs)
  const back = backwards(conv)
  const reach = conv.window.map((size, axis) => (size - 1) * (conv.dilations[axis] ?? 1))
  const placement = {
    sizes: covered(back),
    first: reach.map((each, axis) => each - (conv.before[axis] ?? 0)),
    apart: conv.strides,
    repeats: 1,
  }
  return withRoom(door, filter.size, (turned) =>
    withFrame(door, imagesOf(door, dy, conv.outChannels), placement, (images) => {
      const { windows, pixels } = patches(images, back)
      const { tensor, address } = door.makeTensor(shape, product(shape))
      turn(new Float32Array(door.memory.buffer), door.dataOf(filter).memoryOffset, turned, conv)
      const b = { base: turned, step: 4 * conv.channels, turned: false, columns: conv.channels }
      multiplierOf(door)(
        { base: images.base, rows: windows, steps: numbersIn(pixels, images.channels) },
        b,
        address,
        null,
      )
      return tensor
    }),
  )
}

/** The kernels. */
export const convolutions: readonly Replaced[] = [
  { kernel: 'Conv2D', reason: 'slow', run: forward },
  { kernel: 'FusedConv2D', reason: 'slow', run: (call) => (isLinear(call) ? forward(call) : null) },
  { kernel: 'Conv2DBackpropFilter', reason: 'missing', run: inFilter },
  { kernel: 'Conv2DBackpropInput', reason: 'slow', run: inImages },
  { kernel: 'Conv3D', reason: 'slow', run: forward },
  { kernel: 'Conv3DBackpropFilterV2', reason: 'wrong', run: inFilter },
  { kernel: 'Conv3DBackpropInputV2', reason: 'wrong', run: inImages },
]
