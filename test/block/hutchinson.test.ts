import '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { dispose, hutchinsonEstimatorDiagHessian, sophia, step } from '../../src/index.js'
import { grad } from '../../src/tfjs/index.js'
import { backends, numbers, tensorsLeft, useBackend } from '../backends.js'
import { thrown } from '../thrown.js'

interface Weights extends Record<string, tf.Tensor> {
  readonly b: tf.Tensor1D
  readonly w: tf.Tensor1D
}

/** ½ w·Aw + Σ b⁴ + w₀ Σ b. */
const objFn = ({ b, w }: Weights): tf.Tensor => {
  const a = tf.tensor2d([
    [3, 1, 0.5],
    [1, 2, -1],
    [0.5, -1, 4],
  ])
  const quadratic = tf.mul(0.5, tf.sum(tf.mul(w, tf.reshape(tf.matMul(a, tf.reshape(w, [3, 1])), [3]))))
  const quartic = tf.sum(tf.square(tf.square(b)))
  return tf.addN([quadratic, quartic, tf.mul(tf.sum(b), tf.sum(tf.slice(w, 0, 1)))])
}

const start = (): Weights => ({ b: tf.tensor1d([1, 2]), w: tf.tensor1d([1, -2, 0.5]) })

const close = (given: unknown, expected: readonly number[]): void =>
  numbers(given).forEach((x, i) => {
    expect(x).toBeCloseTo(expected[i] ?? Number.NaN, 4)
  })

// numbers of optax 0.2.8 on jax 0.10.2, float32, seed 0
describe.each(backends)('on the %s backend', (backend) => {
  it('the estimates are those of Optax, and nothing is left behind', async () => {
    await useBackend(backend)
    const left = tensorsLeft(() => {
      const tx = hutchinsonEstimatorDiagHessian()
      const p = start()
      let state = tx.init(p)
      for (const w of [
        [3.5, 4, 4.5],
        [2.5, 2, 5.5],
        [3.5, 4, 4.5],
      ]) {
        const [h, next] = tx.update(p, state, p, { objFn })
        close(h.w, w)
        close(h.b, [11, 49])
        dispose(h)
        state = next
      }
      expect(state.key).toEqual([683029726, 1624662641])
      dispose(p)
    })
    expect(left).toBe(0)
  })

  it('Sophia goes with them where Optax goes', async () => {
    await useBackend(backend)
    const left = tensorsLeft(() => {
      const tx = sophia(0.1, { updateInterval: 2, gamma: 1 })
      let p = start()
      let state = tx.init(p)
      for (let i = 0; i < 4; i++) {
        const g = grad(objFn)(p)
        const [moved, next] = step(tx)(p, state, g, { objFn })
        dispose(g, p, state)
        p = moved
        state = next
      }
      close(p.w, [0.5999659895896912, -1.5999259948730469, 0.09998597204685211])
      close(p.b, [0.5999659895896912, 1.5999259948730469])
      dispose(p, state)
    })
    expect(left).toBe(0)
  })
})

it('a loss is needed, parameters, and tensors', async () => {
  await useBackend('cpu')
  const tx = hutchinsonEstimatorDiagHessian({ randomSeed: 7 })
  const state = tx.init(1)
  expect(state).toEqual({ key: [0, 7] })
  const loss = { objFn: () => tf.scalar(1) }
  expect(thrown(() => tx.update(1, state, 1, {} as typeof loss))._tag).toBe('MissingArgument')
  expect(thrown(() => tx.update(1, state, undefined, loss))._tag).toBe('MissingParams')
  expect(thrown(() => tx.update(1, state, 1, loss))).toMatchObject({ _tag: 'DtypeMismatch', path: 'params' })
  expect(thrown(() => hutchinsonEstimatorDiagHessian({ randomSeed: 0.5 }))._tag).toBe('InvalidArgument')
})
