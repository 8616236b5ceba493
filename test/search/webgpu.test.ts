/** L-BFGS with line searches on WebGPU, whose values can be had by promises alone. */
import * as tf from '@tensorflow/tfjs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  dispose,
  kernelStatistics,
  lbfgs,
  onFallback,
  scaleByBacktrackingLinesearch,
  stepAsync,
  valueAndGradFromState,
} from '../../src/index.js'
import { valueAndGrad } from '../../src/tfjs/index.js'
import { describeOnWebgpu, useWebgpu } from '../webgpu/device.js'

const loss = (x: tf.Tensor1D): tf.Scalar =>
  tf.tidy(() => {
    const scaled = tf.mul(x, tf.tensor1d([1, 2, 3, 4]))
    return tf.sum(tf.square(tf.sub(scaled, tf.tensor1d([1, -1, 2, 0.5])))) as tf.Scalar
  })

const searches = {
  zoom: lbfgs(undefined, { memorySize: 3 }),
  backtracking: lbfgs(undefined, { linesearch: scaleByBacktrackingLinesearch(20, { storeGrad: true }) }),
}

describeOnWebgpu('on WebGPU', () => {
  beforeAll(() => useWebgpu())
  afterAll(() => tf.removeBackend('webgpu'))

  test.each(Object.keys(searches) as readonly (keyof typeof searches)[])(
    'a walk with %s finds the minimum, in fused kernels, and leaves no tensor behind',
    async (name) => {
      const [tx, both] = [searches[name], valueAndGrad(loss)]
      const refused: string[] = []
      const end = onFallback(({ reason }) => refused.push(reason))
      const alive = tf.memory().numTensors
      let x = tf.tensor1d([3, -2, 1, 0])
      let state = tx.init(x)
      const before = kernelStatistics().launches
      for (let i = 0; i < 12; i++) {
        const { value, grads } = valueAndGradFromState(both)(x, state)
        const given = { value, grad: grads, valueAndGradFn: both }
        const [moved, next] = await stepAsync(tx)(x, state, grads, given)
        dispose(x, state, value, grads)
        x = moved
        state = next
      }
      end()
      expect(refused).toEqual([])
      expect(kernelStatistics().launches).toBeGreaterThan(before)
      for (const [i, xi] of (await x.data()).entries())
        expect(xi).toBeCloseTo([1, -1 / 2, 2 / 3, 0.5 / 4][i] ?? Number.NaN, 3)
      dispose(x, state)
      expect(tf.memory().numTensors).toBe(alive)
    },
  )
})
