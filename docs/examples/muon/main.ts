/**
 * Muon and its kin beside AdamW on handwritten digits: each tuned over a grid of learning rates on digits held back for
 * that, then trained with five seeds. Prints a table and draws the mean curves: docs/muon.md has both.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as tf from '@tensorflow/tfjs'
import '@tensorflow/tfjs-backend-wasm'
import 'gradpipe/tfjs'
import { loadDigits } from '../digits/data.js'
import { draw } from '../digits/picture.js'
import type { Report } from '../digits/record.js'
import { averaged, repeated, type Split, spread, tuned } from './compare.js'
import { contenders } from './contenders.js'

await tf.setBackend('wasm')

const { train: digits, test } = loadDigits({ train: 8000, test: 2000 })
const split: Split = { train: digits.slice(0, 7000), held: digits.slice(7000), test }
const plan = { epochs: 4, batchSize: 100 }
const seeds = [1, 2, 3, 4, 5]

const around = ([mean, deviation]: readonly [number, number], digits: number): string =>
  `${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}`

const means: Record<string, Report> = {}
console.log(
  '| | rate of matrices | rate of AdamW | loss of the last 20 steps | test accuracy, % | seconds |\n|---|---|---|---|---|---|',
)
for (const [name, contender] of Object.entries(contenders)) {
  const { rates } = tuned(contender, split, plan)
  const reports = repeated(contender, rates, split, plan, seeds)
  const losses = reports.map(({ losses }) => losses.slice(-20).reduce((sum, loss) => sum + loss / 20, 0))
  const accuracies = reports.map(({ tests }) => 100 * (tests.at(-1)?.accuracy ?? Number.NaN))
  const mean = averaged(reports)
  means[name] = mean
  console.log(
    `| ${[name, rates.matrices, rates.adamw, around(spread(losses), 4), around(spread(accuracies), 2), mean.seconds.toFixed(1)].join(' | ')} |`,
  )
}

const picture = fileURLToPath(new URL('out/training.svg', import.meta.url))
await mkdir(dirname(picture), { recursive: true })
await writeFile(picture, await draw(means))
console.log(`\nThe curves are drawn in ${relative('.', picture)}`)
