/** Geometry: where a convolution or pooling, of two or three dimensions, finds the numbers that it combines. */
import * as tf from '@tensorflow/tfjs-core'

/** A window that moves over images, channels last. Lists have one number per dimension. */
export interface Windows {
  readonly batch: number
  readonly channels: number
  /** The sizes of images, of windows, and how many windows there are. */
  readonly input: readonly number[]
  readonly window: readonly number[]
  readonly output: readonly number[]
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
  /** How far before the image the first window begins. */
  readonly before: readonly number[]
}

/** A convolution. */
export interface Convolution extends Windows {
  readonly outChannels: number
}

const flat = (info: tf.backend_util.Conv2DInfo): Convolution => ({
  batch: info.batchSize,
  channels: info.inChannels,
  outChannels: info.outChannels,
  input: [info.inHeight, info.inWidth],
  window: [info.filterHeight, info.filterWidth],
  output: [info.outHeight, info.outWidth],
  strides: [info.strideHeight, info.strideWidth],
  dilations: [info.dilationHeight, info.dilationWidth],
  before: [info.padInfo.top, info.padInfo.left],
})

const deep = (info: tf.backend_util.Conv3DInfo): Convolution => ({
  batch: info.batchSize,
  channels: info.inChannels,
  outChannels: info.outChannels,
  input: [info.inDepth, info.inHeight, info.inWidth],
  window: [info.filterDepth, info.filterHeight, info.filterWidth],
  output: [info.outDepth, info.outHeight, info.outWidth],
  strides: [info.strideDepth, info.strideHeight, info.strideWidth],
  dilations: [info.dilationDepth, info.dilationHeight, info.dilationWidth],
  before: [info.padInfo.front, info.padInfo.top, info.padInfo.left],
})

type Attrs = Readonly<Record<string, unknown>>

/** The attributes of a kernel, as TensorFlow.js's own functions take them; it has checked them already. */
type Given = {
  readonly strides: [number, number]
  readonly dilations?: [number, number] | null
  readonly pad: number
  readonly dimRoundingMode?: 'floor'
  readonly dataFormat?: string
  readonly filterSize: [number, number]
}
type Given3D = {
  readonly strides: [number, number, number]
  readonly dilations?: [number, number, number] | null
  readonly pad: 'same'
  readonly dimRoundingMode?: 'floor'
  readonly filterSize: [number, number, number]
}

/** Whether channels are last: the backend supports nothing else, in the forward pass either. */
export const isChannelsLast = ({ dataFormat = 'NHWC' }: Attrs): boolean =>
  dataFormat === 'NHWC' || dataFormat === 'NDHWC'

/** The convolution of images and filters of some shapes. */
export const convolutionOf = (
  shape: readonly number[],
  filter: readonly number[],
  attrs: Attrs,
  depthwise = false,
): Convolution => {
  if (shape.length === 5) {
    const { strides, dilations, pad } = attrs as Given3D
    return deep(
      tf.backend_util.computeConv3DInfo(
        shape as [number, number, number, number, number],
        filter as [number, number, number, number, number],
        strides,
        dilations ?? 1,
        pad,
      ),
    )
  }
  const { strides, dilations, pad, dimRoundingMode } = attrs as Given
  return flat(
    tf.backend_util.computeConv2DInfo(
      shape as [number, number, number, number],
      filter as [number, number, number, number],
      strides,
      dilations ?? 1,
      pad,
      dimRoundingMode,
      depthwise,
    ),
  )
}

/** The windows of a pooling of images of some shape. */
export const poolingOf = (shape: readonly number[], attrs: Attrs): Windows => {
  if (shape.length === 5) {
    const { filterSize, strides, pad, dimRoundingMode } = attrs as Given3D
    return deep(
      tf.backend_util.computePool3DInfo(
        shape as [number, number, number, number, number],
        filterSize,
        strides,
        1,
        pad,
        dimRoundingMode,
      ),
    )
  }
  const { filterSize, strides, pad, dimRoundingMode } = attrs as Given
  return flat(
    tf.backend_util.computePool2DInfo(
      shape as [number, number, number, number],
      filterSize,
      strides,
      1,
      pad,
      dimRoundingMode,
    ),
  )
}

/** The stride of each dimension; that of the last is `unit`. */
export const stridesOf = (sizes: readonly number[], unit: number): readonly number[] =>
  sizes.map((_, axis) => sizes.slice(axis + 1).reduce((product, size) => product * size, unit))

/** The places of a grid, row by row, from the sizes and strides of its dimensions. */
export const grid = (sizes: readonly number[], steps: readonly number[]): Int32Array =>
  sizes.reduce((places, size, axis) => {
    const step = steps[axis] ?? 0
    const next = new Int32Array(places.length * size)
    let at = 0
    for (const place of places) for (let i = 0; i < size; i++) next[at++] = place + i * step
    return next
  }, new Int32Array(1))
