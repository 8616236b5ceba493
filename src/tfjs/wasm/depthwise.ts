/**
 * The gradients of depthwise convolutions: DepthwiseConv2dNativeBackpropFilter and -Input.
 *
 * TensorFlow.js has neither on WASM. Both multiply channel by channel, in the panels of products: the images' patches
 * with `dy`, and the patches of `dy` with the filter rotated by 180°. So does the convolution itself; TensorFlow.js's
 * reads out of bounds where the padding is as wide as the window.
 */
import type * as tf from '@tensorflow/tfjs-core'
import { panelBytes, panelSize, writePanel } from '../../compile/wasm/panel.js'
import { viewsOf } from '../../host/kernels/machine.js'
import type { Tensor, WasmDoor } from '../../host/tfjs/wasm/backend.js'
import { compiled } from '../../host/tfjs/wasm/compiled.js'
import { withRoom } from '../../host/tfjs/wasm/room.js'
import { remember } from '../../rule/intern.js'
import { backwards, covered, framedFor, imagesOf, patches, product } from './convolution.js'
import { withFrame } from './frame.js'
import { type Convolution, convolutionOf, isChannelsLast } from './geometry.js'
import type { Scattered } from './product.js'
import type { Call, Replaced } from './replacement.js'

/** Columns of a panel. */
const wide = 8

/** The channels left over where a panel is too wide, one by one. */
const multiplyRest = (
  floats: Float32Array,
  { base, rows, steps }: Scattered,
  b: number,
  c: number,
  [first, channels]: readonly [number, number],
): void => {
  for (let i = 0; i < rows.length; i++)
    for (let j = first; j < channels; j++) {
      const from = (base + (rows[i] ?? 0)) / 4 + j
      let sum = 0
      for (let k = 0; k < steps.length; k++)
        sum += (floats[from + (steps[k] ?? 0) / 4] ?? 0) * (floats[b / 4 + k * channels + j] ?? 0)
      floats[c / 4 + i * channels + j] = sum
    }
}

/** C[i, j] = Σ A[i, k, j] B[k, j] for a number of channels j, adjacent in A, B and C. */
const channelsOf = remember((door: WasmDoor) => {
  const { run } = compiled(door, (shared) => panelBytes('channels', shared))
  return (a: Scattered, b: number, c: number, channels: number): void => {
    const [height, depth] = [a.rows.length, a.steps.length]
    const entry = door.scratch(panelSize + 4 * (height + depth))
    const tables = entry + panelSize
    const views = viewsOf(door.memory.buffer)
    const { i32: words, f32: floats } = views
    words.set(a.steps, tables / 4)
    words.set(a.rows, tables / 4 + depth)
    const [end, step] = [tables + 4 * depth, 4 * channels]
    // the shorter of the tables tells of the place too
    const [at, offsets] = height < depth ? [end, a.rows] : [tables, a.steps]
    const whole = channels - (channels % wide)
    for (let j = 0; j < whole; j += wide) {
      for (let i = 0; i < offsets.length; i++) words[at / 4 + i] = a.base + 4 * j + (offsets[i] ?? 0)
      writePanel(views, entry, {
        c: c + 4 * j,
        cStep: step,
        d: 0,
        dStep: 0,
        b: b + 4 * j,
        bStep: step,
        steps: tables,
        end,
        rows: end,
        count: height,
        alpha: 1,
        beta: 0,
      })
      run(entry, 1)
    }
    if (whole < channels) multiplyRest(floats, a, b, c, [whole, channels])
  }
})

const isFloat = (...tensors: readonly (Tensor | undefined)[]): boolean =>
  tensors.every((tensor) => tensor?.dtype === 'float32')

/** How many filters each channel has. */
const multiplier = ({ channels, outChannels }: Convolution): number => outChannels / channels

