/**
 * The door to TensorFlow.js's WASM backend: its memory, where a tensor's numbers are, and new tensors.
 *
 * None of this is public API of TensorFlow.js: this is the only file that knows it. Where anything looks
 * different, there is no door, and steps are computed by TensorFlow.js's own operations.
 */
import * as tf from '@tensorflow/tfjs-core'
import { anotherHandle, retire } from '../handle.js'

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
  /** Brings the data here if another backend has them. */
  get(dataId: tf.DataId): TensorData | undefined
}

interface WasmModule {
  _malloc(bytes: number): number
  _free(address: number): void
  readonly tfjs: {
    /** Makes kernels know data under a number. */
    registerTensor(id: number, size: number, address: number): void
    /** Makes kernels forget data, and all that they have made of them. */
    disposeData(id: number): void
  }
}

interface WasmBackend extends tf.KernelBackend {
  /** What is known of a new tensor, whose memory is at an address. */
  makeOutput(shape: readonly number[], dtype: 'float32', memoryOffset: number): tf.TensorInfo
}

/** What the engine does with a new handle. */
interface Engine {
  /** Notes the handle in the scope that is open, to be disposed at its end. */
  track(tensor: tf.Tensor): tf.Tensor
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const has = <K extends string>(value: unknown, key: K): value is Readonly<Record<K, unknown>> =>
  isObject(value) && key in value

const hasMethods = <K extends string>(value: unknown, ...keys: readonly K[]): boolean =>
  keys.every((key) => has(value, key) && typeof value[key] === 'function')

const isModule = (value: unknown): value is WasmModule =>
  hasMethods(value, '_malloc', '_free') &&
  has(value, 'tfjs') &&
  hasMethods(value.tfjs, 'registerTensor', 'disposeData')

const isDataMap = (value: unknown): value is DataMap => hasMethods(value, 'get')

const isEngine = (value: unknown): value is Engine => hasMethods(value, 'track')

const isBackend = (value: unknown): value is WasmBackend =>
  hasMethods(value, 'makeOutput', 'incRef', 'disposeData')

/** The memory is among the exports, in the threaded build beside them. */
const memoryOf = (module: unknown): WebAssembly.Memory | null => {
  const memory = has(module, 'asm') && has(module.asm, 'memory') ? module.asm.memory : undefined
  const threaded = has(module, 'wasmMemory') ? module.wasmMemory : undefined
  const found = memory instanceof WebAssembly.Memory ? memory : threaded
  return found instanceof WebAssembly.Memory ? found : null
}

const isTensorData = (data: unknown): data is TensorData =>
  has(data, 'id') &&
  typeof data.id === 'number' &&
  has(data, 'memoryOffset') &&
  typeof data.memoryOffset === 'number' &&
  has(data, 'refCount') &&
  typeof data.refCount === 'number'

// the door

/** A tensor that was just made. */
export interface NewTensor {
  readonly tensor: tf.Tensor
  readonly address: number
}

/** What kernels need of the backend. */
export interface WasmDoor {
  readonly memory: WebAssembly.Memory
  /** Whether other threads can see the memory. */
  readonly isShared: boolean
  /** Where a tensor's numbers are; brings them here if they are on another backend. */
  readonly dataOf: (tensor: tf.Tensor) => TensorData
  /** A new tensor of float32 and so many elements, its numbers not yet written, and their address. */
  readonly makeTensor: (shape: readonly number[], size: number) => NewTensor
  /** A new handle on a tensor's memory. */
  readonly share: (tensor: tf.Tensor) => tf.Tensor
  /** A new handle in the place of another: the memory is the same with other numbers, the other handle is disposed. */
  readonly takeOver: (tensor: tf.Tensor) => tf.Tensor
  /** Tells the backend that a tensor's numbers are others now. */
  readonly renew: (tensor: tf.Tensor) => void
  /** Copies bytes into the memory, to stay there; their address. */
  readonly store: (bytes: Uint8Array<ArrayBuffer>) => number
  /** The address of at least so many bytes that are ours until the next call, aligned to 16. */
  readonly scratch: (bytes: number) => number
}

/** Memory of the backend's heap; throws where there is none left. */
const allocate = ({ _malloc }: WasmModule, bytes: number): number => {
  const address = _malloc(bytes) >>> 0
  if (address === 0 && bytes > 0) throw new Error(`no memory for ${bytes} bytes in the WASM backend`)
  return address
}

const scratchOf = (module: WasmModule): WasmDoor['scratch'] => {
  let address = 0
  let size = 0
  return (bytes) => {
    // room for the alignment too
    if (bytes + 15 > size) {
      if (address !== 0) module._free(address)
      address = 0
      size = 0
      const wanted = 2 ** Math.ceil(Math.log2(bytes + 15))
      address = allocate(module, wanted)
      size = wanted
    }
    return ((address + 15) & ~15) >>> 0
  }
}

/** Moves a tensor, whose numbers are others from now on, to a new handle. */
const mover = (share: WasmDoor['share'], renew: (tensor: tf.Tensor) => void): WasmDoor['takeOver'] => {
  const known: unknown = tf.engine()
  const engine = isEngine(known) ? known : null
  return (tensor) => {
    renew(tensor)
    // the engine counts variables by themselves
    const fresh = engine === null || tensor instanceof tf.Variable ? null : anotherHandle(engine, tensor)
    if (fresh === null) {
      const shared = share(tensor)
      tensor.dispose()
      return shared
    }
    engine?.track(fresh)
    retire(tensor)
    return fresh
  }
}

/**
 * Tells the backend that a tensor's numbers are others now. XNNPACK's kernels, matrix products and convolutions, keep
 * the right hand sides that they have seen in an order of their own, until the data are disposed.
 */
const renewing =
  ({ tfjs }: WasmModule, data: DataMap) =>
  ({ dataId, size }: tf.Tensor): void => {
    const known = data.get(dataId)
    if (known === undefined) return
    tfjs.disposeData(known.id)
    tfjs.registerTensor(known.id, size, known.memoryOffset)
  }

/** Whether the backend makes an output and keeps its data as it is expected to. */
const keepsData = (backend: WasmBackend, data: DataMap, module: WasmModule): boolean => {
  try {
    const { dataId } = backend.makeOutput([1], 'float32', allocate(module, 4))
    try {
      return isTensorData(data.get(dataId))
    } finally {
      backend.disposeData(dataId)
    }
  } catch {
    // it wants something else
    return false
  }
}

const open = (backend: unknown): WasmDoor | null => {
  if (!isBackend(backend) || !has(backend, 'wasm') || !has(backend, 'dataIdMap')) return null
  const { wasm, dataIdMap } = backend
  const memory = memoryOf(wasm)
  if (memory === null || !isModule(wasm) || !isDataMap(dataIdMap) || !keepsData(backend, dataIdMap, wasm))
    return null
  const engine = tf.engine()
  const renew = renewing(wasm, dataIdMap)
  const share = ({ dataId, shape, dtype }: tf.Tensor): tf.Tensor => {
    backend.incRef(dataId)
    return engine.makeTensorFromTensorInfo({ dataId, shape, dtype }, backend)
  }
  return {
    memory,
    isShared: typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer,
    dataOf: ({ dataId }) => {
      const data = dataIdMap.get(dataId)
      if (data === undefined) throw new Error('the WASM backend does not know a tensor')
      return data
    },
    makeTensor: (shape, size) => {
      const address = allocate(wasm, 4 * size)
      const info = backend.makeOutput([...shape], 'float32', address)
      return { tensor: engine.makeTensorFromTensorInfo(info, backend), address }
    },
    share,
    takeOver: mover(share, renew),
    renew,
    store: (bytes) => {
      const address = allocate(wasm, bytes.length)
      new Uint8Array(memory.buffer).set(bytes, address)
      return address
    },
    scratch: scratchOf(wasm),
  }
}

/** Why there is no door. */
export const unknownBackend = 'the WASM backend of TensorFlow.js does not look as expected'

const doors = new WeakMap<object, WasmDoor | null>()

/** The door to a backend; `null` if it is not TensorFlow.js's for WASM, or not as it is known here. */
export const wasmDoor = (backend: object): WasmDoor | null => {
  const known = doors.get(backend)
  if (known !== undefined) return known
  const door = open(backend)
  doors.set(backend, door)
  return door
}
