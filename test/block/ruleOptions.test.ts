import { expect, test } from 'vitest'
import { applyEvery, optimisticAdam, optimisticAdamV2 } from '../../src/index.js'
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