const forward = ({ door, inputs: { x, filter }, attrs }: Call): tf.Tensor | null => {
  if (x === undefined || filter === undefined || !isFloat(x, filter) || !isChannelsLast(attrs)) return null
  const conv = convolutionOf(x.shape, filter.shape, attrs, true)
  const shape = [conv.batch, ...conv.output, conv.outChannels]
  return framedFor(door, x, conv, multiplier(conv), (images) => {
    const { windows, pixels } = patches(images, conv)
    const { tensor, address } = door.makeTensor(shape, product(shape))
    const a = { base: images.base, rows: windows, steps: pixels }
    channelsOf(door)(a, door.dataOf(filter).memoryOffset, address, conv.outChannels)
    return tensor
  })
}

const inFilter = ({ door, inputs: { x, dy }, attrs }: Call): tf.Tensor | null => {
  if (x === undefined || dy === undefined || !isFloat(x, dy)) return null
  const shape = attrs.filterShape as readonly number[] // what TensorFlow.js gives
  const conv = convolutionOf(x.shape, shape, attrs, true)
  return framedFor(door, x, conv, multiplier(conv), (images) => {
    const { windows, pixels } = patches(images, conv)
    const { tensor, address } = door.makeTensor(shape, product(shape))
    const a = { base: images.base, rows: pixels, steps: windows }
    channelsOf(door)(a, door.dataOf(dy).memoryOffset, address, conv.outChannels)
    return tensor
  })
}

/** Writes a filter rotated by 180°. */
const turn = (floats: Float32Array, from: number, to: number, { window, outChannels }: Convolution): void => {
  const places = product(window)
  for (let p = 0; p < places; p++) {
    const source = from / 4 + (places - 1 - p) * outChannels
    floats.copyWithin(to / 4 + p * outChannels, source, source + outChannels)
  }
}

/** Writes the sums of groups of neighbours. */
const sumNeighbours = (floats: Float32Array, from: number, to: number, size: number, count: number): void => {
  for (let i = 0; i < size; i++) {
    let sum = 0
    for (let r = 0; r < count; r++) sum += floats[from / 4 + i * count + r] ?? 0
    floats[to / 4 + i] = sum
  }
}

const inImages = ({ door, inputs: { dy, filter }, attrs }: Call): tf.Tensor | null => {
  if (dy === undefined || filter === undefined || !isFloat(dy, filter)) return null
  const shape = attrs.inputShape as readonly number[] // what TensorFlow.js gives
  const conv = convolutionOf(shape, filter.shape, attrs, true)
  const back = backwards(conv)
  const placement = {
    sizes: covered(back),
    first: conv.window.map((size, i) => (size - 1) * (conv.dilations[i] ?? 1) - (conv.before[i] ?? 0)),
    apart: conv.strides,
    repeats: 1,
  }
  const count = multiplier(conv)
  return withRoom(door, filter.size, (turned) =>
    withFrame(door, imagesOf(door, dy, conv.outChannels), placement, (images) => {
      const { windows, pixels } = patches(images, back)
      const { tensor, address } = door.makeTensor(shape, product(shape))
      const multiply = (to: number): void => {
        turn(new Float32Array(door.memory.buffer), door.dataOf(filter).memoryOffset, turned, conv)
        channelsOf(door)({ base: images.base, rows: windows, steps: pixels }, turned, to, conv.outChannels)
      }
      if (count === 1) multiply(address)
      else
        withRoom(door, product(shape) * count, (all) => {
          multiply(all)
          sumNeighbours(new Float32Array(door.memory.buffer), all, address, product(shape), count)
        })
      return tensor
    }),
  )
}

/** The kernels. */
export const depthwiseConvolutions: readonly Replaced[] = [
  { kernel: 'DepthwiseConv2dNative', reason: 'wrong', run: forward },
  { kernel: 'DepthwiseConv2dNativeBackpropFilter', reason: 'missing', run: inFilter },
  { kernel: 'DepthwiseConv2dNativeBackpropInput', reason: 'missing', run: inImages },
]
