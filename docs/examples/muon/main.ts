/**
 * Muon and its kin beside AdamW, on handwritten digits or, with the argument `text`, on the pages of the guide: each
 * tuned over a grid of learning rates on what is held back for that, then trained with other seeds. Prints a table and
 * draws the mean curves: docs/muon.md has both.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as tf from '@tensorflow/tfjs'
import '@tensorflow/tfjs-backend-wasm'
import type { tree } from 'gradpipe'
import 'gradpipe/tfjs'
import { loadDigits } from '../digits/data.js'
import { draw, type Frame } from '../digits/picture.js'
import type { Report } from '../digits/record.js'
import { averaged, repeated, spread, type Task, tuned } from './compare.js'
import { type Contender, contenders, onText } from './contenders.js'
import { digitsTask } from './digits.js'
import { textTask } from './text.js'

const around = ([mean, deviation]: readonly [number, number], digits: number): string =>
  `${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}`

/** Tunes all, then trains them in turns, seed by seed, so that their times are of the same machine. */
const compare = async <P extends tree.Tree<tf.Tensor>>(
  all: Readonly<Record<string, Contender>>,
  task: Task<P>,
  seeds: readonly number[],
  name: string,
  frame?: Frame,
): Promise<void> => {
  const chosen = Object.entries(all).map(([name, contender]) => ({
    name,
    contender,
    rates: tuned(contender, task).rates,
    reports: [] as Report[],
  }))
  for (const seed of seeds)
    for (const { contender, rates, reports } of chosen)
      reports.push(...repeated(contender, rates, task, [seed]))

  console.log(
    '| | rate of matrices | rate of AdamW | loss of the last 20 steps | test accuracy, % | seconds |\n|---|---|---|---|---|---|',
  )
  const means: Record<string, Report> = {}
  for (const { name, rates, reports } of chosen) {
    const losses = reports.map(({ losses }) => losses.slice(-20).reduce((sum, loss) => sum + loss / 20, 0))
    const accuracies = reports.map(({ tests }) => 100 * (tests.at(-1)?.accuracy ?? Number.NaN))
    const mean = averaged(reports)
    means[name] = mean
    console.log(
      `| ${[name, rates.matrices, rates.adamw, around(spread(losses), 4), around(spread(accuracies), 2), mean.seconds.toFixed(1)].join(' | ')} |`,
    )
  }
  const picture = fileURLToPath(new URL(`out/${name}.svg`, import.meta.url))
  await mkdir(dirname(picture), { recursive: true })
  await writeFile(picture, await draw(means, frame))
  console.log(`\nThe curves are drawn in ${relative('.', picture)}`)
}

/** Pages of the guide that are written by hand, but for the one with the table. */
const pages =
  'averages backends browser checkpoint coming-from-objax coming-from-optax coming-from-tf-train composing descriptions environments export fitting laws playground rules speed start tfjs values wasm webgl'

const compareText = async (): Promise<void> => {
  const texts = pages.split(' ').map((page) => readFile(new URL(`../../${page}.md`, import.meta.url), 'utf8'))
  const task = textTask(
    (await Promise.all(texts)).join('\n'),
    { layers: 2, width: 64, heads: 4, sequence: 32 },
    { batchSize: 16, steps: 200, held: 150, test: 300 },
  )
  await compare(onText, task, [1, 2, 3], 'text', {
    text: 'A small transformer learns the characters of this guide',
    losses: [2.6, 2.8, 3, 3.2, 3.4, 3.6],
    lowest: 0.15,
  })
}

const compareDigits = async (): Promise<void> => {
  const { train: digits, test } = loadDigits({ train: 8000, test: 2000 })
  const task = digitsTask(
    { train: digits.slice(0, 7000), held: digits.slice(7000), test },
    { epochs: 4, batchSize: 100 },
  )
  await compare(contenders, task, [1, 2, 3, 4, 5], 'training')
}

await tf.setBackend('wasm')
await (process.argv[2] === 'text' ? compareText() : compareDigits())
