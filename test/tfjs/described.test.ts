/** A saved model says which optimizer it has, and another program makes it of that. */
import * as tf from '@tensorflow/tfjs'
import {
  adamw,
  chain,
  clipByGlobalNorm,
  cosineDecaySchedule,
  fromRule,
  lookahead,
  mix,
  multiSteps,
  sgd,
  zeros,
} from 'gradpipe'
import { GradpipeOptimizer, registerOptimizers, toOptimizer } from 'gradpipe/tfjs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readWith } from '../../src/tfjs/optimizer/registry.js'
import type { Drive } from '../../src/tfjs/optimizer/stepper.js'
import { useBackend } from '../backends.js'
import { dense, train, weightsOf } from './models.js'

// another file of this process may have called registerOptimizers
beforeEach(async () => {
  readWith(undefined)
  await useBackend('cpu')
})
afterEach(() => readWith(undefined))

const loss = 'categoricalCrossentropy'

/** What a file holds of a model, with an optimizer of a name that no program has given. */
const saved = async (
  model: tf.LayersModel,
  name = 'nowhere',
  change: (text: string) => string = (text) => text,
): Promise<tf.io.ModelArtifacts> => {
  let artifacts: tf.io.ModelArtifacts = {}
  const handler = tf.io.withSaveHandler(async (given) => {
    artifacts = given
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } }
  })
  await model.save(handler, { includeOptimizer: true })
  const text = JSON.stringify(artifacts.trainingConfig).replace('"name":"here"', `"name":"${name}"`)
  return { ...artifacts, trainingConfig: JSON.parse(change(text)) }
}

const own = fromRule({
  slots: { mu_1: zeros },
  scalars: ({ t }) => ({ b: 0.9, t }),
  step: ({ g, mu_1 }, { b, t }) => ({ update: mix(b, mu_1, g).div(t).mul(-0.01), mu_1: mix(b, mu_1, g) }),
})

const mask = { dense_Dense1: { kernel: true, bias: false } }

describe('a program that has made no optimizer goes on to the same bits', () => {
  test.each<[string, Drive<unknown>]>([
    ['a chain with a schedule', chain(clipByGlobalNorm(1), adamw(cosineDecaySchedule(0.01, 20)))],
    ['numbers that JSON has no word for', chain(clipByGlobalNorm(Number.POSITIVE_INFINITY), sgd(0.01))],
    ['a rule of one’s own, whose names look like others', multiSteps(own, 2)],
    ['lookahead', lookahead({ fastOptimizer: adamw(0.01), syncPeriod: 2, slowStepSize: 0.5 })],
  ])('%s', async (_, tx) => {
    const { numTensors } = tf.memory()
    const data = dense.data()
    const model = dense.model()
    model.compile({ optimizer: toOptimizer(tx, { name: 'here' }), loss })
    await train(model, data, 1)
    const artifacts = await saved(model)
    const { numTensors: before } = tf.memory()
    await expect(tf.loadLayersModel(tf.io.fromMemory(artifacts))).rejects.toMatchObject({
      path: 'toOptimizer.name',
      expected: 'toOptimizer(tx, { name: "nowhere" }) before the model is loaded, or registerOptimizers()',
    })
    // TensorFlow.js leaves the weights of a model whose optimizer it cannot make
    const left = tf.memory().numTensors - before
    registerOptimizers()
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(artifacts))
    expect(loaded.optimizer).toBeInstanceOf(GradpipeOptimizer)
    for (const each of [model, loaded]) await train(each, data, 1)
    expect(weightsOf(loaded)).toEqual(weightsOf(model))
    // what was loaded is saved as it was
    const again = await saved(loaded)
    expect(again.trainingConfig?.optimizer_config).toEqual(artifacts.trainingConfig?.optimizer_config)
    for (const each of [model, loaded]) {
      each.optimizer.dispose()
      each.dispose()
    }
    tf.dispose([data.x, data.y])
    expect(tf.memory().numTensors).toBe(numTensors + left)
  })
})

test('a name of this program comes before a description, which may be of something else', async () => {
  const model = dense.model()
  model.compile({ optimizer: toOptimizer(sgd(0.5), { name: 'here' }), loss })
  registerOptimizers()
  const other = toOptimizer(adamw(0.1, { mask }), { name: 'nowhere' })
  const loaded = await tf.loadLayersModel(tf.io.fromMemory(await saved(model)))
  expect(loaded.optimizer.getConfig()).toEqual(other.getConfig())
  for (const each of [model, loaded]) {
    each.optimizer.dispose()
    each.dispose()
  }
})

test.each([
  ['no JSON', 'sgd', 'eval('],
  ['another function', 'sgd', 'constructor'],
  ['another option', '0.5', '\\"fast\\"'],
])('a description that is none is refused: %s', async (_, from, to) => {
  const model = dense.model()
  model.compile({ optimizer: toOptimizer(sgd(0.5), { name: 'here' }), loss })
  registerOptimizers()
  const artifacts = await saved(model, 'nobody', (text) => text.replace(from, to))
  await expect(tf.loadLayersModel(tf.io.fromMemory(artifacts))).rejects.toMatchObject({
    _tag: 'InvalidArgument',
    path: expect.stringMatching(/^\$/),
  })
  model.optimizer.dispose()
  model.dispose()
})
