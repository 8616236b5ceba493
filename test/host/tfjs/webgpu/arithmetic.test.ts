import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, expect, test } from 'vitest'
import { addNoise, dispose, globalNorm, random, tree } from '../../../../src/index.js'
import { describeOnWebgpu, useWebgpu } from '../../../webgpu/device.js'

describeOnWebgpu('on WebGPU', () => {
  beforeAll(async () => {
    await useWebgpu()
  })

  test('functions of whole trees give what they give of arrays, and nothing is read back', async () => {
    const numbers = { w: Float32Array.of(1, -2, 3), b: Float32Array.of(-4) }
    const tensors = { w: tf.tensor1d([1, -2, 3]), b: tf.tensor1d([-4]) }
    const reduced = [
      [tree.sum(numbers), tree.sum(tensors)],
      [tree.max(numbers), tree.max(tensors)],
      [tree.min(numbers), tree.min(tensors)],
      [globalNorm(numbers), globalNorm(tensors)],
      [tree.norm(numbers, { ord: 1 }), tree.norm(tensors, { ord: 1 })],
      [tree.vdot(numbers, numbers), tree.vdot(tensors, tensors)],
    ] as const
    for (const [expected, found] of reduced) expect((await found.data())[0]).toBeCloseTo(expected, 5)
    const added = tree.addScale(tensors, 0.5, tensors)
    expect([...(await added.w.data())]).toEqual([1.5, -3, 4.5])
    dispose(
      tensors,
      added,
      reduced.map(([, found]) => found),
    )
  })

  test('noise is the same numbers', async () => {
    const tx = addNoise(1, 0, { key: random.key(9) })
    const [plain] = tx.update(new Float32Array(5), tx.init(null))
    const zeros = tf.zeros([5])
    const [found] = tx.update<tf.Tensor>(zeros, tx.init(null))
    expect([...(await found.data())]).toEqual([...plain])
    dispose(zeros, found)
  })
})
