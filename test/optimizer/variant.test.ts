/** What the variant `paper` of a rule does beside its formula, which the laws and golden values hold. */
import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, expect, test } from 'vitest'
import { adan, applyUpdates, dispose, step } from '../../src/index.js'

beforeAll(async () => {
  await tf.setBackend('cpu')
})

test("Adan's decay by the paper leaves alone what the mask leaves out, and what it takes is divided by 1 + ηλ", () => {
  const before = tf.memory().numTensors
  const tx = adan(0.5, { weightDecay: 0.5, mask: { kernel: true, bias: false }, variant: 'paper' })
  const plain = adan(0.5, { variant: 'paper' })
  const params = { kernel: tf.tensor1d([5, -2]), bias: tf.tensor1d([4]) }
  const grads = { kernel: tf.tensor1d([0, 0]), bias: tf.tensor1d([3]) }
  const [start, first] = [tx.init(params), plain.init(params)]
  const [updates, state] = tx.update(grads, start, params)
  const [withoutDecay, after] = plain.update(grads, first, params)
  const moved = applyUpdates(params, updates)
  expect(Array.from(moved.kernel.dataSync())).toEqual([4, Math.fround(-1.6)])
  expect(updates.bias.dataSync()).toEqual(withoutDecay.bias.dataSync())
  dispose(params, grads, start, first, updates, state, withoutDecay, after, moved)
  expect(tf.memory().numTensors).toBe(before)
})

test('its learning rate and its decay may be schedules, which are read at the same count', () => {
  const tx = adan((n) => (n === 0 ? 1 : 0.5), { weightDecay: (n) => (n === 0 ? 1 : 2), variant: 'paper' })
  let [p, state] = step(tx)(8, tx.init(8), 0)
  expect(p).toBe(4)
  ;[p, state] = step(tx)(p, state, 0)
  expect(p).toBe(2)
})
