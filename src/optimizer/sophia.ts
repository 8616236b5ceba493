/** sophia: momentum over an estimate of the Hessian's diagonal, clipped. */

import { type AddDecayedWeightsState, addDecayedWeights } from '../block/addDecayedWeights.js'
import { debias } from '../block/debias.js'
import {
  type HutchinsonArgs,
  type HutchinsonState,
  hutchinsonEstimatorDiagHessian,
} from '../block/hutchinson.js'
import type { CountState } from '../block/scale.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { type Mask, masks } from '../declare/labelling.js'
import { inNameOf } from '../options.js'
import { notNegative, positive, steps, transformation } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { zeros } from '../rule/slot.js'
import { mix, select } from '../rule/term.js'
import type { Schedule } from '../schedule/schedule.js'
import { chain } from '../transform/chain.js'
import { fromRuleAround } from '../transform/fromRuleAround.js'
import type {
  AnyTransformation,
  EmptyState,
  GradientTransformation,
  NoExtraArgs,
} from '../transform/transformation.js'
import { type InEveryState, inEvery } from '../wrapper/inEvery.js'

/**
 * Options of {@link sophia}.
 *
 * @category Optimizers
 */
export interface SophiaOptions<S = HutchinsonState, X = HutchinsonArgs> {
  /**
   * Estimates the diagonal of the Hessian from gradients and whatever else `update` is given. Default:
   * `hutchinsonEstimatorDiagHessian()`, for tensors, which needs the extra argument `objFn`.
   */
  readonly hessianDiagonalFn?: GradientTransformation<S, X>
  /** Decay of the first moment, in [0, 1). Default 0.965. */
  readonly b1?: number
  /** Decay of the average of the estimates, in [0, 1). Default 0.99. */
  readonly b2?: number
  /** The least divisor. Default 1e-8. */
  readonly eps?: number
  /**
   * Weight decay: the fraction of the parameters that each step subtracts, times the learning rate; or a schedule.
   * Default 1e-4.
   */
  readonly weightDecay?: number | Schedule
  /** Which leaves decay. All by default. */
  readonly weightDecayMask?: Mask
  /** Factor of the average in the divisor: the smaller, the more is clipped. Default 0.01. */
  readonly gamma?: number
  /** The greatest update before the learning rate; `Infinity` for none. Default 1. */
  readonly clipThreshold?: number
  /** How often the estimate enters the average: in the first step, and in every so many steps after it. Default 10. */
  readonly updateInterval?: number
}

/**
 * State of the rule in {@link sophia}.
 *
 * @category Optimizers
 */
export interface SophiaState<S> {
  /** Updates made. */
  readonly count: number
  /** First moment, shaped like the parameters. */
  readonly mu: Params
  /** Average of the Hessian's diagonal, shaped like the parameters. */
  readonly nu: Params
  /** The estimate's own state. */
  readonly hessianFnState: S | InEveryState<S>
}

type Chosen<S, X> = Required<Omit<SophiaOptions<S, X>, 'weightDecay' | 'weightDecayMask'>>

const scaleBySophia = <S, X>({
  hessianDiagonalFn,
  b1,
  b2,
  eps,
  gamma,
  clipThreshold,
  updateInterval,
}: Chosen<S, X>): GradientTransformation<SophiaState<S>, X> => {
  // a rule costs nothing beside the pass over memory, of which it becomes a part
  const estimate: GradientTransformation<S | InEveryState<S>, X> =
    hessianDiagonalFn.ruled === undefined ? inEvery(updateInterval, hessianDiagonalFn) : hessianDiagonalFn
  return fromRuleAround('hessianFnState', estimate, {
    slots: { mu: zeros, nu: zeros },
    scalars: ({ count, t }) => ({
      ...{ b1, b2, eps, gamma, clipThreshold, t },
      // the steps since an estimate was last taken
      since: count % updateInterval,
    }),
    step: ({ g, u, ...old }, { b1, b2, eps, gamma, clipThreshold, t, since }) => {
      const mu = mix(b1, old.mu, g)
      const step = debias(mu, b1, t).div(gamma.mul(old.nu).max(eps))
      const nu = select(since.eq(0), mix(b2, old.nu, u), old.nu)
      return { update: step.max(clipThreshold.neg()).min(clipThreshold), mu, nu }
    },
  })
}

