/** A user's model, how it is trained, and how it is kept: the weights, and the optimizer's, in files of their own. */
import { readFileSync, writeFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-backend-wasm'
import * as layers from '@tensorflow/tfjs-layers'
import * as E from 'fp-ts/lib/Either.js'
import { adamw, chain, clipByGlobalNorm, kernelStatistics, onFallback } from 'gradpipe'
import { decode, encode } from 'gradpipe/checkpoint'
import { toOptimizer } from 'gradpipe/tfjs'

/** A dense net that is ready to be trained. */
export const makeModel = async (): Promise<layers.LayersModel> => {
  await tf.setBackend('wasm')
  const model = layers.sequential({
    layers: [
      layers.layers.dense({
        name: 'hidden',
        inputShape: [2],
        units: 8,
        activation: 'tanh',
        kernelInitializer: layers.initializers.glorotUniform({ seed: 1 }),
      }),
      layers.layers.dense({
        name: 'out',
        units: 1,
        kernelInitializer: layers.initializers.glorotUniform({ seed: 2 }),
      }),
    ],
  })
  model.compile({
    optimizer: toOptimizer(chain(clipByGlobalNorm(1), adamw(1e-3))),
    loss: 'meanSquaredError',
  })
  return model
}

/** Trains for some epochs; the last loss. */
export const train = async (model: layers.LayersModel, epochs: number): Promise<number> => {
  const points = tf.tensor2d(Array.from({ length: 64 }, (_, i) => [Math.sin(i), Math.cos(3 * i)]))
  const products = tf.tidy(() => tf.prod(points, 1, true))
  const { history } = await model.fit(points, products, { epochs, batchSize: 16, shuffle: false, verbose: 0 })
  tf.dispose([points, products])
  return Number(history.loss?.at(-1))
}

/** TensorFlow.js has this type, and does not export it. */
type NamedTensor = Awaited<ReturnType<tf.Optimizer['getWeights']>>[number]

const byName = (named: readonly NamedTensor[]): tf.NamedTensorMap =>
  Object.fromEntries(named.map(({ name, tensor }) => [name, tensor]))

const read = (path: string): NamedTensor[] => {
  const tree = decode(readFileSync(path))
  if (E.isLeft(tree)) throw new Error(tree.left.message)
  return Object.entries(tree.right ?? {}).flatMap(([name, tensor]) =>
    tensor instanceof tf.Tensor ? [{ name, tensor }] : [],
  )
}

/** Writes the weights of the model and of its optimizer. */
export const save = async (model: layers.LayersModel): Promise<void> => {
  const weights = model.weights.map((weight) => ({ name: weight.originalName, tensor: weight.read() }))
  writeFileSync('model.safetensors', encode(byName(weights)))
  writeFileSync('optimizer.safetensors', encode(byName(await model.optimizer.getWeights())))
}

/** Reads the model's weights that {@link save} wrote. */
export const loadModel = (model: layers.LayersModel): void => {
  const weights = read('model.safetensors')
  model.loadWeights(byName(weights))
  tf.dispose(weights.map(({ tensor }) => tensor))
}

/** Reads the optimizer's weights that {@link save} wrote. */
export const loadOptimizer = async (model: layers.LayersModel): Promise<void> => {
  const weights = read('optimizer.safetensors')
  await model.optimizer.setWeights(weights)
  tf.dispose(weights.map(({ tensor }) => tensor))
}

/** What a program has to say at its end: its numbers bit by bit, and whether steps were fused. */
export const tell = (model: layers.LayersModel, loss: number, fallbacks: readonly string[]): void => {
  const weights = model.getWeights().map((weight) => [...new Int32Array(weight.dataSync().slice().buffer)])
  const isFused = kernelStatistics().launches > 0 && fallbacks.length === 0
  console.log(JSON.stringify({ weights, loss, isFused, fallbacks }))
}

/** Listens for steps that are not fused. */
export const listen = (): readonly string[] => {
  const fallbacks: string[] = []
  onFallback(({ reason }) => fallbacks.push(reason))
  return fallbacks
}
