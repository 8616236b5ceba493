import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import { adam, GradpipeError, step } from '../../../../src/index.js'
import { describeOnWebgpu, useWebgpu } from '../../../webgpu/device.js'
import { numbersOf } from '../../../webgpu/read.js'

describeOnWebgpu('when the device is lost', () => {
  test('a step says so, consumes nothing, and what was read back goes on elsewhere', async () => {
    const device = await useWebgpu()
    const tx = adam(0.1)
    const start = tf.tensor1d([1, 2, 3])
    const [params, state] = step(tx)(start, tx.init(start), start)
    const [saved = [], ...rest] = await numbersOf([params, state])
    device.destroy()
    await device.lost
    // the news comes in a task of its own
    await new Promise((resolve) => setTimeout(resolve, 0))
    try {
      step(tx, { donate: true })(params, state, params)
      expect.unreachable()
    } catch (error) {
      if (!(error instanceof GradpipeError)) throw error
      expect(error._tag).toBe('DeviceLost')
      expect(error.message).toMatch(/lost/)
    }
    expect(params.isDisposed).toBe(false)

    expect(rest.length).toBeGreaterThan(0)
    const again = Float32Array.from(saved)
    const [next] = step(tx)(again, tx.init(again), again)
    expect(next.every(Number.isFinite)).toBe(true)

    await useWebgpu()
    const restored = tf.tensor1d([...saved])
    const [stepped] = step(tx)(restored, tx.init(restored), restored)
    expect((await numbersOf(stepped)).flat().every(Number.isFinite)).toBe(true)
  })
})
