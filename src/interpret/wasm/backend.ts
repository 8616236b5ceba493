/**
 * The door to TensorFlow.js's WASM backend: its memory, where a tensor's numbers are, and new tensors.
 *
 * None of this is public API of TensorFlow.js: this is the only file that knows it. Where anything looks
 * different, there is no door, and steps are computed by TensorFlow.js's own operations.
 */
import * as tf from '@tensorflow/tfjs-core'

/** A tensor, for those who need not know of what library. */
export type Tensor = tf.Tensor

// what is expected of the backend

/** Where a tensor's numbers are. */
export interface TensorData {
  /** A number that no other data has. */
  readonly id: number
  /** The address of the first element. */
  readonly memoryOffset: number
  /** How many tensors hold the data. */
  readonly refCount: number
}

interface DataMap {
  get(dataId: tf.DataId): TensorData | undefined
}

interface WasmModule {
  _malloc(bytes: number): number
  _free(address: number): void
}

interface WasmBackend extends tf.KernelBackend {
  makeOutput(shape: readonly number[], dtype: 'float32'): tf.TensorInfo
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const has = <K extends string>(value: unknown, key: K): value is Readonly<Record<K, unknown>> =>
  isObject(value) && key in value

const hasMethods = <K extends string>(value: unknown, ...keys: readonly K[]): boolean =>
  keys.every((key) => has(value, key) && typeof value[key] === 'function')

const isModule = (value: unknown): value is WasmModule => hasMethods(value, '_malloc', '_free')

const isDataMap = (value: unknown): value is DataMap => hasMethods(value, 'get')

const isBackend = (value: unknown): value is WasmBackend =>
  hasMethods(value, 'makeOutput', 'incRef', 'disposeData')

const memoryOf = (module: unknown): WebAssembly.Memory | null =>
  has(module, 'asm') && has(module.asm, 'memory') && module.asm.memory instanceof WebAssembly.Memory
    ? module.asm.memory
    : null

const isTensorData = (data: unknown): data is TensorData =>
  has(data, 'id') &&
  typeof data.id === 'number' &&
  has(data, 'memoryOffset') &&
  typeof data.memoryOffset === 'number' &&
  has(data, 'refCount') &&
  typeof data.refCount === 'number'

// the door

/** What kernels need of the backend. */
export interface WasmDoor {
  readonly memory: WebAssembly.Memory
  /** Whether other threads can see the memory. */
  readonly isShared: boolean
  /** Where a tensor's numbers are; brings them here if they are on another backend. */
  readonly dataOf: (tensor: tf.Tensor) => TensorData
  /** A new tensor of float32, its numbers not yet written. */
  readonly makeTensor: (shape: readonly number[]) => tf.Tensor
  /** A new handle on a tensor's memory. */
  readonly share: (tensor: tf.Tensor) => tf.Tensor
  /** The address of at least so many bytes that are ours until the next call, aligned to 16. */
  readonly scratch: (bytes: number) => number
}

const scratchOf = ({ _malloc, _free }: WasmModule): WasmDoor['scratch'] => {
  let address = 0
  let size = 0
  return (bytes) => {
    if (bytes > size) {
      if (address !== 0) _free(address)
      size = 2 ** Math.ceil(Math.log2(bytes + 16))
      address = _malloc(size) >>> 0
      if (address === 0) {
        size = 0
        throw new Error(`no memory for ${bytes} bytes in the WASM backend`)
      }
    }
    return ((address + 15) & ~15) >>> 0
  }
}

/** Whether the backend keeps a tensor's data as it is expected to. */
const keepsData = (backend: WasmBackend, data: DataMap): boolean => {
  const { dataId } = backend.makeOutput([1], 'float32')
  try {
    return isTensorData(data.get(dataId))
  } finally {
    backend.disposeData(dataId)
  }
}

const open = (backend: unknown): WasmDoor | null => {
  if (!isBackend(backend) || !has(backend, 'wasm') || !has(backend, 'dataIdMap')) return null
  const { wasm, dataIdMap } = backend
  const memory = memoryOf(wasm)
  if (memory === null || !isModule(wasm) || !isDataMap(dataIdMap) || !keepsData(backend, dataIdMap))
    return null
  const engine = tf.engine()
  return {
    memory,
    isShared: typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer,
    dataOf: ({ dataId }) => {
      const data = dataIdMap.get(dataId)
      if (data === undefined) throw new Error('the WASM backend does not know a tensor')
      return data
    },
    makeTensor: (shape) =>
      engine.makeTensorFromTensorInfo(backend.makeOutput([...shape], 'float32'), backend),
    share: ({ dataId, shape, dtype }) => {
      backend.incRef(dataId)
      return engine.makeTensorFromTensorInfo({ dataId, shape, dtype }, backend)
    },
    scratch: scratchOf(wasm),
  }
}

const doors = new WeakMap<object, WasmDoor | null>()

/** The door to a backend; `null` if it is not TensorFlow.js's for WASM, or not as it is known here. */
export const wasmDoor = (backend: object): WasmDoor | null => {
  const known = doors.get(backend)
  if (known !== undefined) return known
  const door = open(backend)
  doors.set(backend, door)
  return door
}
