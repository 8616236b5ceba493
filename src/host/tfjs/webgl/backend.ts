/**
 * What the interpreter needs of TensorFlow.js's WebGL backend: the only file that knows its internals.
 *
 * They are not public, so they are looked at before they are used: `null` where they are not as expected.
 */
import * as tf from '@tensorflow/tfjs-core'
import { remember } from '../../../rule/intern.js'
import { sizeOf } from '../../../rule/leaf.js'
import { boundedCache } from '../../boundedCache.js'

/** A tensor of TensorFlow.js. */
export type Tensor = tf.Tensor

interface TextureData {
  /** The shape by which a packed texture is laid out. */
  shape: number[]
  /** Rows and columns of numbers: of a packed texture, twice as many as texels. */
  readonly texShape?: readonly [number, number] | null
  readonly texture?: { readonly texture?: unknown } | null
  isPacked?: boolean
  /** A window of another tensor's texture. */
  readonly slice?: { readonly flatOffset: number } | null
}

interface Context {
  readonly gl: WebGL2RenderingContext
  readonly program: WebGLProgram | null
  readonly framebuffer: WebGLFramebuffer | null
}

interface Internals {
  readonly gpgpu: Context
  readonly texData: { readonly get: (dataId: object) => TextureData }
  readonly uploadToGPU: (dataId: object) => void
  readonly makeTensorInfo: (shape: number[], dtype: 'float32', values?: Float32Array) => tf.TensorInfo
  readonly disposeIntermediateTensorInfo: (info: tf.TensorInfo) => void
  readonly incRef: (dataId: object) => void
}

const methods = ['uploadToGPU', 'makeTensorInfo', 'disposeIntermediateTensorInfo', 'incRef'] as const

const has = (object: object, key: string): object | null => {
  const value: unknown = Reflect.get(object, key)
  return typeof value === 'object' || typeof value === 'function' ? value : null
}

const looksAsExpected = (backend: object): backend is Internals => {
  const context = has(backend, 'gpgpu')
  const textures = has(backend, 'texData')
  return (
    context !== null &&
    has(context, 'gl') !== null &&
    'program' in context &&
    'framebuffer' in context &&
    textures !== null &&
    typeof has(textures, 'get') === 'function' &&
    methods.every((name) => typeof has(backend, name) === 'function')
  )
}

/** The texture of a tensor, and how its elements lie there. */
export interface Place {
  readonly texture: WebGLTexture
  readonly isPacked: boolean
  /** In texels. */
  readonly width: number
  readonly height: number
  /** The first element: not 0 in a window of another tensor. */
  readonly offset: number
  /** Of a packed texture, the last two lengths of the shape by which it is laid out. */
  readonly rows: number
  readonly columns: number
}

/** The tensors' memory, and the context that draws. */
export interface Memory {
  readonly gl: WebGL2RenderingContext
  /** What is in the way now, in words; `null` if nothing is. */
  readonly obstacle: () => string | null
  /** Whether TensorFlow.js packs the results of operations on elements. */
  readonly packs: () => boolean
  /** Where a tensor is, moved to the device if it is not there: packed, if so asked. `null` if it is in no texture. */
  readonly placeOf: (tensor: Tensor, packed: boolean) => Place | null
  /** Where a new tensor of a shape would be, but for the texture. */
  readonly placeFor: (shape: readonly number[], packed: boolean) => Place | null
  /** A new tensor, not yet written. */
  readonly fresh: (shape: readonly number[], packed: boolean) => Tensor
  /** A new handle on the memory of a tensor. */
  readonly share: (tensor: Tensor) => Tensor
  /** Leaves the context as TensorFlow.js left it. */
  readonly restore: () => void
}

/** The last two lengths of a shape. */
const rowsAndColumns = (shape: readonly number[]): readonly [rows: number, columns: number] => [
  shape.length > 1 ? (shape.at(-2) ?? 1) : 1,
  shape.at(-1) ?? 1,
]

const placeIn = ({ texture, texShape, isPacked = false, shape, slice }: TextureData): Place | null => {
  const own = texture?.texture
  if (!(own instanceof WebGLTexture) || !Array.isArray(texShape)) return null
  const [height, width] = texShape
  if (typeof height !== 'number' || typeof width !== 'number') return null
  const texels = (length: number): number => (isPacked ? Math.max(1, Math.ceil(length / 2)) : length)
  const [rows, columns] = rowsAndColumns(shape)
  return {
    texture: own,
    isPacked,
    width: texels(width),
    height: texels(height),
    offset: slice?.flatOffset ?? 0,
    rows,
    columns,
  }
}

/** How many shapes are remembered. */
const KEPT = 1024

const memoryOf = (backend: Internals): Memory => {
  const { texData, gpgpu } = backend
  const { gl } = gpgpu
  const flag = (name: string): boolean => tf.env().getBool(name)
  const made = (shape: readonly number[], packed: boolean): tf.TensorInfo => {
    if (sizeOf(shape) === 0) return backend.makeTensorInfo([...shape], 'float32', new Float32Array(0))
    const info = backend.makeTensorInfo([...shape], 'float32')
    texData.get(info.dataId).isPacked = packed
    backend.uploadToGPU(info.dataId)
    return info
  }
  const shapes = boundedCache<Place | null>(KEPT)
  return {
    gl,
    obstacle: () =>
      tf.env().getNumber('WEBGL_VERSION') !== 2 || !(gl instanceof WebGL2RenderingContext)
        ? 'the context is of WebGL 1, which has no attachments beside each other'
        : !flag('WEBGL_RENDER_FLOAT32_ENABLED')
          ? 'the device, or a flag, has textures of half precision alone'
          : flag('ENGINE_COMPILE_ONLY')
            ? 'TensorFlow.js only compiles'
            : gl.isContextLost()
              ? 'the context was lost'
              : null,
    packs: () => flag('WEBGL_PACK_BINARY_OPERATIONS'),
    placeOf: ({ dataId, shape }, packed) => {
      // moves the data here if another backend has it
      const data = texData.get(dataId)
      if (data.texture === null || data.texture === undefined) {
        if (sizeOf(shape) === 0) return null
        if (packed) {
          data.isPacked = true
          data.shape = shape
        }
        backend.uploadToGPU(dataId)
      }
      return placeIn(data)
    },
    placeFor: (shape, packed) =>
      shapes(`${packed} ${shape}`, () => {
        if (sizeOf(shape) === 0) return null
        // it goes back to the textures that are handed out again
        const info = made(shape, packed)
        const place = placeIn(texData.get(info.dataId))
        backend.disposeIntermediateTensorInfo(info)
        return place
      }),
    fresh: (shape, packed) => tf.engine().makeTensorFromTensorInfo(made(shape, packed)),
    share: (tensor) => {
      backend.incRef(tensor.dataId)
      return tf.engine().makeTensorFromTensorInfo(tensor)
    },
    restore: () => {
      gl.bindVertexArray(null)
      gl.bindFramebuffer(gl.FRAMEBUFFER, gpgpu.framebuffer)
      gl.useProgram(gpgpu.program)
      gl.activeTexture(gl.TEXTURE0)
    },
  }
}

/** The memory of a WebGL backend; `null` if it is not as this file knows it. */
export const webglMemory: (backend: object) => Memory | null = remember((backend: object) =>
  looksAsExpected(backend) ? memoryOf(backend) : null,
)
