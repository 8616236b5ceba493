/** Optimizers of TensorFlow.js, which step variables: those of `tf.train`, and those that `toOptimizer` makes. */
import * as tf from '@tensorflow/tfjs-core'
import { toOptimizer } from 'gradpipe/tfjs'
import type { Peer, Problem, Session } from '../peer.js'
import { hyper, type RuleName } from '../rules.js'
import { gradientsOf, tensorsOf, valuesOf } from './tensors.js'
import { transformations } from './transformations.js'

/** Variables are registered by name, for good. */
let named = 0

const session = (optimizer: tf.Optimizer, problem: Problem): Session => {
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

const ofTrain: Partial<Readonly<Record<RuleName, () => tf.Optimizer>>> = {
  sgd: () => tf.train.sgd(hyper.learningRate),
  momentum: () => tf.train.momentum(hyper.learningRate, hyper.momentum),
  adam: () => tf.train.adam(hyper.learningRate, hyper.b1, hyper.b2, hyper.eps),
}

/** `tf.train`, which has three of the rules. */
export const train: Peer = {
  name: 'tf.train',
  tfjs: true,
  open: (problem) => {
    const optimizer = ofTrain[problem.rule]?.()
    return optimizer && session(optimizer, problem)
  },
}

/** gradpipe as an optimizer of TensorFlow.js. */
export const asOptimizer: Peer = {
  name: 'gradpipe toOptimizer',
  tfjs: true,
  open: (problem) => session(transformations[problem.rule](toOptimizer), problem),
}
