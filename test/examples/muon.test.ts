/** The comparison of docs/muon.md, docs/examples/muon, in short: few digits, few rates. */
import * as tf from '@tensorflow/tfjs'
import '@tensorflow/tfjs-backend-wasm'
import { beforeAll, expect, test } from 'vitest'
import { loadDigits } from '../../docs/examples/digits/data.js'
import { averaged, repeated, type Split, spread, tuned } from '../../docs/examples/muon/compare.js'
import { type Contender, contenders } from '../../docs/examples/muon/contenders.js'

const plan = { epochs: 3, batchSize: 50 }

let split: Split
beforeAll(async () => {
  await tf.setBackend('wasm')
  const { train, test } = loadDigits({ train: 350, test: 100 })
  split = { train: train.slice(0, 300), held: train.slice(300), test }
})

const named = (name: string): Contender => {
  const found = contenders[name]
  if (found === undefined) throw new Error(`nobody is named ${name}`)
  return found
}

test('every contender learns by a rate from the middle of its own', () => {
  const before = tf.memory().numTensors
  for (const [name, contender] of Object.entries(contenders)) {
    const rates = contender.rates[contender.rates.length >> 1]
    if (rates === undefined) throw new Error(`${name} has no rates`)
    const losses = repeated(contender, rates, split, plan, [1])[0]?.losses ?? []
    expect(losses).toHaveLength(18)
    expect(losses.at(-1), name).toBeLessThan(0.6 * (losses[0] ?? 0))
  }
  expect(tf.memory().numTensors).toBe(before)
})

test('tuning takes the rates with the least loss on digits held back', () => {
  const before = tf.memory().numTensors
  const hopeless = { matrices: 1e-7, adamw: 1e-7 }
  const good = { matrices: 0.02, adamw: 0.008 }
  const chosen = tuned({ ...named('Muon + AdamW'), rates: [hopeless, good, hopeless] }, split, plan)
  expect(chosen.rates).toEqual(good)
  expect(chosen.loss).toBeLessThan(2)
  expect(tf.memory().numTensors).toBe(before)
})

test('a seed decides all of a training', () => {
  const rates = { matrices: 0.004, adamw: 0.004 }
  const reports = repeated(named('AdamW'), rates, split, plan, [1, 2, 1])
  const [one, other, again] = reports.map(({ losses }) => losses)
  expect(again).toEqual(one)
  expect(other).not.toEqual(one)
})

test('reports are averaged step by step', () => {
  const report = (loss: number) => ({
    losses: [loss],
    tests: [{ step: 1, accuracy: loss, averaged: 2 * loss }],
    seconds: loss,
  })
  expect(averaged([report(1), report(3)])).toEqual(report(2))
  expect(spread([1, 3])).toEqual([2, Math.SQRT2])
})
