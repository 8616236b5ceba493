/** `tf.train`: the optimizers of TensorFlow.js, on variables. It has three of the rules. */
import * as tf from '@tensorflow/tfjs-core'
import type { Peer, Problem, Session } from '../peer.js'
import { hyper, type RuleName } from '../rules.js'
import { gradientsOf, tensorsOf, valuesOf } from './tensors.js'

const optimizers: Partial<Readonly<Record<RuleName, () => tf.Optimizer>>> = {
  sgd: () => tf.train.sgd(hyper.learningRate),
  momentum: () => tf.train.momentum(hyper.learningRate, hyper.momentum),
  adam: () => tf.train.adam(hyper.learningRate, hyper.b1, hyper.b2, hyper.eps),
}

/** Variables are registered by name, for good. */
let named = 0

const open = (problem: Problem): Session | undefined => {
  const optimizer = optimizers[problem.rule]?.()
  if (optimizer === undefined) return undefined
  const variables = tensorsOf(problem, problem.params).map((t) => {
    const variable = tf.variable(t, true, `bench${named++}`)
    t.dispose()
    return variable
  })
  const gradients = gradientsOf(problem)
  return {
    prepare: gradients.prepare,
    step: () => {
      const grads = gradients.next()
      optimizer.applyGradients(variables.map(({ name }, i) => ({ name, tensor: grads[i] ?? tf.scalar(0) })))
    },
    params: () => valuesOf(variables),
    close: () => {
      gradients.close()
      optimizer.dispose()
      tf.dispose(variables)
    },
  }
}

/** The peer. */
export const train: Peer = { name: 'tf.train', tfjs: true, open }
