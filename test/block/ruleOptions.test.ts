import { expect, test } from 'vitest'
import {
  applyEvery,
  type GradientTransformation,
  optimisticAdam,
  optimisticAdamV2,
  type Params,
  rmsprop,
  scaleByRadam,
  scaleByStddev,
} from '../../src/index.js'
import { thrown } from '../thrown.js'

test('optimisticAdam refuses a schedule, which its second version takes', () => {
  const schedule = (): number => 0.1
  expect(thrown(() => optimisticAdam(schedule as never))).toMatchObject({
    _tag: 'InvalidArgument',
    path: 'optimisticAdam.learningRate',
  })
  expect(() => optimisticAdamV2(schedule)).not.toThrow()
})

test('applyEvery forgets a sum that was not finite once it was given out', () => {
  const tx = applyEvery({ k: 2 })
  const updates: number[] = []
  let state = tx.init(0)
  for (const g of [Number.NaN, 1, 2, 3]) {
    const [update, next] = tx.update(g, state)
    updates.push(update)
    state = next
  }
  expect(updates).toEqual([0, Number.NaN, 0, 5])
})

/** The update at step `steps` of a gradient that stays the same. */
const steady = <P extends Params>(tx: GradientTransformation, g: P, steps: number): Params => {
  let [update, state] = tx.update<Params>(g, tx.init(g))
  for (let t = 1; t < steps; t++) [update, state] = tx.update<Params>(g, state)
  return update
}

test('a variance that rounding takes below zero is zero: the divisor is eps', () => {
  // 3.3 / √1e-8, times the learning rate; in float32 the first ν̂ is less than μ̂²
  const first = steady(rmsprop(0.01, { centered: true, biasCorrection: true }), Float32Array.of(3.3), 1)
  expect(first).toEqual(Float32Array.of(-330))
  expect(steady(scaleByStddev({ decay: 0.5, epsInSqrt: false }), 3.3, 23)).not.toBeNaN()
  for (let steps = 1; steps < 60; steps++)
    expect(steady(scaleByStddev({ decay: 0.5 }), 3.3, steps)).toBeLessThanOrEqual(33000)
  expect(steady(rmsprop(1, { centered: true }), 1e8, 329)).toBeLessThan(0)
})

test('RAdam rectifies nothing up to a length of 4, where the variance is not defined', () => {
  for (const steps of [1, 2, 3, 4])
    expect(steady(scaleByRadam({ threshold: 0 }), 3, steps)).toBeCloseTo(3, 12)
  // rectified from then on, as by the least threshold that there is
  const later = steady(scaleByRadam({ threshold: 4 }), 3, 5)
  expect(steady(scaleByRadam({ threshold: 0 }), 3, 5)).toBe(later)
  expect(later).toBeLessThan(0.02)
  // the length of this average is 4 in the end, and the factor 0/0
  expect(steady(scaleByRadam({ b2: 0.6, threshold: 4 }), 3, 200)).toBeCloseTo(3, 12)
})
