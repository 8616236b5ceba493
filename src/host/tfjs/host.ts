/**
 * The host of TensorFlow.js's tensors. The active backend decides at every step how it is computed, unless a way is
 * forced.
 */
import { GradpipeError } from '../../error.js'
import { type Refusal, refusal, report } from '../fallback.js'
import type { Matrices, MatrixHost } from '../host.js'
import type { Done, Interpreter, Work } from '../work.js'
import { cpuDoor, unknownBackend as unknownCpu } from './cpu/backend.js'
import { cpuInPlace, cpuInterpreter } from './cpu/cpu.js'
import { isRecording } from './gradient.js'
import { activeBackend, tensorInterpreter } from './operations.js'
import { orthogonalTensors } from './orthogonal.js'
import { multiplyTensors } from './stacks.js'
import {
  cloneTensor,
  concatTensors,
  isTensor,
  makeTensor,
  partOfTensor,
  readTensor,
  readTensorLater,
  zerosOf,
} from './tensor.js'
import { axesInterpreter } from './wasm/axes.js'
import { type Tensor, unknownBackend, wasmDoor } from './wasm/backend.js'
import { panelMatricesOf } from './wasm/matrices.js'
import { wasmInPlace, wasmInterpreter } from './wasm/wasm.js'
import { webglMemory } from './webgl/backend.js'
import { webglInterpreter } from './webgl/webgl.js'
import { webgpuMemory } from './webgpu/backend.js'
import { webgpuInterpreter } from './webgpu/webgpu.js'

/**
 * How steps on tensors are computed: by one fused kernel on the backends cpu, WASM, WebGL or WebGPU, or
 * operator by operator (`tensor`).
 *
 * @category Interpreters
 */
export type TensorInterpreter = 'tensor' | 'cpu' | 'wasm' | 'webgl' | 'webgpu'

let forced: TensorInterpreter | undefined

/**
 * Runs a function with steps on tensors computed by one interpreter, whatever the backend would choose: to compare
 * one with the other, or to rule one out. Not for functions that return a promise.
 *
 * Throws `InvalidArgument` in a step, where the interpreter is not that of the active backend.
 *
 * @category Interpreters
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core'
 * import { adam, dispose } from 'gradpipe'
 * import { withInterpreter } from 'gradpipe/tfjs'
 *
 * const g = tf.tensor1d([1, -2])
 * const state = adam(0.1).init(g)
 * const [updates, next] = withInterpreter('tensor', () => adam(0.1).update(g, state))
 * dispose(g, state, updates, next)
 * ```
 */
export const withInterpreter = <T>(interpreter: TensorInterpreter, run: () => T): T => {
  const before = forced
  forced = interpreter
  try {
    return run()
  } finally {
    forced = before
  }
}

type Attempt = (backend: object, work: Work<Tensor>) => Done<Tensor> | Refusal

/** By the backend's name. */
const attempts: Readonly<Record<string, Attempt>> = {
  cpu: (backend, work) => {
    const door = cpuDoor(backend)
    return door === null ? refusal('cpu', unknownCpu) : cpuInterpreter(door)(work)
  },
  wasm: (backend, work) => {
    const door = wasmDoor(backend)
    return door === null ? refusal('wasm', unknownBackend) : wasmInterpreter(door)(work)
  },
  webgl: (backend, work) => {
    const memory = webglMemory(backend)
    return memory === null
      ? refusal('webgl', 'the WebGL backend of TensorFlow.js does not look as expected')
      : webglInterpreter(memory)(work)
  },
  webgpu: (backend, work) => {
    const memory = webgpuMemory(backend)
    return memory === null
      ? refusal('webgpu', 'the WebGPU backend of TensorFlow.js does not look as expected')
      : webgpuInterpreter(memory)(work)
  },
}

/**
 * A step of rules of rows and columns, for which the cpu backend and WASM have kernels; elsewhere operations are no surprise, nor
 * for leaves of WASM with many short rows.
 */
const byAxes = (name: string, backend: object, work: Work<Tensor>): Done<Tensor> | Refusal | undefined => {
  if (name === 'cpu') return attempts[name]?.(backend, work)
  const door = name === 'wasm' ? wasmDoor(backend) : null
  return door === null ? undefined : (axesInterpreter(door)(work) ?? undefined)
}

/** The step by the fused interpreter of the active backend; `undefined` where there is none. */
const fused = (work: Work<Tensor>): Done<Tensor> | Refusal | undefined => {
  const { name, backend } = activeBackend()
  if (forced !== undefined && forced !== 'tensor' && forced !== name)
    throw new GradpipeError('InvalidArgument', 'withInterpreter', `the backend ${forced}`, name)
  // a kernel of ours is no operation of TensorFlow.js, which could not differentiate through it
  if (forced === 'tensor' || isRecording()) return undefined
  return work.job.byAxes ? byAxes(name, backend, work) : attempts[name]?.(backend, work)
}

const run: Interpreter<Tensor> = (work) => {
  const done = fused(work)
  if (done === undefined) return tensorInterpreter(work)
  if (!('_tag' in done)) return done
  report(done)
  return tensorInterpreter(work)
}

const waysInPlace: Readonly<Record<string, (backend: object, work: Work<Tensor>) => (() => boolean) | null>> =
  {
    cpu: (backend, work) => {
      const door = cpuDoor(backend)
      return door && cpuInPlace(door, work)
    },
    wasm: (backend, work) => {
      const door = wasmDoor(backend)
      return door && wasmInPlace(door, work)
    },
  }

const inPlace = (work: Work<Tensor>): (() => boolean) | null => {
  const { name, backend } = activeBackend()
  const step = work.job.byAxes ? undefined : waysInPlace[name]?.(backend, work)
  return step
    ? () => forced === undefined && activeBackend().backend === backend && !isRecording() && step()
    : null
}

/** What computes with matrices in the memory of the WASM backend, where it is active; elsewhere operations do. */
const panels = (): Matrices<Tensor> | null => {
  const { name, backend } = activeBackend()
  // as for steps
  const door = name !== 'wasm' || forced === 'tensor' || isRecording() ? null : wasmDoor(backend)
  const own = door === null ? null : panelMatricesOf(door)
  if (own === null || !('_tag' in own)) return own
  report(own)
  return null
}

/** The host. */
export const tensorHost: MatrixHost<Tensor> = {
  owns: isTensor,
  run,
  inPlace,
  clone: cloneTensor,
  dispose: (tensor) => tensor.dispose(),
  like: ({ shape }, values) => makeTensor(values, shape),
  zerosLike: ({ shape }) => zerosOf(shape),
  read: readTensor,
  readLater: readTensorLater,
  orthogonalize: (...args) => (panels()?.orthogonalize ?? orthogonalTensors)(...args),
  multiply: (...args) => (panels()?.multiply ?? multiplyTensors)(...args),
  sizeOf: ({ size }) => size,
  concat: concatTensors,
  part: partOfTensor,
}
