/**
 * Trains one network on handwritten digits several times: by a pipeline of gradpipe, by the classes of Objax, and by
 * two other optimizers for comparison; then a convolutional one, and says how fast TensorFlow.js alone would be.
 * Prints how they did, and draws it. `npm start` runs this.
 */
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as tf from '@tensorflow/tfjs'
import '@tensorflow/tfjs-backend-wasm'
import { Presets, SingleBar } from 'cli-progress'
import { cosineDecaySchedule, lion, sgd } from 'gradpipe'
import 'gradpipe/tfjs'
import { convolutional } from './convolutional.js'
import { batches, countBatches, loadDigits, toBatch } from './data.js'
import { perceptron } from './network.js'
import { trainObjax } from './objax.js'
import { draw } from './picture.js'
import { pipeline, train } from './pipeline.js'
import { type Report, record } from './record.js'
import { stockSpeed } from './stock.js'
import { summary } from './summary.js'
import type { Training } from './training.js'

await tf.setBackend('wasm')

const { train: digits, test } = loadDigits({ train: 8000, test: 2000 })
const plan = { epochs: 4, batchSize: 100 }
const steps = countBatches(digits, plan)
/** Convolutions learn more from each digit, and take longer for it. */
const short = { ...plan, epochs: 2 }
const shortSteps = countBatches(digits, short)

const trainings: Readonly<Record<string, Training>> = {
  'clipping + AdamW': train(pipeline(steps), perceptron, batches(digits, plan)),
  'Adam of Objax': trainObjax(digits, plan),
  'SGD with momentum': train(
    sgd(cosineDecaySchedule(0.3, steps), { momentum: 0.9, nesterov: true }),
    perceptron,
    batches(digits, plan),
  ),
  Lion: train(lion(cosineDecaySchedule(3e-3, steps), { weightDecay: 1 }), perceptron, batches(digits, plan)),
  'CNN, clipping + AdamW': train(pipeline(shortSteps), convolutional, batches(digits, short)),
}
const total = steps * (Object.keys(trainings).length - 1) + shortSteps

console.log(
  `Training on ${digits.length} digits, ${steps} steps with each optimizer and ${shortSteps} of a CNN; testing on ${test.length}.\n`,
)
const bar = new SingleBar({ format: '{bar} {value}/{total}  {name}  {loss}' }, Presets.shades_classic)
bar.start(total, 0, { name: '', loss: '' })
const testBatch = toBatch(test)
const reports: Record<string, Report> = {}
for (const [name, training] of Object.entries(trainings)) {
  const onStep = (loss: number): void => bar.increment({ name, loss: `loss ${loss.toFixed(3)}` })
  reports[name] = record(training, { test: testBatch, every: 20, onStep })
}
bar.stop()

console.log(summary(reports))

// its WASM backend lacks the gradient of a convolution's filters
tf.env().set('PROD', true) // no advice on the cpu backend
await tf.setBackend('cpu')
const stock = stockSpeed(convolutional, digits, { steps: 1, batchSize: plan.batchSize })
await tf.setBackend('wasm')
const cnn = reports['CNN, clipping + AdamW']
const speed = (cnn?.losses.length ?? 0) / (cnn?.seconds ?? 0)
console.log(
  `\nSteps of the CNN per second: ${speed.toFixed(0)} by gradpipe on WASM, which TensorFlow.js alone cannot train it on; ${stock.toPrecision(2)} by tf.train.adam on cpu, of one step.`,
)

const picture = fileURLToPath(new URL('out/training.svg', import.meta.url))
await mkdir(dirname(picture), { recursive: true })
await writeFile(picture, await draw(reports))
console.log(`\nThe curves are drawn in ${relative('.', picture)}`)

for (const [name, { tests }] of Object.entries(reports))
  assert((tests.at(-1)?.accuracy ?? 0) > 0.95, `${name} has not reached 95 %`)
