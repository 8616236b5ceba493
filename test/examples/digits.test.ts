/** The main job, docs/examples/digits, in short: few digits, few steps. */
import * as tf from '@tensorflow/tfjs'
import '@tensorflow/tfjs-backend-wasm'
import { beforeAll, describe, expect, test } from 'vitest'
import { convolutional } from '../../docs/examples/digits/convolutional.js'
import { batches, countBatches, type Digits, loadDigits, toBatch } from '../../docs/examples/digits/data.js'
import { newNetwork, perceptron, predictWith } from '../../docs/examples/digits/network.js'
import { trainObjax } from '../../docs/examples/digits/objax.js'
import { draw } from '../../docs/examples/digits/picture.js'
import { pipeline, train } from '../../docs/examples/digits/pipeline.js'
import { type Report, record } from '../../docs/examples/digits/record.js'
import { stockSpeed } from '../../docs/examples/digits/stock.js'
import { summary } from '../../docs/examples/digits/summary.js'
import type { Training } from '../../docs/examples/digits/training.js'

const sizes = { train: 300, test: 100 }
const plan = { epochs: 6, batchSize: 50 }
const steps = 36

let digits: Digits
beforeAll(async () => {
  await tf.setBackend('wasm')
  digits = loadDigits(sizes)
})

const recorded = (training: Training): Report => {
  const testBatch = toBatch(digits.test)
  try {
    return record(training, { test: testBatch, every: 12 })
  } finally {
    tf.dispose([testBatch.images, testBatch.labels])
  }
}

/** What each training reports, twice. */
const runs: Record<string, readonly Report[]> = {}

const trainings: Readonly<Record<string, () => Training>> = {
  gradpipe: () => train(pipeline(steps), perceptron, batches(digits.train, plan)),
  Objax: () => trainObjax(digits.train, plan),
  'a CNN': () => train(pipeline(steps), convolutional, batches(digits.train, plan)),
}

describe('the digits', () => {
  test('to learn from and those to be tested on are different ones', () => {
    expect(new Set([...digits.train, ...digits.test]).size).toBe(400)
  })

  test('are the same ones each time', () => {
    expect(loadDigits(sizes)).toEqual(digits)
  })

  test('that fill no batch are left out, and not counted', () => {
    const seven = { epochs: 2, batchSize: 7 }
    expect([...batches(digits.test, seven)]).toHaveLength(28)
    expect(countBatches(digits.test, seven)).toBe(28)
  })

  test('are dealt out once in each epoch, in another order in the next, and freed', () => {
    const before = tf.memory().numTensors
    const ink: number[] = []
    for (const { images } of batches(digits.train, { epochs: 2, batchSize: 1 }))
      ink.push(images.dataSync<'float32'>().reduce((a, b) => a + b))
    const [first, second] = [ink.slice(0, sizes.train), ink.slice(sizes.train)]
    expect(second).not.toEqual(first)
    expect(second.sort()).toEqual(first.sort())
    expect(tf.memory().numTensors).toBe(before)
  })
})

describe.each(Object.entries(trainings))('training with %s', (name, training) => {
  let before: number
  beforeAll(() => {
    before = tf.memory().numTensors
    runs[name] = [recorded(training()), recorded(training())]
  }, 60_000)

  test('lowers the loss, and reads most digits after a few steps', () => {
    const { losses = [], tests = [] } = runs[name]?.[0] ?? {}
    expect(losses).toHaveLength(steps)
    expect(Math.max(...losses.slice(-6))).toBeLessThan(Math.min(...losses.slice(0, 3)) / 2)
    expect(tests.map(({ step }) => step)).toEqual([12, 24, 36])
    expect(tests.at(-1)?.accuracy).toBeGreaterThan(0.75)
    expect(tests.at(-1)?.averaged).toBeGreaterThan(0.75)
  })

  test('gives the same numbers each time', () => {
    const [once, again] = (runs[name] ?? []).map(({ losses, tests }) => ({ losses, tests }))
    expect(once?.losses).toHaveLength(steps)
    expect(again).toEqual(once)
  })

  test('leaves no tensor behind', () => {
    expect(tf.memory().numTensors).toBe(before)
  })
})

test('the first two trainings start from the same network', () => {
  const [a = Number.NaN, b = Number.NaN] = Object.values(runs).map(([run]) => run?.losses[0])
  expect(a).toBeCloseTo(b, 5)
})

test('TensorFlow.js alone is timed on the same model, and leaves no tensor behind', () => {
  const before = tf.memory().numTensors
  const speed = stockSpeed(perceptron, digits.train, { steps: 2, batchSize: 10 })
  expect(speed).toBeGreaterThan(0)
  expect(speed).toBeLessThan(Number.POSITIVE_INFINITY)
  expect(tf.memory().numTensors).toBe(before)
})

test('a training that forgets a tensor in each step is stopped', () => {
  const network = newNetwork()
  const predict = predictWith(network)
  const forgotten: tf.Tensor[] = []
  function* forgetful(): Training {
    for (;;) {
      forgotten.push(tf.scalar(0))
      yield { loss: 0, predict, predictAveraged: predict }
    }
  }
  expect(() => recorded(forgetful())).toThrow('tensors are left over in step 2')
  tf.dispose([forgotten, network])
})

test('the table and the picture name every optimizer', async () => {
  const report: Report = {
    losses: [2, 0.5],
    tests: [
      { step: 1, accuracy: 0.5, averaged: 0.25 },
      { step: 2, accuracy: 0.9, averaged: 0.95 },
    ],
    seconds: 0.5,
  }
  const reports = { 'first optimizer': report, 'the other': report }
  expect(summary(reports).split('\n').slice(2)).toEqual([
    'first optimizer      1.2500        90.00 %   95.00 %      0.5        4',
    'the other            1.2500        90.00 %   95.00 %      0.5        4',
  ])
  const svg = await draw(reports)
  expect(svg).toMatch(/^<svg /)
  for (const name of Object.keys(reports)) expect(svg).toContain(name)
})
