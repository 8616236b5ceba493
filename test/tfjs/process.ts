/**
 * A process of its own that trains a model: `begin FILE` trains, saves, and goes on; `resume FILE` goes on from the
 * file. Both write their last weights, as bits, to the standard output.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs'
import { adamw, chain, clipByGlobalNorm } from '../../src/index.js'
import { toOptimizer } from '../../src/tfjs/index.js'
import { useBackend } from '../backends.js'
import { recurrent, train, weightsOf } from './models.js'

const [, , what, file = ''] = process.argv
const tx = chain(
  clipByGlobalNorm(1),
  adamw((count) => 0.02 / (1 + count / 7)),
)

interface Stored extends Omit<tf.io.ModelArtifacts, 'weightData'> {
  readonly data: string
}

const save = tf.io.withSaveHandler(async ({ weightData, ...rest }) => {
  const data = Buffer.from(tf.io.CompositeArrayBuffer.join(weightData)).toString('base64')
  writeFileSync(file, JSON.stringify({ ...rest, data }))
  return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } }
})

const load = (): tf.io.ModelArtifacts => {
  // it is what `save` has written
  const { data, ...rest } = JSON.parse(readFileSync(file, 'utf8')) as Stored
  return { ...rest, weightData: Uint8Array.from(Buffer.from(data, 'base64')).buffer }
}

await useBackend('wasm')
const data = recurrent.data()
const optimizer = toOptimizer(tx, { name: 'of_the_text' })

const begun = async (): Promise<tf.LayersModel> => {
  const model = recurrent.model()
  model.compile({ optimizer, loss: 'categoricalCrossentropy' })
  await train(model, data, 2)
  await model.save(save, { includeOptimizer: true })
  return model
}

const model = what === 'begin' ? await begun() : await tf.loadLayersModel(tf.io.fromMemory(load()))
await train(model, data, 2)
const bits = weightsOf(model).map((weight) => [...new Uint32Array(Float32Array.from(weight).buffer)])
process.stdout.write(`\n${JSON.stringify([model.optimizer.iterations, bits])}\n`)
