import { describe, expect, it } from 'vitest'
import {
  clipByGlobalNorm,
  type GradientTransformation,
  lamb,
  scale,
  scaleByAdam,
  trace,
} from '../../src/index.js'
import { Binary, Gradient, Parameter } from '../../src/rule/expr.js'
import { plan } from '../../src/rule/plan.js'
import { compose, identityRule, type Rule, stepOutputs, updateOutputs, within } from '../../src/rule/rule.js'

const ruleOf = (tx: GradientTransformation): Rule => {
  const rule = tx.ruled?.begin().program.rule({ path: [], shape: [2], dtype: 'float32' })
  if (rule === undefined) throw new Error('not made of rules')
  return rule
}
const [a, b, c] = [
  within('a', ruleOf(trace(0.9))),
  within('b', ruleOf(scaleByAdam())),
  within('c', ruleOf(clipByGlobalNorm(1))),
]

describe('composition of rules', () => {
  it('is associative, and identityRule is neutral', () => {
    const [left, right] = [compose(compose(a, b), c), compose(a, compose(b, c))]
    expect(left.update).toBe(right.update)
    expect(left.next).toEqual(right.next)
    expect(Object.keys(left.slots)).toEqual(Object.keys(right.slots))
    expect(compose(a, identityRule)).toBe(a)
    expect(compose(identityRule, a)).toBe(a)
  })

  it('gives the same object for the same rules, so that plans and kernels are found again', () => {
    expect(compose(a, b)).toBe(compose(a, b))
    expect(within('a', ruleOf(trace(0.5)))).toBe(a)
  })

  it('puts the first update where the second has the gradient', () => {
    const twice = compose(within('x', ruleOf(scale(2))), within('y', ruleOf(scale(3))))
    expect(twice.update).toMatchObject({
      op: 'mul',
      left: { name: 'y.stepSize' },
      right: { left: { name: 'x.stepSize' } },
    })
  })
})

describe('outputs', () => {
  it('of a step add the update to the parameter, and leave the parameter alone where the update is zero', () => {
    const { '': stepped } = stepOutputs(identityRule)
    expect(stepped?.expr).toBe(Binary('add', Parameter, Gradient))
  })
})

describe('a plan', () => {
  const planOf = (rule: Rule) => {
    const outputs = updateOutputs(rule)
    const planned = plan([outputs])
    const leaf = planned.leaves.get(outputs)
    if (leaf === undefined) throw new Error('no plan')
    return { planned, leaf }
  }

  it('of an elementwise chain is a single pass', () => {
    expect(planOf(compose(a, b)).planned.stages).toBe(0)
  })

  it('of a clip by global norm has one stage of reductions, however long the chain', () => {
    const { planned, leaf } = planOf(compose(c, compose(a, b)))
    expect(planned.stages).toBe(1)
    expect(leaf.stages.map((stage) => stage.length)).toEqual([1])
    expect(leaf.shares).toBe(true)
  })

  it('puts reductions that do not depend on each other into one stage, and the others after them', () => {
    const both = planOf(ruleOf(lamb(0.1)))
    expect(both.leaf.stages.map((stage) => stage.length)).toEqual([2])
    expect(both.leaf.shares).toBe(false)
    const after = planOf(compose(c, within('d', ruleOf(clipByGlobalNorm(2)))))
    expect(after.leaf.stages.map((stage) => stage.length)).toEqual([1, 1])
  })

  it('waits for the slowest leaf where leaves with different rules share a reduction', () => {
    const slow = updateOutputs(compose(within('lamb', ruleOf(lamb(0.1))), c))
    const fast = updateOutputs(c)
    const planned = plan([slow, fast])
    expect(planned.stages).toBe(2)
    expect(planned.leaves.get(fast)?.stages.map((stage) => stage.length)).toEqual([0, 1])
    expect(planned.leaves.get(slow)?.stages.map((stage) => stage.length)).toEqual([2, 1])
  })

  it('hoists the largest terms of scalars and constants to the host', () => {
    const { leaf } = planOf(ruleOf(scaleByAdam()))
    expect(leaf.host.every(({ scope }) => scope === 'host')).toBe(true)
    // b1, 1 - b1, 1 - b1^t, b2, 1 - b2, 1 - b2^t, epsRoot, eps
    expect(leaf.host).toHaveLength(8)
  })

  it('tells what is read', () => {
    expect(planOf(ruleOf(scaleByAdam())).leaf).toMatchObject({
      readsGradient: true,
      readsParameter: false,
      readsSlots: ['mu', 'nu'],
    })
    expect(planOf(ruleOf(lamb(0.1))).leaf.readsParameter).toBe(true)
  })
})
