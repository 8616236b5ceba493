import { expect, test } from 'vitest'
import { prodigy } from '../../src/index.js'
import { plan } from '../../src/rule/plan.js'
import { stepOutputs } from '../../src/rule/rule.js'

test('Prodigy needs one stage of reductions: the second depends on the state, not on the first', () => {
  const rule = prodigy()
    .ruled?.begin()
    .program.rule({ path: [], shape: [3], dtype: 'float32' })
  expect(rule && plan([stepOutputs(rule)]).stages).toBe(1)
})
