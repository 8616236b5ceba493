/** Tuning and comparing: which rates are best on what is held back for that, and what becomes of them with other seeds. */
import * as tf from '@tensorflow/tfjs-core'
import type { tree } from 'gradpipe'
import type { Batch } from '../digits/batch.js'
import type { Model } from '../digits/model.js'
import { crossEntropy } from '../digits/network.js'
import { train } from '../digits/pipeline.js'
import { type Report, record } from '../digits/record.js'
import type { Training } from '../digits/training.js'
import type { Contender, Rates } from './contenders.js'

/** What is learned, and what it is measured on. A seed decides the first weights and the order of the batches. */
export interface Task<P extends tree.Tree<tf.Tensor>> {
  readonly steps: number
  readonly model: (seed: number) => Model<P>
  readonly batches: (seed: number) => Iterable<Batch>
  /** Held back for tuning; the caller's to dispose, as is the next. */
  readonly held: () => Batch
  readonly test: () => Batch
}

const training = <P extends tree.Tree<tf.Tensor>>(
  { make }: Contender,
  rates: Rates,
  seed: number,
  { steps, model, batches }: Task<P>,
): Training => train(make(rates, steps), model(seed), batches(seed))

/** The loss after a training's last step on another batch; NaN of no step. */
const finalLoss = (steps: Training, total: number, { images, labels }: Batch): number => {
  let [made, loss] = [0, Number.NaN]
  for (const { predict } of steps)
    if (++made === total)
      loss = tf.tidy(() => crossEntropy(predict(images), labels).dataSync()[0] ?? Number.NaN)
  return loss
}

/** The rates with the least loss on what is held back, by one seed, and that loss. */
export const tuned = <P extends tree.Tree<tf.Tensor>>(
  contender: Contender,
  task: Task<P>,
  seed = 0,
): { readonly rates: Rates; readonly loss: number } => {
  const held = task.held()
  const tried = contender.rates.map((rates) => ({
    rates,
    loss: finalLoss(training(contender, rates, seed, task), task.steps, held),
  }))
  tf.dispose([held.images, held.labels])
  const [first, ...others] = tried.filter(({ loss }) => Number.isFinite(loss))
  if (first === undefined) throw new Error('there is no rate with a finite loss')
  return others.reduce((best, each) => (each.loss < best.loss ? each : best), first)
}

/** What becomes of it with other seeds. */
export const repeated = <P extends tree.Tree<tf.Tensor>>(
  contender: Contender,
  rates: Rates,
  task: Task<P>,
  seeds: readonly number[],
): readonly Report[] => {
  const test = task.test()
  const reports = seeds.map((seed) => record(training(contender, rates, seed, task), { test, every: 20 }))
  tf.dispose([test.images, test.labels])
  return reports
}

const mean = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length

/** The mean, and how far from it the values are: the standard deviation of a sample. */
export const spread = (xs: readonly number[]): readonly [mean: number, deviation: number] => {
  const middle = mean(xs)
  return [middle, Math.sqrt(xs.reduce((sum, x) => sum + (x - middle) ** 2, 0) / (xs.length - 1))]
}

/** Several reports as one: their means, step by step. */
export const averaged = (reports: readonly Report[]): Report => {
  const [first] = reports
  if (first === undefined) throw new Error('there is no report')
  return {
    losses: first.losses.map((_, i) => mean(reports.map(({ losses }) => losses[i] ?? Number.NaN))),
    tests: first.tests.map(({ step }, i) => ({
      step,
      accuracy: mean(reports.map(({ tests }) => tests[i]?.accuracy ?? Number.NaN)),
      averaged: mean(reports.map(({ tests }) => tests[i]?.averaged ?? Number.NaN)),
    })),
    seconds: mean(reports.map(({ seconds }) => seconds)),
  }
}
