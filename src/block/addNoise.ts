/** addNoise: normal noise on the updates, less from step to step. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { dispose } from '../program/dispose.js'
import { foldIn, type Key, split } from '../random/key.js'
import { normal } from '../random/sample.js'
import { checkRanges, notNegative, real } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { select } from '../rule/term.js'
import { expectFit, expectLeaves } from '../transform/fit.js'
import { fromRule } from '../transform/fromRule.js'
import { type KeyOptions, keyFrom, keyIn, randomTree } from '../transform/noise.js'
import type { GradientTransformation } from '../transform/transformation.js'

/**
 * State of {@link addNoise}.
 *
 * @category Building blocks
 */
export interface AddNoiseState {
  /** Updates made. */
  readonly count: number
  /** The key of the steps to come. */
  readonly rngKey: Key
}

/**
 * Adds normal noise to the updates, whose variance decays.
 *
 * $$u = g + \sigma_t z, \qquad z \sim \mathcal{N}(0, 1), \qquad \sigma_t^2 = \frac{\eta}{t^\gamma}$$
 *
 * `eta` is the variance in the first step, at least 0 (no noise); `gamma` says how fast it decays.
 *
 * The noise depends only on the key in the state and on the position of the leaf in the order of paths. It is the
 * same on every backend, and after a state was saved and loaded. The numbers have float32 precision, on float64
 * leaves too. With the same seed they are Optax's in float32, to a few units in the last place.
 *
 * Not a rule, since random numbers are drawn on the host: it interrupts a fused chain.
 *
 * Throws `InvalidArgument` for a negative variance, for an invalid key, and if both a key and a seed are given.
 *
 * @category Building blocks
 * @see Neelakantan et al., Adding Gradient Noise Improves Learning for Very Deep Networks, 2015; Optax, `add_noise`
 * @example
 * ```ts
 * import { addNoise } from 'gradpipe'
 *
 * const tx = addNoise(0.01, 0.55, { key: 7 })
 * const g = { w: new Float32Array(10000) }
 * const [{ w: noise }, state] = tx.update(g, tx.init(g))
 * const variance = noise.reduce((sum, z) => sum + z * z, 0) / noise.length
 * assert.ok(Math.abs(variance - 0.01) < 0.001)
 * // a step can be made again, from the state before it
 * assert.deepEqual(tx.update(g, tx.init(g)), [{ w: noise }, JSON.parse(JSON.stringify(state))])
 * ```
 */
export const addNoise = (
  eta: number,
  gamma: number,
  given?: KeyOptions,
): GradientTransformation<AddNoiseState> => {
  const start = keyFrom('addNoise', hyperparameters('addNoise', { key: undefined, seed: undefined }, given))
  checkRanges('addNoise', { eta, gamma }, { eta: notNegative, gamma: real })
  // the noise stands where a rule has the parameters
  const noisy = fromRule({
    slots: {},
    scalars: ({ t }) => ({ sigma: Math.sqrt(eta / t ** gamma) }),
    // plus nothing, a negative zero would lose its sign
    step: ({ g, p: z }, { sigma }) => ({ update: select(sigma.eq(0), g, g.add(sigma.mul(z))) }),
  })
  return {
    call: ['addNoise', eta, gamma, given],
    init: (params) => {
      expectLeaves('params', params)
      return { count: 0, rngKey: start }
    },
    update: <P extends Params>(grads: P, state: AddNoiseState, params?: Params) => {
      expectFit(grads, params)
      const [rngKey, own] = split(keyIn(state))
      const noise = randomTree((i) => foldIn(own, i), ['grads', grads], normal)
      try {
        const [updates, { count }] = noisy.update<P>(grads, state, noise)
        return [updates, { count, rngKey }] as const
      } finally {
        dispose(noise)
      }
    },
  }
}
