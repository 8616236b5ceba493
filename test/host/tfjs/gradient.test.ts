/** Steps that TensorFlow.js records can be differentiated, on backends with kernels of ours too. */
import '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { tidily } from '../../../laws/tensor.js'
import { adam, clip, fromRule, type GradientTransformation, norm, select, sgd } from '../../../src/index.js'
import { backends, numbers, useBackend } from '../../backends.js'

/** Every operator whose result is a choice. */
const choosing = fromRule({
  slots: {},
  scalars: { k: 0.5 },
  step: ({ g }, { k }) => {
    const sizes = g.max(k).add(g.min(k).mul(2)).add(g.sign()).add(g.abs())
    const chosen = select(g.lt(k), g.square(), select(g.eq(k), 0, g.mul(3)))
    return { update: sizes.add(chosen).add(select(norm(g, 'tree').ne(0), g, 1)) }
  },
})

/** Functions whose gradients are made here, or must not be those of what they are computed by. */
const waving = fromRule({
  slots: {},
  scalars: {},
  step: ({ g }) => ({
    update: g
      .sin()
      .add(g.mul(3).cos())
      .add(g.erf())
      .add(g.mul(2).erf())
      .add(g.sigmoid())
      .add(g.floor())
      .add(g.mul(0.9).round()),
  }),
})

const steps: Readonly<Record<string, () => GradientTransformation>> = {
  sgd: () => sgd(0.1, { momentum: 0.9, nesterov: true }),
  adam: () => adam(0.5, { eps: 0.25 }),
  clip: () => clip(1),
  'a rule of choices': () => choosing,
  'a rule of waves': () => waving,
}

describe.each(backends)('on %s', (backend) => {
  beforeAll(() => useBackend(backend))

  test.each(Object.entries(steps))('the update of %s has the gradient of its differences', (_, make) => {
    tidily(() => {
      const tx = make()
      const w = tf.tensor1d([1, -2, 0.5])
      const at = [0.75, -0.25, 1.5]
      const loss = (g: tf.Tensor): tf.Tensor => {
        const [update] = tx.update(g, tx.init(tf.zeros([3])), tf.zeros([3]))
        return tf.sum(tf.mul(update, w))
      }
      const value = (i: number, step: number): number =>
        numbers(loss(tf.tensor1d(at.map((x, k) => (k === i ? x + step : x)))))[0] ?? Number.NaN
      const found = numbers(tf.grad(loss)(tf.tensor1d(at)))
      for (const i of at.keys())
        expect(found[i]).toBeCloseTo((value(i, 2 ** -7) - value(i, -(2 ** -7))) * 2 ** 6, 2)
    })
  })
})
