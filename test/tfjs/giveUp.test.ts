/** A model's variables are never given up to a step. */

import * as tf from '@tensorflow/tfjs'
import { adam, centralize, chain, dispose, lookahead, type Params, sgd, step, stepAsync } from 'gradpipe'
import { modelToTree, trainStep } from 'gradpipe/tfjs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ordinary } from '../../laws/catalogue/surrounding.js'
import { backends, numbers, useBackend } from '../backends.js'
import { thrown } from '../thrown.js'

describe.each(backends)('on %s', (backend) => {
  let before = 0

  beforeEach(async () => {
    await useBackend(backend)
    before = tf.memory().numTensors
  })

  afterEach(() => {
    expect(tf.memory().numTensors).toBe(before)
  })

  const make = (): tf.Sequential =>
    tf.sequential({
      layers: [
        tf.layers.dense({ name: 'line', inputShape: [1], units: 1 }),
        tf.layers.batchNormalization({ name: 'norm' }),
      ],
    })

  const refusal = (path: string): object => ({
    _tag: 'InvalidLeaf',
    path,
    given: expect.stringMatching(/^the variable /),
  })

  const fused = adam(0.1)
  const unfused = chain(sgd(0.1), ordinary(centralize()))

  test.each([
    ['rules', fused],
    ['what is not made of rules', unfused],
  ] as const)('as parameters, state or gradients of %s', async (_, tx) => {
    const model = make()
    const variables: Params = model.getWeights().slice(0, 2)
    const values = model.getWeights().map(numbers)
    const zeros: Params = [tf.zeros([1, 1]), tf.zeros([1])]
    const state: unknown = tx.init(zeros)
    const inPlace = step<unknown>(tx as typeof unfused, { donate: true })
    const later = stepAsync<unknown>(tx as typeof unfused, { donate: true })
    expect(thrown(() => inPlace<Params>(variables, state, zeros))).toMatchObject(refusal('params.0'))
    expect(thrown(() => inPlace<Params>(zeros, state, variables))).toMatchObject(refusal('grads.0'))
    expect(thrown(() => inPlace<Params>(zeros, [variables], zeros))).toMatchObject(refusal('state.0.0'))
    await expect(later<Params>(variables, state, zeros)).rejects.toMatchObject(refusal('params.0'))
    expect(model.getWeights().map(numbers)).toEqual(values)
    dispose(zeros, state)
    model.dispose()
  })

  test('as a pair of lookahead', () => {
    const model = make()
    const [kernel] = model.getWeights()
    if (kernel === undefined) throw new Error('no kernel')
    const tx = lookahead({ fastOptimizer: sgd(0.1), syncPeriod: 2, slowStepSize: 0.5 })
    const pair = { fast: tf.zeros([1, 1]), slow: kernel }
    const state = tx.init(pair)
    const inPlace = step(tx, { donate: true })
    const gradient = tf.zeros([1, 1])
    expect(thrown(() => inPlace(pair, state, gradient))).toMatchObject(refusal('params.slow'))
    expect(kernel.isDisposed).toBe(false)
    dispose(state, pair.fast, gradient)
    model.dispose()
  })

  test('as what a trainStep does not train', () => {
    const model = make()
    const { trainable, nonTrainable } = modelToTree(model)
    const variables = Object.fromEntries(
      model.nonTrainableWeights.map(({ originalName }, i) => [
        originalName,
        model.getWeights()[i + 4] as tf.Tensor,
      ]),
    )
    const tx = adam(0.1)
    const state = tx.init(trainable)
    const train = trainStep(model, tx, { loss: 'meanSquaredError', donate: true })
    const x = tf.ones([2, 1])
    expect(thrown(() => train({ trainable, nonTrainable: variables }, state, x, x))).toMatchObject(
      refusal('params.nonTrainable.norm/moving_mean'),
    )
    expect(Object.values(variables).some(({ isDisposed }) => isDisposed)).toBe(false)
    dispose(trainable, nonTrainable, state, x)
    model.dispose()
  })

  test('but they may be borrowed', () => {
    const model = make()
    const [kernel] = model.getWeights()
    if (kernel === undefined) throw new Error('no kernel')
    const tx = sgd(1)
    const gradient = tf.ones([1, 1])
    const [next] = step(tx)(kernel, tx.init(kernel), gradient)
    expect(numbers(next)[0]).toBeCloseTo((numbers(kernel)[0] ?? Number.NaN) - 1, 6)
    dispose(next, gradient)
    model.dispose()
  })
})
