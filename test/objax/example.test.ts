/** The example from Objax's docs, in TypeScript: what a user brings along reads like the original. */
import * as tf from '@tensorflow/tfjs'
import * as objax from 'gradpipe/objax'
import { expect, test } from 'vitest'

await tf.setBackend('cpu')

test('an averaged module, an optimizer and its averages read like the original', () => {
  const m = new objax.nn.Sequential([new objax.nn.Linear(2, 3), new objax.nn.BatchNorm0D(3)])
  const mEma = new objax.optimizer.ExponentialMovingAverageModule(m, { momentum: 0.999, debias: true })
  const x = objax.random.uniform([16, 2])
  const v1 = m(x, { training: true })
  mEma.updateEma()
  const v2 = mEma(x, { training: false })

  const y = tf.ones([16, 3])
  const grads = new objax.Grad(() => m(x, { training: true }).sub(y).square().mean(), m.vars())()
  const { ema } = mEma
  const evaluate = (input: tf.Tensor): number => m(input, { training: false }).sum().dataSync()[0] ?? 0

  const opt = new objax.optimizer.Adam(m.vars())
  opt(1e-3, grads) // also opt(1e-3, grads, { beta1: 0.8 })
  opt(1e-3, grads, { beta1: 0.8 })
  const [refs, values] = ema.refsAndValues()
  const accuracy = ema.replaceVars(() => evaluate(x))() // a function, as there; restores the variables, also when it throws

  expect([v1.shape, v2.shape]).toEqual([
    [16, 3],
    [16, 3],
  ])
  expect([...refs.keys()].length).toBe(values.length)
  expect(accuracy).toBeCloseTo(v2.sum().dataSync()[0] ?? Number.NaN, 4)
  expect(evaluate(x)).not.toBeCloseTo(accuracy, 4)
  expect([...opt.vars().keys()].slice(0, 2)).toEqual(['(Adam).step', '(Adam).train_vars(ModuleList)[0]'])
  expect([...m.vars().keys()][0]).toBe('(Sequential)[0](Linear).b')
  expect(opt.step.value.dataSync()[0]).toBe(2)
})
