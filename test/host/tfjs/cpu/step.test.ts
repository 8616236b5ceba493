/** Steps on the cpu backend: of arrays that others hold, of every kind. */
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { adamw, dispose, type Params, step } from '../../../../src/index.js'
import { numbers, tensorsIn, useBackend } from '../../../backends.js'

beforeAll(() => useBackend('cpu'))

const tx = adamw(0.1)

/** All arrays of a tree of anything. */
const arraysIn = (node: unknown): readonly Float32Array[] =>
  node instanceof Float32Array
    ? [node]
    : typeof node === 'object' && node !== null
      ? Object.values(node).flatMap(arraysIn)
      : []

describe.each([false, true])('a step on the cpu backend (donate: %s)', (donate) => {
  it('never writes into an array that somebody may hold: given to tf.tensor, or had from dataSync', () => {
    const { numTensors } = tf.memory()
    const own = [Float32Array.of(1, -2, 3), Float32Array.of(4)]
    let params: Params = { w: tf.tensor1d(own[0] ?? []), b: tf.tensor1d(own[1] ?? []) }
    let state: ReturnType<typeof tx.init> = tx.init(params)
    const held: (readonly [Float32Array, readonly number[]])[] = own.map((array) => [array, [...array]])
    for (let i = 0; i < 3; i++) {
      for (const tensor of [...tensorsIn(params), ...tensorsIn(state)])
        held.push([tensor.dataSync<'float32'>(), numbers(tensor)])
      const grads = { w: tf.tensor1d([1, 1, -1]), b: tf.tensor1d([2]) }
      const before = [params, state, grads]
      ;[params, state] = step(tx, { donate })<Params>(params, state, grads)
      dispose(before) // what was donated is disposed: twice does no harm
    }
    for (const [array, before] of held) expect([...array]).toEqual(before)
    dispose(params, state)
    expect(tf.memory().numTensors).toBe(numTensors)
  })

  it('is that of arrays, of tensors whose arrays are of another kind', () => {
    const integers = tf.tensor2d([1, -2, 3, 4], [2, 2], 'int32')
    const flags = tf.tensor1d([true, false, true], 'bool')
    const params = { w: tf.cast(integers, 'float32'), b: tf.cast(flags, 'float32'), s: tf.scalar(2) }
    const grads = { w: tf.fill([2, 2], 0.5), b: tf.cast(flags, 'float32'), s: tf.scalar(-1) }
    const state = tx.init(params)
    const result = step(tx, { donate })<Params>(params, state, grads)
    const arrays = { w: Float32Array.of(1, -2, 3, 4), b: Float32Array.of(1, 0, 1), s: Float32Array.of(2) }
    const expected = step(tx)(arrays, tx.init(arrays), {
      w: new Float32Array(4).fill(0.5),
      b: Float32Array.of(1, 0, 1),
      s: Float32Array.of(-1),
    })
    expect(tensorsIn(result).map(numbers)).toEqual(arraysIn(expected).map(numbers))
    dispose(params, grads, state, result, integers, flags)
  })
})
