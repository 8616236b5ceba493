/** differentiallyPrivateAggregate: gradients per example to a mean that tells little of any one of them. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { sumClippedExamples } from '../matrix/examples.js'
import { dispose, disposingOnError } from '../program/dispose.js'
import { foldIn, type Key } from '../random/key.js'
import { normal } from '../random/sample.js'
import { checkRanges, notNegative } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { expectFit, expectLeaves } from '../transform/fit.js'
import { fromRule } from '../transform/fromRule.js'
import { type KeyOptions, keyFrom, keyIn, randomTree } from '../transform/noise.js'
import type { GradientTransformation } from '../transform/transformation.js'
import { examplesOf } from './perExample.js'

/**
 * State of {@link differentiallyPrivateAggregate}.
 *
 * @category Building blocks
 */
export interface DifferentiallyPrivateAggregateState {
  /** The key of the steps to come. */
  readonly rngKey: Key
}

/**
 * Turns gradients per example into one update: each example's gradient is clipped to the norm $C$ over the whole tree,
 * their sum gets normal noise, and is divided by their number.
 *
 * $$u = \frac{1}{B} \left( \sum_{i=1}^{B} g_i \min\!\left(1, \frac{C}{\lVert g_i \rVert}\right) + \sigma C z \right),
 * \qquad z \sim \mathcal{N}(0, 1)$$
 *
 * `l2NormClip` is $C$, `noiseMultiplier` is $\sigma$, both at least 0. Every leaf of the gradients is a tensor whose
 * first axis counts the examples; the updates do not have it. So this comes first in a chain. Do not accumulate
 * gradients over several steps before it.
 *
 * The noise depends only on the key in the state, as in {@link addNoise}. The privacy proofs of this algorithm hold
 * for real numbers and a secret key: keep the key secret, choose a new one for each training, and note that float32
 * noise from a statistical generator is an approximation.
 *
 * Not a rule, since it reduces along an axis. Throws `InvalidArgument` for numbers out of their range and as
 * {@link addNoise} does for the key; `update` throws as {@link perExampleGlobalNormClip} does.
 *
 * @category Building blocks
 * @see Abadi et al., Deep Learning with Differential Privacy, 2016, algorithm 1; Optax,
 * `differentially_private_aggregate`
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core'
 * import { differentiallyPrivateAggregate, dispose } from 'gradpipe'
 * import 'gradpipe/tfjs'
 *
 * // without noise: the mean of two gradients, the second of which is clipped from 5 to 1
 * const tx = differentiallyPrivateAggregate(1, 0)
 * const grads = tf.tensor2d([[0, 0.5], [3, 4]])
 * const [mean] = tx.update<tf.Tensor>(grads, tx.init(null))
 * assert.deepEqual(Array.from(mean.dataSync(), (x) => x.toFixed(2)), ['0.30', '0.65'])
 * dispose(grads, mean)
 * ```
 */
export const differentiallyPrivateAggregate = (
  l2NormClip: number,
  noiseMultiplier: number,
  given?: KeyOptions,
): GradientTransformation<DifferentiallyPrivateAggregateState> => {
  const name = 'differentiallyPrivateAggregate'
  const start = keyFrom(name, hyperparameters(name, { key: undefined, seed: undefined }, given))
  checkRanges(
    name,
    { l2NormClip, noiseMultiplier },
    { l2NormClip: notNegative, noiseMultiplier: notNegative },
  )
  return {
    call: [name, l2NormClip, noiseMultiplier, given],
    takesExamples: true,
    init: (params) => {
      expectLeaves('params', params)
      return { rngKey: start }
    },
    update: <P extends Params>(grads: P, state: DifferentiallyPrivateAggregateState, params?: Params) => {
      const key = keyIn(state)
      const examples = examplesOf(grads)
      const updates = disposingOnError((made) => {
        const { sums, clipped } = made(sumClippedExamples(examples.tensors, l2NormClip))
        const sum = examples.tree(sums)
        expectFit(sum, params)
        const noise = made(randomTree((i) => foldIn(key, i + 1), ['grads', sum], normal))
        const [mean] = noisyMean(l2NormClip * noiseMultiplier, examples.count).update(sum, {}, noise)
        dispose(clipped, sum, noise)
        return mean
      })
      // the structure of the gradients, of which each has one axis less
      return [updates as P, { rngKey: foldIn(key, 0) }] as const
    },
  }
}

/** The noise stands where a rule has the parameters. */
const noisyMean = (sigma: number, count: number) =>
  fromRule({
    slots: {},
    scalars: { sigma, share: 1 / count },
    step: ({ g, p: z }, { sigma, share }) => ({ update: g.add(sigma.mul(z)).mul(share) }),
  })
