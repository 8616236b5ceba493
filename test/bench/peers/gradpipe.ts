/** gradpipe: with its inputs donated, with new tensors. */
import type * as tf from '@tensorflow/tfjs-core'
import {
  adam,
  adamw,
  chain,
  clipByGlobalNorm,
  dispose,
  type GradientTransformation,
  lamb,
  type StepFunction,
  sgd,
  step,
} from '../../../src/index.js'
import type { Peer, Problem, Session } from '../peer.js'
import { hyper } from '../rules.js'
import { gradientsOf, tensorsOf, valuesOf } from './tensors.js'

const { learningRate, momentum, b1, b2, eps, weightDecay, maxNorm } = hyper

interface Options {
  readonly donate: boolean
}

const stepOf: <S>(tx: GradientTransformation<S>, options: Options) => StepFunction<S> = step

/** Whether a step consumes what it is given. */
const consumes = false

const session =
  <S>(tx: GradientTransformation<S>) =>
  (problem: Problem, options: Options): Session => {
    const run = stepOf(tx, options)
    const gradients = gradientsOf(problem)
    let params: tf.Tensor[] = tensorsOf(problem, problem.params)
    let state = tx.init(params)
    return {
      prepare: gradients.prepare,
      step: () => {
        const before = [params, state] as const
        ;[params, state] = run(params, state, gradients.next())
        if (!options.donate || !consumes) dispose(before)
      },
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

/** The peer, giving up parameters, state and gradients in every step. */
export const donated: Peer = {
  name: 'gradpipe donated',
  tfjs: true,
  open: (problem) => sessions[problem.rule](problem, { donate: true }),
}

/** The peer, making new tensors in every step. */
export const pure: Peer = {
  name: 'gradpipe pure',
  tfjs: true,
  open: (problem) => sessions[problem.rule](problem, { donate: false }),
}
