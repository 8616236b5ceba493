/** The page for those who come from tf.train says which constants give the same steps: both sides of its rows are run. */
import { readFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs'
import * as gradpipe from 'gradpipe'
import { toOptimizer } from 'gradpipe/tfjs'
import { beforeAll, expect, test } from 'vitest'
import { numbers, useBackend } from '../backends.js'

const page = readFileSync(new URL('../../docs/coming-from-tf-train.md', import.meta.url), 'utf8')

/** What the letters of the table stand for: no defaults, and an eps that shows. */
const letters = {
  lr: 0.05,
  m: 0.7,
  nesterov: true,
  init: 0.3,
  decay: 0.8,
  eps: 0.1,
  b1: 0.7,
  b2: 0.95,
  rho: 0.8,
}

const evaluate = (code: string, scope: object): unknown => {
  const names = Object.entries({ ...scope, ...letters })
  return new Function(...names.map(([name]) => name), `return ${code}`)(...names.map(([, value]) => value))
}

const methods = [
  'sgd',
  'momentum',
  'adagrad',
  'rmsprop',
  'adam',
  'adadelta',
  'adamax',
] as const satisfies readonly (keyof typeof tf.train)[]

const theirs: object = Object.fromEntries(
  methods.map((name) => [name, (...args: never[]) => Reflect.apply(tf.train[name], tf.train, args)]),
)

/** An optimizer, and what frees it. */
type Made = readonly [optimizer: tf.Optimizer, owner: { dispose(): void }]

/** The optimizer that `compile` makes of a name: the model's to dispose. */
const named = (name: string): Made => {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] })
  model.compile({ optimizer: name, loss: 'meanSquaredError' })
  return [model.optimizer, model]
}

const alone = (optimizer: tf.Optimizer): Made => [optimizer, optimizer]

const rows = [...page.matchAll(/^\| `([^|]*)` \| `([^|]*)` \| (the same|differs)[^|]*\|$/gm)].map(
  ([, there = '', here = '', is = '']) => [there, here, is] as const,
)

/** Where a variable is after some steps; its gradients are small and large, and change. */
const path = ([optimizer, owner]: Made): readonly number[] => {
  const start = tf.tensor1d([1, -1, 0.5, 2])
  const v = tf.variable(start)
  const gradients = [
    [1e-4, 0.5, -2, 0.01],
    [2e-4, -0.25, -1, 0.03],
    [-1e-4, 0.125, -3, -0.02],
    [3e-4, 1, 0.5, 0.01],
  ]
  for (const values of gradients) {
    const g = tf.tensor1d(values)
    optimizer.applyGradients({ [v.name]: g })
    g.dispose()
  }
  const at = numbers(v)
  owner.dispose()
  tf.dispose([start, v])
  return at
}

beforeAll(() => useBackend('cpu'))

test('the page has a row for every optimizer of tf.train, and for every name that compile takes', () => {
  expect(new Set(rows.map(([there]) => there.replace(/\(.*/, '')))).toEqual(
    new Set([
      ...methods,
      ...['sgd', 'adam', 'rmsprop', 'adagrad', 'adamax', 'adadelta'].map((name) => `'${name}'`),
    ]),
  )
})

test.each(rows)('%s and %s: %s', (there, here, is) => {
  const expected = path(
    there.startsWith("'") ? named(there.slice(1, -1)) : alone(evaluate(there, theirs) as tf.Optimizer),
  )
  const found = path(alone(toOptimizer(evaluate(here, gradpipe) as Parameters<typeof toOptimizer>[0])))
  // float32: rounding of operations in another order
  const isNear = found.every((x, i) => Math.abs(x - (expected[i] ?? Number.NaN)) < 2e-6)
  expect([isNear, found, expected]).toEqual([is === 'the same', found, expected])
})
