import { describe, expect, it } from 'vitest'
import { passesOf } from '../../src/compile/passes.js'
import { sum } from '../../src/index.js'
import { Gradient } from '../../src/rule/expr.js'
import { plan } from '../../src/rule/plan.js'
import { Term } from '../../src/rule/term.js'

/** Ten reductions, each of what the one before leaves. */
const chained = () => {
  let v: Term<'element'> = new Term(Gradient, 'element')
  for (let i = 0; i < 10; i++) v = v.sub(sum(v.square(), 'tree').mul(i + 1))
  const outputs = { v: { expr: v.expr, scope: 'element' as const } }
  const [leaf] = plan([outputs]).leaves.values()
  if (leaf === undefined) throw new Error('a plan without leaves')
  return leaf
}

const sizes = (keeps: boolean): readonly (readonly [streams: number, uniforms: number])[] => {
  const { stages, final } = passesOf(chained(), [], (x) => x, keeps)
  return [...stages, final].map(({ loop }) => [loop.streams.length, loop.uniforms.length])
}

describe('passes', () => {
  it('read and compute everything again, where nothing is kept', () => {
    expect(sizes(false)).toEqual(Array.from({ length: 11 }, (_, i) => [1, i]))
  })

  it('read and compute only what is new, where it is', () => {
    expect(sizes(true)).toEqual(Array.from({ length: 11 }, (_, i) => (i === 0 ? [1, 0] : [0, 1])))
  })
})
