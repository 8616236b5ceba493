import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { tidily } from '../../laws/tensor.js'
import {
  chain,
  type Params,
  scale,
  sgd,
  stateless,
  statelessWithTreeMap,
  step,
  tree,
} from '../../src/index.js'
import { thrown } from '../thrown.js'

beforeAll(async () => void (await tf.setBackend('cpu')))

const squared = tree.map((u: unknown) => {
  if (u instanceof tf.Tensor) return tf.neg(tf.neg(tf.square(u)))
  return Number(u) ** 2
}) as (updates: Params) => Params

describe('a function of whole trees', () => {
  test('leaves nothing behind but its result', () => {
    tidily(() => {
      const [w, b] = [tf.tensor1d([1, 2]), tf.scalar(3)]
      const tx = stateless(squared)
      const before = tf.memory().numTensors
      const [updates] = tx.update({ w, b }, tx.init({ w, b }))
      expect(tf.memory().numTensors).toBe(before + 2)
      expect([...updates.w.dataSync(), ...updates.b.dataSync()]).toEqual([1, 4, 9])
      expect([w.isDisposed, b.isDisposed]).toEqual([false, false])
    })
  })

  test('what it hands on, and what it gives twice, gets handles of its own', () => {
    tidily(() => {
      const w = tf.tensor1d([1, 2])
      const twice = stateless((u) => {
        const made = squared(Array.isArray(u) ? (u[0] ?? null) : null)
        return [made, made]
      })
      const [updates] = twice.update([w, w], twice.init([w, w]))
      tf.dispose([updates[0] ?? w])
      expect([...(updates[1] ?? w).dataSync()]).toEqual([1, 4])
      const same = stateless((u) => u)
      const [again] = same.update([w], same.init([w]))
      tf.dispose([...again])
      expect(w.isDisposed).toBe(false)
    })
  })

  test('stands between rules in a chain, and is given the parameters', () => {
    const tx = chain(
      scale(2),
      stateless((u, p) => tree.map(() => Number(u) * Number(p))(u)),
      sgd(0.5),
    )
    expect(step(tx)(3, tx.init(3), 1)[0]).toBe(0)
  })

  test.each<readonly [string, (u: Params) => Params, string, string]>([
    ['another structure', () => ({ a: 1 }), 'TreeMismatch', 'updates'],
    ['nothing in the place of an update', () => [1, null], 'TreeMismatch', 'updates.1'],
    ['another shape', () => [1, Float64Array.of(1, 2)], 'ShapeMismatch', 'updates.1'],
  ])('that makes %s is refused', (_, f, tag, path) => {
    const tx = stateless(f)
    expect(thrown(() => tx.update([1, 2], tx.init([1, 2])))).toMatchObject({ _tag: tag, path })
  })

  test('that makes tensors of another shape is refused, and the tensors are freed', () => {
    tidily(() => {
      const w = tf.tensor1d([1, 2])
      const tx = stateless(() => [tf.ones([3])])
      const before = tf.memory().numTensors
      expect(thrown(() => tx.update([w], tx.init([w])))).toMatchObject({
        _tag: 'ShapeMismatch',
        path: 'updates.0',
      })
      expect(tf.memory().numTensors).toBe(before)
    })
  })
})

test('what is no function is refused', () => {
  const name = 'sign' as never
  expect(thrown(() => stateless(name))).toMatchObject({ _tag: 'InvalidArgument', path: 'stateless.f' })
  expect(thrown(() => statelessWithTreeMap(name))).toMatchObject({
    _tag: 'InvalidArgument',
    path: 'statelessWithTreeMap.f',
  })
})
