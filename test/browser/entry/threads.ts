/** Steps on large leaves in a page, by one thread and by several. */
import { setThreadsCount as setBackendThreads, setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import {
  adamw,
  chain,
  clipByGlobalNorm,
  dispose,
  type GradientTransformation,
  kernelStatistics,
  lamb,
  muon,
  step,
} from '../../../src/index.js'
import { setThreadsCount } from '../../../src/tfjs/index.js'

const useWasm = async (): Promise<void> => {
  if (tf.getBackend() === 'wasm') return
  setWasmPaths('/wasm/')
  setBackendThreads(2)
  await tf.setBackend('wasm')
}

/** Numbers of many sizes, drawn once: each leaf has some of them. */
const drawn = Float32Array.from({ length: 2 ** 20 }, (_, i) => Math.sin(i * 12.9898) * 10 ** ((i % 5) - 2))

const leaf = (shape: readonly number[], seed: number): tf.Tensor =>
  tf.tensor(drawn.slice(7 * seed, 7 * seed + shape.reduce((all, n) => all * n, 1)), [...shape])

/** A number that any bit of the tensors changes. */
const hash = (tensors: readonly tf.Tensor[]): number => {
  let sum = 0
  for (const tensor of tensors)
    for (const word of new Int32Array(Float32Array.from(tensor.dataSync()).buffer))
      sum = (Math.imul(sum, 31) + word) | 0
  return sum
}

const vectors = [[700_001], [5], [300_000], [65_536], [0]]

const rules: Readonly<
  Record<
    'adamw' | 'lamb' | 'muon',
    { readonly tx: GradientTransformation; readonly shapes: readonly (readonly number[])[] }
  >
> = {
  adamw: { tx: chain(clipByGlobalNorm(1), adamw(0.01)), shapes: vectors },
  lamb: { tx: lamb(0.01), shapes: vectors },
  // products of matrices alone are large enough
  muon: { tx: muon(0.01), shapes: [[250, 380], [300, 120], [7]] },
}

/** Twenty steps of a rule; a number that tells what they came to. */
const walk = async (rule: keyof typeof rules, donate: boolean): Promise<number> => {
  const { tx, shapes } = rules[rule]
  const inSteps = step(tx, { donate })
  let params = shapes.map((shape, i) => leaf(shape, i))
  let state = tx.init(params)
  for (let round = 0; round < 20; round++) {
    const grads = shapes.map((shape, i) => leaf(shape, round + i))
    const [next, after] = inSteps(params, state, grads)
    if (!donate) dispose(params, state, grads)
    params = next
    state = after
    // a worker starts when the page has nothing else to do
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const result = hash(params)
  dispose(params, state)
  return result
}

/** What the steps of a rule came to, and how many pieces workers did in them. */
export const run = async (
  rule: keyof typeof rules,
  threads: number,
  donate: boolean,
): Promise<{ readonly hash: number; readonly workerPieces: number; readonly tensors: number }> => {
  await useWasm()
  setThreadsCount(threads)
  const tensors = tf.memory().numTensors
  const before = kernelStatistics().workerPieces
  const workerPieces = (): number => kernelStatistics().workerPieces - before
  let result = await walk(rule, donate)
  // on a busy machine, workers may have come too late for all of them
  for (let again = 0; threads > 1 && workerPieces() === 0 && again < 50; again++)
    result = await walk(rule, donate)
  return { hash: result, workerPieces: workerPieces(), tensors: tf.memory().numTensors - tensors }
}
