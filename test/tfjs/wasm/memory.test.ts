/** A training on WASM holds no more memory after many steps than after a few. */
import * as tf from '@tensorflow/tfjs'
import { adam } from 'gradpipe'
import { toOptimizer } from 'gradpipe/tfjs'
import { expect, it } from 'vitest'
import { wasmDoor } from '../../../src/host/tfjs/wasm/backend.js'
import { useBackend } from '../../backends.js'
import { convolutionalNetwork, denseNetwork, embeddingNetwork, separableNetwork } from '../networks/layers.js'

/** The bytes of the backend's memory. */
const heap = (): number => wasmDoor(tf.backend())?.memory.buffer.byteLength ?? Number.NaN

it.each([
  // 1.6 MB of weights in a matrix: a few steps that keep what they pack of it would fill the first 16 MB
  denseNetwork({ units: 512 }),
  convolutionalNetwork({ filters: [3, 4], units: 8 }),
  separableNetwork({ filters: [8, 9] }),
  embeddingNetwork({ vocabulary: 30, width: 6, length: 5 }),
])('a $name', async ({ make, data }) => {
  await useBackend('wasm')
  const model = make()
  const optimizer = toOptimizer(adam(0.01))
  model.compile({ optimizer, loss: 'categoricalCrossentropy' })
  const { x, y } = data(8)
  const train = async (steps: number): Promise<readonly number[]> => {
    for (let i = 0; i < steps; i++) await model.trainOnBatch(x, y)
    return [heap(), tf.memory().numTensors, tf.memory().numDataBuffers]
  }
  const before = await train(5)
  expect(await train(40)).toEqual(before)
  model.dispose()
  optimizer.dispose()
  tf.dispose([x, y])
})
