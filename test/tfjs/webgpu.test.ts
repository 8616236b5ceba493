/** compile and fit on WebGPU, by toOptimizer as by tf.train. */
import * as tf from '@tensorflow/tfjs'
import { adam } from 'gradpipe'
import { toOptimizer } from 'gradpipe/tfjs'
import { expect, test } from 'vitest'
import { describeOnWebgpu, useWebgpu } from '../webgpu/device.js'
import { dense, train } from './models.js'

describeOnWebgpu('on WebGPU', () => {
  test('a dense network on digits is trained, saved and trained on', async () => {
    await useWebgpu()
    const { numTensors } = tf.memory()
    const data = dense.data()
    const valuesOf = (model: tf.LayersModel) =>
      Promise.all(model.getWeights().map(async (weight) => [...(await weight.data())]))
    const trained = async (optimizer: tf.Optimizer) => {
      const model = dense.model()
      model.compile({ optimizer, loss: 'categoricalCrossentropy' })
      const losses = await train(model, data, 2)
      return { model, losses, weights: await valuesOf(model) }
    }
    const ours = await trained(toOptimizer(adam(0.005, { eps: 1e-5 }), { name: 'dense on WebGPU' }))
    const theirs = await trained(tf.train.adam(0.005, 0.9, 0.999, 1e-5))
    expect(ours.losses.at(-1)).toBeLessThan(ours.losses[0] ?? 0)
    const off = ours.weights.map((weight, i) =>
      Math.max(...weight.map((w, j) => Math.abs(w - (theirs.weights[i]?.[j] ?? Number.NaN)))),
    )
    expect(Math.max(...off)).toBeLessThan(1e-5)

    let artifacts: tf.io.ModelArtifacts = {}
    const handler = tf.io.withSaveHandler(async (given) => {
      artifacts = given
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } }
    })
    await ours.model.save(handler, { includeOptimizer: true })
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(artifacts))
    for (const model of [ours.model, loaded]) await train(model, data, 1)
    expect(await valuesOf(loaded)).toEqual(await valuesOf(ours.model))
    expect(await valuesOf(loaded)).not.toEqual(ours.weights)
    for (const model of [ours.model, theirs.model, loaded]) {
      model.optimizer.dispose()
      model.dispose()
    }
    tf.dispose([data.x, data.y])
    expect(tf.memory().numTensors).toBe(numTensors)
  }, 120_000)
})
