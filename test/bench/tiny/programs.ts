/** Tiny models, as TensorFlow.js's own examples train them: a step of an optimizer does almost nothing. */
import * as tf from '@tensorflow/tfjs'
import { adam, sgd } from 'gradpipe'
import { toOptimizer } from 'gradpipe/tfjs'
import { noise } from '../noise.js'
import { hyper } from '../rules.js'

/** A program: its optimizer, and the loss of its model. */
export interface Program {
  readonly name: string
  readonly rule: 'sgd' | 'adam'
  readonly open: () => Session
}

/** A model with its data. */
export interface Session {
  readonly loss: () => tf.Scalar
  readonly close: () => void
}

/** The optimizers that are compared. */
export const optimizers = ['gradpipe toOptimizer', 'tf.train'] as const

const learningRate: Readonly<Record<Program['rule'], number>> = { sgd: 0.1, adam: hyper.learningRate }

/** One of them, for a program. */
export const optimizerOf = (
  optimizer: (typeof optimizers)[number],
  { rule }: Pick<Program, 'rule'>,
): tf.Optimizer => {
  const rate = learningRate[rule]
  return optimizer === 'tf.train'
    ? tf.train[rule](rate)
    : toOptimizer(rule === 'sgd' ? sgd(rate) : adam(rate))
}

const data = (shape: number[], seed: number): tf.Tensor =>
  tf.tensor(
    noise(
      shape.reduce((a, b) => a * b, 1),
      1,
      seed,
    ),
    shape,
  )

const variable = (shape: number[], seed: number): tf.Variable =>
  tf.tidy(() => tf.variable(tf.mul(data(shape, seed), 0.5)))

/** The mean of the squares of differences. */
const meanSquare = (y: tf.Tensor, target: tf.Tensor): tf.Scalar => tf.mean(tf.square(tf.sub(y, target)))

/** A cubic polynomial through a hundred points: four scalars. */
const polynomial: Program = {
  name: 'polynomial regression',
  rule: 'sgd',
  open: () => {
    const [a, b, c, d] = [1, 2, 3, 4].map((seed) => variable([], seed)) as [
      tf.Variable,
      tf.Variable,
      tf.Variable,
      tf.Variable,
    ]
    const [x, y] = [data([100], 5), data([100], 6)]
    return {
      loss: () =>
        meanSquare(
          tf.add(tf.add(tf.add(tf.mul(a, tf.pow(x, 3)), tf.mul(b, tf.square(x))), tf.mul(c, x)), d),
          y,
        ),
      close: () => tf.dispose([a, b, c, d, x, y]),
    }
  },
}

/** A linear regression on twelve features: a column and a number. */
const linear: Program = {
  name: 'linear regression',
  rule: 'sgd',
  open: () => {
    const [w, b] = [variable([12, 1], 1), variable([1], 2)]
    const [x, y] = [data([40, 12], 3), data([40, 1], 4)]
    return {
      loss: () => meanSquare(tf.add(tf.matMul(x, w), b), y),
      close: () => tf.dispose([w, b, x, y]),
    }
  },
}

/** The net that balances a pole on a cart: four inputs, 32 hidden units, two outputs. */
const cartPole: Program = {
  name: 'cart-pole',
  rule: 'adam',
  open: () => {
    const [v, b] = [variable([4, 32], 1), variable([32], 2)]
    const [w, c] = [variable([32, 2], 3), variable([2], 4)]
    const [x, y] = [data([32, 4], 5), data([32, 2], 6)]
    return {
      loss: () => meanSquare(tf.add(tf.matMul(tf.elu(tf.add(tf.matMul(x, v), b)), w), c), y),
      close: () => tf.dispose([v, b, w, c, x, y]),
    }
  },
}

/** All, in the order of the table. */
export const programs: readonly Program[] = [polynomial, linear, cartPole]
