/** gradpipe: with its inputs donated, with new tensors, and without its fused kernels. */
import type * as tf from '@tensorflow/tfjs-core'
import { dispose, type GradientTransformation, step } from 'gradpipe'
import { withInterpreter } from 'gradpipe/tfjs'
import type { Peer, Problem, Session } from '../peer.js'
import { gradientsOf, tensorsOf, valuesOf } from './tensors.js'
import { transformations } from './transformations.js'

/** How a session calls gradpipe. */
export interface Manner {
  readonly donate: boolean
  /** Whether steps are computed operator by operator, and not by a fused kernel. */
  readonly unfused?: true
}

/** A session of a transformation. */
export const session = <S>(
  tx: GradientTransformation<S>,
  problem: Omit<Problem, 'rule'>,
  { donate, unfused }: Manner,
): Session => {
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

const peer = (name: string, manner: Manner): Peer => ({
  name,
  tfjs: true,
  open: (problem) => transformations[problem.rule]((tx) => session(tx, problem, manner)),
})

/** Giving up parameters, state and gradients in every step. */
export const donated: Peer = peer('gradpipe donated', { donate: true })

/** Making new tensors in every step. */
export const pure: Peer = peer('gradpipe pure', { donate: false })

/** The same with the operations of TensorFlow.js: what steps cost where no kernel can be fused. */
export const unfused: Peer = peer('gradpipe unfused', { donate: false, unfused: true })
