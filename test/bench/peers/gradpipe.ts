/** gradpipe: with its inputs donated, with new tensors, and without its fused kernels. */
import type * as tf from '@tensorflow/tfjs-core'
import {
  adam,
  adamw,
  chain,
  clipByGlobalNorm,
  dispose,
  type GradientTransformation,
  lamb,
  sgd,
  step,
  withInterpreter,
} from 'gradpipe'
import type { Peer, Problem, Session } from '../peer.js'
import { hyper } from '../rules.js'
import { gradientsOf, tensorsOf, valuesOf } from './tensors.js'

const { learningRate, momentum, b1, b2, eps, weightDecay, maxNorm } = hyper

/** How a session calls gradpipe. */
interface Manner {
  readonly donate: boolean
  /** Whether steps are computed operator by operator, and not by a fused kernel. */
  readonly unfused?: true
}

const session =
  <S>(tx: GradientTransformation<S>) =>
  (problem: Problem, { donate, unfused }: Manner): Session => {
    const run = step(tx, { donate })
    const gradients = gradientsOf(problem)
    let params: tf.Tensor[] = tensorsOf(problem, problem.params)
    let state = tx.init(params)
    const advance = (): void => {
      const before = [params, state] as const
      ;[params, state] = run(params, state, gradients.next())
      if (!donate) dispose(before)
    }
    return {
      prepare: gradients.prepare,
      step: unfused ? () => withInterpreter('tensor', advance) : advance,
      params: () => valuesOf(params),
      close: () => {
        gradients.close()
        dispose(params, state)
      },
    }
  }

const moments = { b1, b2, eps }

const sessions: Readonly<Record<Problem['rule'], ReturnType<typeof session>>> = {
  sgd: session(sgd(learningRate)),
  momentum: session(sgd(learningRate, { momentum })),
  adam: session(adam(learningRate, moments)),
  adamw: session(adamw(learningRate, { ...moments, weightDecay })),
  'clip + adamw': session(chain(clipByGlobalNorm(maxNorm), adamw(learningRate, { ...moments, weightDecay }))),
  lamb: session(lamb(learningRate, { ...moments, weightDecay })),
}

const peer = (name: string, manner: Manner): Peer => ({
  name,
  tfjs: true,
  open: (problem) => sessions[problem.rule](problem, manner),
})

/** Giving up parameters, state and gradients in every step. */
export const donated: Peer = peer('gradpipe donated', { donate: true })

/** Making new tensors in every step. */
export const pure: Peer = peer('gradpipe pure', { donate: false })

/** The same with the operations of TensorFlow.js: what steps cost where no kernel can be fused. */
export const unfused: Peer = peer('gradpipe unfused', { donate: false, unfused: true })
