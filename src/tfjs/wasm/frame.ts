/** Frame: images with zeros around or between their pixels, so that no window reaches outside. */
import type { WasmDoor } from '../../host/tfjs/wasm/backend.js'
import { withRoom } from '../../host/tfjs/wasm/room.js'
import { stridesOf } from './geometry.js'

/** Images in memory, channels last. */
export interface Images {
  /** The address of the first number. */
  readonly base: number
  readonly batch: number
  readonly sizes: readonly number[]
  readonly channels: number
}

/** Where pixels go in a frame. */
export interface Placement {
  readonly sizes: readonly number[]
  /** Where the first pixel goes, along each dimension; it may be outside. */
  readonly first: readonly number[]
  /** How far apart pixels go. */
  readonly apart: readonly number[]
  /** How many numbers each channel becomes. */
  readonly repeats: number
}

const isWhole = ({ sizes }: Images, to: Placement): boolean =>
  to.repeats === 1 &&
  sizes.every((size, axis) => to.first[axis] === 0 && to.apart[axis] === 1 && (to.sizes[axis] ?? 0) <= size)

const copyPixels = (floats: Float32Array, from: Images, to: Placement, base: number): void => {
  const { sizes, channels, batch } = from
  const sources = [...stridesOf(sizes, channels)]
  const targets = [...stridesOf(to.sizes, channels * to.repeats)]
  const last = sizes.length - 1
  // the pixels along the last dimension that are within
  const [first, apart, room] = [to.first[last] ?? 0, to.apart[last] ?? 1, to.sizes[last] ?? 0]
  const begin = Math.max(0, Math.ceil(-first / apart))
  const end = Math.min(sizes[last] ?? 0, Math.floor((room - 1 - first) / apart) + 1)
  if (end <= begin) return
  const line = (source: number, target: number): void => {
    const [s, t] = [source + begin * channels, target + (first + begin * apart) * channels * to.repeats]
    if (apart === 1 && to.repeats === 1) {
      floats.copyWithin(t, s, s + (end - begin) * channels)
      return
    }
    for (let i = 0; i < end - begin; i++)
      for (let c = 0; c < channels; c++)
        for (let r = 0; r < to.repeats; r++)
          floats[t + (i * apart * channels + c) * to.repeats + r] = floats[s + i * channels + c] ?? 0
  }
  const visit = (axis: number, source: number, target: number): void => {
    if (axis === last) line(source, target)
    else
      for (let i = 0; i < (sizes[axis] ?? 0); i++) {
        const place = (to.first[axis] ?? 0) + i * (to.apart[axis] ?? 1)
        if (place >= 0 && place < (to.sizes[axis] ?? 0))
          visit(axis + 1, source + i * (sources[axis] ?? 0), target + place * (targets[axis] ?? 0))
      }
  }
  const image = sizes.reduce((product, size) => product * size, channels)
  const frame = to.sizes.reduce((product, size) => product * size, channels * to.repeats)
  for (let n = 0; n < batch; n++) visit(0, from.base / 4 + n * image, base / 4 + n * frame)
}

/** Calls a function with framed images: the images themselves if there is nothing around or between their pixels. */
export const withFrame = <T>(door: WasmDoor, from: Images, to: Placement, f: (framed: Images) => T): T => {
  if (isWhole(from, to)) return f(from)
  const channels = from.channels * to.repeats
  const size = to.sizes.reduce((product, each) => product * each, from.batch * channels)
  return withRoom(door, size, (base) => {
    const floats = new Float32Array(door.memory.buffer)
    floats.fill(0, base / 4, base / 4 + size)
    copyPixels(floats, from, to, base)
    return f({ base, batch: from.batch, sizes: to.sizes, channels })
  })
}
