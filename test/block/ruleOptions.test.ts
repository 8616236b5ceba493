import { expect, test } from 'vitest'
import {
  adabelief,
  adadelta,
  adamax,
  adamaxw,
  adan,
  applyEvery,
  fromage,
  novograd,
  optimisticAdam,
  optimisticAdamV2,
  optimisticGradientDescent,
  scaleByAdadelta,
  scaleByAdamax,
  scaleByAdan,
  scaleByBelief,
  scaleByNovograd,
  scaleByOptimisticGradient,
  scaleByParamBlockNorm,
  scaleByParamBlockRms,
  scaleByYogi,
  signum,
  yogi,
} from '../../src/index.js'
import { thrown } from '../thrown.js'

const unknown = { nonsense: 1 } as never

test.each<readonly [string, () => unknown]>([
  ['scaleByAdadelta', () => scaleByAdadelta(unknown)],
  ['scaleByAdamax', () => scaleByAdamax(unknown)],
  ['scaleByAdan', () => scaleByAdan(unknown)],
  ['scaleByBelief', () => scaleByBelief(unknown)],
  ['scaleByNovograd', () => scaleByNovograd(unknown)],
  ['scaleByOptimisticGradient', () => scaleByOptimisticGradient(unknown)],
  ['scaleByParamBlockNorm', () => scaleByParamBlockNorm(unknown)],
  ['scaleByParamBlockRms', () => scaleByParamBlockRms(unknown)],
  ['scaleByYogi', () => scaleByYogi(unknown)],
  ['applyEvery', () => applyEvery(unknown)],
  ['adadelta', () => adadelta(1, unknown)],
  ['adamaxw', () => adamaxw(1, unknown)],
  ['adan', () => adan(1, unknown)],
  ['fromage', () => fromage(1, unknown)],
  ['novograd', () => novograd(1, unknown)],
  ['optimisticAdam', () => optimisticAdam(1, unknown)],
  ['optimisticAdamV2', () => optimisticAdamV2(1, unknown)],
  ['signum', () => signum(1, unknown)],
  ['yogi', () => yogi(1, unknown)],
  // chains that hand their options on are known by the member that reads them
  ['scaleByBelief', () => adabelief(1, unknown)],
  ['scaleByAdamax', () => adamax(1, unknown)],
  ['scaleByOptimisticGradient', () => optimisticGradientDescent(1, unknown)],
])('%s refuses an option that it does not know', (name, make) => {
  expect(thrown(make)).toMatchObject({ _tag: 'InvalidArgument', path: `${name}.nonsense` })
})

test.each([0, -1, 1.5, Number.NaN])('applyEvery refuses to save up %s updates', (k) => {
  expect(thrown(() => applyEvery({ k }))).toMatchObject({ _tag: 'InvalidArgument', path: 'applyEvery.k' })
})

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
