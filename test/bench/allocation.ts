/** What a step allocates and launches, as TensorFlow.js counts it. */
import * as tf from '@tensorflow/tfjs-core'
import { kernelStatistics } from 'gradpipe'
import type { Session } from './peer.js'
import { wasmModule } from './peers/copy.js'

/** Of one step. */
export interface Allocation {
  /** New buffers, those that the step frees again among them. */
  readonly buffers: number
  readonly bytes: number
  /** Kernels that were launched: those of TensorFlow.js and the fused ones. */
  readonly kernels: number
  /** Bytes by which the memory of the WASM backend has grown; null on other backends. */
  readonly heap: number | null
}

/** Takes a step and counts. */
export const allocation = async (session: Session): Promise<Allocation> => {
  const engine = tf.engine()
  session.prepare(1)
  let [buffers, bytes] = [0, 0]
  const { launches } = kernelStatistics()
  const heap = wasmModule()?.HEAPU8.byteLength
  // The counts of tf.memory() are of what is left; a buffer that comes and goes passes here.
  const track = engine.trackTensor
  engine.trackTensor = (tensor, backend) => {
    const before = tf.memory()
    track.call(engine, tensor, backend)
    const now = tf.memory()
    // a handle on a buffer that was there counts as bytes once more, but nothing was allocated
    if (now.numDataBuffers === before.numDataBuffers) return
    buffers++
    bytes += now.numBytes - before.numBytes
  }
  try {
    const { kernels } = await tf.profile(() => session.step())
    const grown = wasmModule()?.HEAPU8.byteLength
    return {
      buffers,
      bytes,
      kernels: kernels.length + kernelStatistics().launches - launches,
      heap: heap === undefined || grown === undefined ? null : grown - heap,
    }
  } finally {
    engine.trackTensor = track
  }
}
