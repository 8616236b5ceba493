/** Every golden loss on WebGPU: the value, and the gradient in the first argument. */
import { describeOnWebgpu, useWebgpu } from '../webgpu/device.js'
import '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, expect, test } from 'vitest'
import { isThorough } from '../laws/runs.js'
import { assertAgreement, compare, isGoldenLeaf, tensor } from './golden.js'
import { argumentsOf, callOf, goldens, lossOf, others } from './losses.js'

describeOnWebgpu('on WebGPU', () => {
  beforeAll(async () => {
    await useWebgpu()
  })

  const cases = [
    ...goldens.map((golden) => ({ golden, value: golden.value, grad: golden.grad })),
    ...others.map((golden) => ({
      golden,
      value: isGoldenLeaf(golden.value) ? golden.value : (golden.value[0] ?? null),
      grad: golden.grads[0] ?? null,
    })),
  ]

  /**
   * Whether a case's gradient is taken: without `CI` that of every second case of a loss, the first among them, since a
   * device in software has to compile what a gradient is made of.
   */
  const isDerived = (at: number): boolean => {
    const before = cases.slice(0, at).filter(({ golden }) => golden.name === cases[at]?.golden.name)
    return isThorough || before.length % 2 === 0
  }

  test.each(cases.map((given, i) => [given.golden.name, i, given] as const))(
    '%s, case %i, has the value and the gradient that Optax gives',
    async (name, at, { golden, value, grad }) => {
      expect(tf.getBackend()).toBe('webgpu')
      const [x, ...rest] = argumentsOf(golden)
      const call = callOf(golden)
      const read = async (given: tf.Tensor): Promise<Float32Array> => Float32Array.from(await given.data())
      const loss = await read(lossOf(call(x, ...rest)))
      // the exponentials and logarithms of a GPU may be off by a few units in the last place
      const tolerance = 4 * tensor.tolerance(golden.f32_dev)
      assertAgreement(name, compare('value', value, loss, tolerance))
      if (!isDerived(at)) return
      const slope = await read(tf.grad((given) => tf.sum(lossOf(call(given, ...rest))))(x))
      assertAgreement(name, compare('grad', grad, slope, tolerance))
    },
  )
})
