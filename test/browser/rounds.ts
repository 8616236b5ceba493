/** A few rounds of an optimizer with fixed numbers, to be run here and in a page. */
import * as tf from '@tensorflow/tfjs-core'
import { adamw, chain, clipByGlobalNorm, step } from '../../src/index.js'

const sizes = [1, 7, 1000]

/** Numbers of all magnitudes and both signs, the same everywhere. */
const leaf = (n: number, seed: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => Math.sin(i * 12.9898 + seed) * 10 ** ((i % 5) - 2))

/** Three steps of clipping by the global norm and AdamW; the parameters after them. */
export const rounds = (): readonly (readonly number[])[] => {
  const tx = chain(clipByGlobalNorm(1), adamw(0.01, { weightDecay: 0.1 }))
  let params = sizes.map((n, i) => tf.tensor1d(leaf(n, i)))
  let state = tx.init(params)
  for (let round = 0; round < 3; round++)
    [params, state] = step(tx)(
      params,
      state,
      sizes.map((n, i) => tf.tensor1d(leaf(n, 10 * round + i))),
    )
  return params.map((p) => [...p.dataSync()])
}