/**
 * Sophia: momentum over the averaged Hessian's diagonal, clipped; then {@link addDecayedWeights} and
 * {@link scaleByLearningRate}.
 *
 * {@rule `sophia(0.1, { hessianDiagonalFn: trace(0) })`}
 *
 * (The formula has the gradient itself in place of the estimate.) As in Optax, the divisor is the average before this
 * step, and the momentum is bias-corrected. The paper first adds this step's estimate to the average, and corrects
 * nothing: its first momentum is 1 - b1 (0.035) times the gradient. An estimate that is a rule fuses, and is computed
 * in every step; any other runs only in the steps that use it. It receives the extra arguments of `update`. Optax's
 * `verbose` and `print_win_rate_every_n_steps` print how much was not clipped; here an update reads nothing back and
 * prints nothing. Needs the parameters if there is weight decay or the estimate reads them.
 *
 * Throws `InvalidArgument` for an interval that is not a positive integer; `update` throws `MissingArgument` where
 * the default estimate is not given `objFn`, the loss of this step as a function of the parameters.
 *
 * @category Optimizers
 * @see Liu et al., Sophia: A Scalable Stochastic Second-order Optimizer for Language Model Pre-training, 2024; Optax,
 * `contrib.sophia`
 * @example
 * ```ts
 * import { fromRule, sophia } from 'gradpipe'
 *
 * // the empirical Fisher matrix
 * const hessianDiagonalFn = fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: g.square() }) })
 * const tx = sophia(0.1, { hessianDiagonalFn, gamma: 1, b2: 0, weightDecay: 0 })
 * // nothing is known of the curvature yet: the step is as long as it may be
 * const [first, state] = tx.update(4, tx.init(0))
 * assert.equal(first, -0.1)
 * // then it is the mean gradient over the curvature
 * assert.ok(Math.abs(tx.update(4, state)[0] + 0.1 * (4 / 16)) < 1e-12)
 * ```
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs'
 * import { dispose, sophia, step } from 'gradpipe'
 * import { grad } from 'gradpipe/tfjs'
 *
 * // the default estimate differentiates the loss twice
 * const objFn = (p: { w: tf.Tensor1D }) => tf.sum(tf.mul([1, 9], tf.square(p.w)))
 * const tx = sophia(0.1)
 * let params = { w: tf.tensor1d([1, -1]) }
 * let state = tx.init(params)
 * const loss = () => tf.tidy(() => objFn(params).dataSync()[0] ?? Number.NaN)
 * const before = loss()
 * for (let i = 0; i < 5; i++)
 *   [params, state] = step(tx, { donate: true })(params, state, grad(objFn)(params), { objFn })
 * assert.ok(loss() < before)
 * dispose(params, state)
 * ```
 */
export const sophia = <S = HutchinsonState, X = HutchinsonArgs>(
  learningRate: LearningRate,
  given?: SophiaOptions<S, X>,
): GradientTransformation<
  readonly [SophiaState<S>, AddDecayedWeightsState, EmptyState | CountState],
  X & NoExtraArgs
> => {
  const { weightDecay, weightDecayMask, hessianDiagonalFn, ...chosen } = hyperparameters(
    'sophia',
    {
      hessianDiagonalFn: undefined,
      b1: 0.965,
      b2: 0.99,
      eps: 1e-8,
      weightDecay: undefined,
      weightDecayMask: undefined,
      gamma: 0.01,
      clipThreshold: 1,
      updateInterval: 10,
    },
    given,
    {
      hessianDiagonalFn: transformation,
      gamma: positive,
      clipThreshold: notNegative,
      updateInterval: steps,
      weightDecayMask: masks,
    },
  )
  const byDefault: AnyTransformation = hutchinsonEstimatorDiagHessian()
  // where no estimate is given, S and X are those of the default
  const estimate = hessianDiagonalFn ?? (byDefault as GradientTransformation<S, X>)
  return inNameOf('sophia', [learningRate, given], () =>
    chain(
      scaleBySophia({ ...chosen, hessianDiagonalFn: estimate }),
      addDecayedWeights(weightDecay ?? 1e-4, weightDecayMask === undefined ? {} : { mask: weightDecayMask }),
      scaleByLearningRate(learningRate),
    ),
  )
}
