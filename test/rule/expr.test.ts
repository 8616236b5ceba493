import { describe, expect, it } from 'vitest'
import {
  Binary,
  Compare,
  Const,
  type Expr,
  Gradient,
  Parameter,
  Reduce,
  Scalar,
  Select,
  Slot,
  Unary,
} from '../../src/rule/expr.js'
import { fold, rewrite, subterms } from '../../src/rule/fold.js'

const build = (): Expr =>
  Select(
    Compare('lt', Gradient, Const(0)),
    Unary('sqrt', Reduce('sum', 'leaf', Binary('mul', Gradient, Gradient))),
    Binary('add', Slot('m', 'element'), Scalar('lr')),
  )

describe('equal terms', () => {
  it('are the same object', () => {
    expect(build()).toBe(build())
    expect(Binary('add', Gradient, Parameter)).not.toBe(Binary('add', Parameter, Gradient))
  })

  it('tell the zeros apart, and NaN from none', () => {
    expect(Const(0)).not.toBe(Const(-0))
    expect(Const(Number.NaN)).toBe(Const(Number.NaN))
  })

  it('cannot be changed', () => {
    expect(() => Object.assign(Gradient, { scope: 'host' })).toThrow(TypeError)
  })
})

describe('a term', () => {
  it('has the widest scope of its parts, a reduction its own', () => {
    expect(Binary('mul', Scalar('a'), Const(2)).scope).toBe('host')
    expect(Binary('mul', Scalar('a'), Reduce('sum', 'tree', Gradient)).scope).toBe('tree')
    expect(Binary('mul', Reduce('max', 'leaf', Gradient), Reduce('sum', 'tree', Gradient)).scope).toBe('leaf')
    expect(build().scope).toBe('element')
  })

  it('is folded once where several terms share it', () => {
    const shared = Unary('exp', Gradient)
    let calls = 0
    const count = fold<number, boolean>({
      atom: () => 1,
      unary: (_, x) => {
        calls += 1
        return x
      },
      binary: (_, x, y) => x + y,
      compare: () => true,
      select: (_, x, y) => x + y,
      reduce: (_, arg) => arg(),
    })
    expect(count(Binary('add', Binary('mul', shared, shared), shared))).toBe(3)
    expect(calls).toBe(1)
  })

  it('lists its subterms once each, parts first', () => {
    const all = subterms([build()])
    expect(new Set(all).size).toBe(all.length)
    expect(all.at(-1)).toBe(build())
    expect(all.indexOf(Gradient)).toBeLessThan(all.indexOf(Binary('mul', Gradient, Gradient)))
  })

  it('is rewritten in its atoms, inside reductions too', () => {
    const renamed = rewrite((node) => (node._tag === 'Scalar' ? Scalar(`x.${node.name}`) : node))
    expect(renamed(Reduce('sum', 'leaf', Scalar('a')))).toBe(Reduce('sum', 'leaf', Scalar('x.a')))
    expect(rewrite((node) => node)(build())).toBe(build())
  })
})
