/** A user's program, the same wherever it runs: steps of a chain, and what was seen of them. */
import * as tf from '@tensorflow/tfjs-core'
import { adamw, chain, clipByGlobalNorm, dispose, kernelStatistics, onFallback, step } from 'gradpipe'
import 'gradpipe/tfjs'

/** What came of the steps, as JSON. */
export interface Outcome {
  readonly backend: string
  /** The bits of the parameters after the steps, so that no number is lost on the way. */
  readonly bits: readonly number[]
  /** How many kernels of gradpipe's own ran. */
  readonly launches: number
  /** Why steps were not fused. */
  readonly fallbacks: readonly string[]
  /** How many tensors the steps left behind. */
  readonly left: number
}

/** A matrix of numbers that differ. */
const ramp = (from: number, to: number): tf.Tensor =>
  tf.tidy(() => tf.reshape(tf.linspace(from, to, 35), [5, 7]))

/** Takes ten steps on a backend. */
export const trial = async (backend: string): Promise<Outcome> => {
  if (!(await tf.setBackend(backend))) throw new Error(`there is no backend ${backend}`)
  const before = { tensors: tf.memory().numTensors, launches: kernelStatistics().launches }
  const fallbacks: string[] = []
  const end = onFallback(({ reason }) => fallbacks.push(reason))
  const tx = chain(clipByGlobalNorm(1), adamw(1e-2))
  let params = { kernel: ramp(-1, 1), bias: tf.zeros([7]) }
  let state = tx.init(params)
  for (let i = 1; i <= 10; i++) {
    const grads = { kernel: ramp(i, -2), bias: tf.fill([7], 1 / i) }
    const next = step(tx)(params, state, grads)
    dispose(params, state, grads)
    ;[params, state] = next
  }
  // the reading of a tensor of WebGPU must be waited for
  const numbers = [...(await params.kernel.data()), ...(await params.bias.data())]
  dispose(params, state)
  end()
  return {
    backend: tf.getBackend(),
    bits: [...new Int32Array(Float32Array.from(numbers).buffer)],
    launches: kernelStatistics().launches - before.launches,
    fallbacks,
    left: tf.memory().numTensors - before.tensors,
  }
}
