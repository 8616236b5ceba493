/** The comparison of docs/muon.md, docs/examples/muon, in short: few digits, few rates, a short text. */
import * as tf from '@tensorflow/tfjs'
import '@tensorflow/tfjs-backend-wasm'
import { dispose, tree } from 'gradpipe'
import { beforeAll, expect, test } from 'vitest'
import type { Batch } from '../../docs/examples/digits/batch.js'
import { loadDigits } from '../../docs/examples/digits/data.js'
import { averaged, repeated, spread, type Task, tuned } from '../../docs/examples/muon/compare.js'
import { type Contender, contenders, hiddenKernels, onText } from '../../docs/examples/muon/contenders.js'
import { digitsTask } from '../../docs/examples/muon/digits.js'
import type { Layers } from '../../docs/examples/muon/network.js'
import { textTask } from '../../docs/examples/muon/text.js'
import { initialTransformer } from '../../docs/examples/muon/transformer.js'

const plan = { epochs: 3, batchSize: 50 }

let task: Task<Layers>
beforeAll(async () => {
  await tf.setBackend('wasm')
  const { train, test } = loadDigits({ train: 350, test: 100 })
  task = digitsTask({ train: train.slice(0, 300), held: train.slice(300), test }, plan)
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
    const losses = repeated(contender, rates, task, [1])[0]?.losses ?? []
    expect(losses).toHaveLength(18)
    expect(losses.at(-1), name).toBeLessThan(0.6 * (losses[0] ?? 0))
  }
  expect(tf.memory().numTensors).toBe(before)
})

test('tuning takes the rates with the least loss on digits held back', () => {
  const before = tf.memory().numTensors
  const hopeless = { matrices: 1e-7, adamw: 1e-7 }
  const good = { matrices: 0.02, adamw: 0.008 }
  const chosen = tuned({ ...named('Muon + AdamW'), rates: [hopeless, good, hopeless] }, task)
  expect(chosen.rates).toEqual(good)
  expect(chosen.loss).toBeLessThan(2)
  expect(tf.memory().numTensors).toBe(before)
})

test('a transformer learns a text', () => {
  const before = tf.memory().numTensors
  const text = 'the quick brown fox jumps over the lazy dog, '.repeat(60)
  const shape = { layers: 1, width: 16, heads: 2, sequence: 8 }
  const reading = textTask(text, shape, { batchSize: 8, steps: 30, held: 10, test: 20 })
  for (const [name, contender] of Object.entries(onText)) {
    const [report] = repeated(contender, { matrices: 0.02, adamw: 0.016 }, reading, [1])
    expect(report?.losses).toHaveLength(30)
    // the loss of one who takes all characters for equally likely
    expect(report?.losses[0]).toBeGreaterThan(0.8 * Math.log(28))
    expect(report?.losses.at(-1), name).toBeLessThan(0.8 * (report?.losses[0] ?? 0))
  }
  expect(tf.memory().numTensors).toBe(before)
})

test('the matrices in a transformer’s blocks are Muon’s', () => {
  const sizes = { layers: 1, width: 4, heads: 2, sequence: 3, vocabulary: 5 }
  const weights = initialTransformer(sizes)
  const ofMuon = tree
    .leaves(weights)
    .filter(([path, { shape }]) => hiddenKernels({ path, shape, dtype: 'float32' }) !== null)
    .map(([path]) => path.join('.'))
  dispose(weights)
  expect(ofMuon.sort()).toEqual(
    ['attention.out', 'attention.qkv', 'mlp.down', 'mlp.up'].map((m) => `blocks.0.${m}`),
  )
})

test('a text that is too short for so many steps is refused', () => {
  const shape = { layers: 1, width: 4, heads: 2, sequence: 3 }
  const plan = { batchSize: 2, steps: 2, held: 1, test: 1 }
  expect(() => textTask('abcd'.repeat(5), shape, plan)).toThrow('has 5 pieces of 4 characters, and needs 6')
})

test('a text is cut in pieces that are read once, in an order that the seed decides; others are held back', () => {
  const before = tf.memory().numTensors
  // twenty pieces of one letter each
  const text = [...'abcdefghijklmnopqrst'].map((letter) => letter.repeat(20)).join('')
  const shape = { layers: 1, width: 4, heads: 2, sequence: 19 }
  const reading = textTask(text, shape, { batchSize: 3, steps: 4, held: 2, test: 6 })
  const lettersOf = ({ images, labels }: Batch): readonly number[] => {
    const codes = images.arraySync()
    const next = tf.tidy(() => tf.argMax(labels, 1).dataSync())
    expect([...next]).toEqual(codes.flat())
    return codes.map(([code = Number.NaN]) => code)
  }
  const order = (seed: number): readonly number[] => {
    const codes: number[] = []
    for (const batch of reading.batches(seed)) codes.push(...lettersOf(batch))
    return codes
  }
  const others = [reading.held(), reading.test()].flatMap((batch) => {
    const codes = lettersOf(batch)
    tf.dispose([batch.images, batch.labels])
    return codes
  })
  expect(others).toHaveLength(8)
  expect(order(1)).toHaveLength(12)
  expect(order(2)).not.toEqual(order(1))
  expect(new Set([...others, ...order(1)])).toEqual(new Set(Array.from({ length: 20 }, (_, i) => i + 1)))
  expect(tf.memory().numTensors).toBe(before)
})

test('a seed decides all of a training', () => {
  const rates = { matrices: 0.004, adamw: 0.004 }
  const reports = repeated(named('AdamW'), rates, task, [1, 2, 1])
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
