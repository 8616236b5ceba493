/** What is no tree, or no leaf of one: told by an error of ours, whoever walks it. */
import * as E from 'fp-ts/lib/Either.js'
import * as N from 'fp-ts/lib/number.js'
import * as O from 'fp-ts/lib/Option.js'
import { describe, expect, test } from 'vitest'
import * as instances from '../../src/fp-ts/index.js'
import {
  adam,
  adamw,
  applyUpdates,
  dispose,
  globalNorm,
  type Params,
  sgd,
  step,
  tree,
} from '../../src/index.js'
import { valueAndGrad } from '../../src/tfjs/index.js'
import { thrown } from '../thrown.js'

/** So many levels, records and arrays in turn, and a number. */
const levels = (count: number): unknown => {
  let made: unknown = 1
  for (let i = 0; i < count; i++) made = i % 2 === 0 ? [made] : { d: made }
  return made
}

const cyclic = (): unknown => {
  const made: Record<string, unknown> = { a: 1 }
  made.self = [made]
  return made
}

const sparse = (): unknown => {
  const made: unknown[] = [1]
  made[2] = 3
  return made
}

type Given = tree.Tree<number>

/** Whatever walks a tree. */
const walkers: readonly (readonly [name: string, walk: (given: never) => unknown])[] = [
  ['init', (given) => adam(0.1).init(given)],
  ['update', (given) => sgd(0.1).update<Params>(given, sgd(0.1).init(1))],
  ['step', (given) => step(sgd(0.1))(given, sgd(0.1).init(1), given)],
  ['applyUpdates', (given) => applyUpdates<Params>(given, given)],
  ['valueAndGrad', (given) => valueAndGrad(() => never())(given)],
  ['dispose', (given) => dispose(given)],
  ['globalNorm', (given) => globalNorm(given)],
  ['tree.map', (given) => tree.map((x) => x)(given)],
  ['tree.leaves', (given) => tree.leaves(given)],
  ['tree.flatten', (given) => tree.flatten(given)],
  ['tree.zip', (given) => E.getOrElse<Error, unknown>((error) => raise(error))(tree.zip(given, given))],
  ['tree.getEq', (given) => tree.getEq(N.Eq).equals(given, given)],
  ['tree.getShow', (given) => tree.getShow(N.Show).show(given)],
  ['fp-ts.traverse', (given) => instances.traverse(O.Applicative)((x: number) => O.some(x))(given)],
  ['fp-ts.Foldable', (given) => instances.Foldable.reduce<number, number>(given, 0, (a, b) => a + b)],
  ['tree.getAllWithPath', (given) => tree.getAllWithPath(given, 'count')],
]

const never = (): never => {
  throw new Error('never called')
}

const raise = (error: Error): never => {
  throw error
}

describe.each(walkers)('%s', (_, walk) => {
  test('refuses a tree that holds itself, and one of 5,000 levels', () => {
    for (const given of [cyclic(), levels(5000)])
      expect(thrown(() => walk(given as never))).toMatchObject({
        _tag: 'InvalidLeaf',
        path: expect.stringMatching(/^\w+(\.\w+)*…$/),
        expected: 'a tree of at most 1000 levels',
        given: 'a deeper tree, or one that contains itself',
      })
  })

  test('refuses an array with a hole, which is told', () => {
    expect(thrown(() => walk(sparse() as never))).toMatchObject({
      _tag: 'InvalidLeaf',
      path: expect.stringMatching(/(^|\.)1$/),
      given: 'a hole',
    })
  })
})

test('a tree of a thousand levels is one', () => {
  const deep = levels(1000) as Given
  expect(tree.leaves(deep)[0]?.[0]).toHaveLength(1000)
  expect(tree.getEq(N.Eq).equals(tree.map((x: number) => x)(deep), deep)).toBe(true)
  const [after] = step(sgd(1))(deep, sgd(1).init(deep), deep)
  expect(tree.leaves<unknown>(after)[0]?.[1]).toBe(0)
})

describe('undefined in a branch is null, to', () => {
  // as TypeScript lets it be without exactOptionalPropertyTypes
  const given = () => ({ kernel: 3, bias: undefined, more: [1, undefined] }) as unknown as Params
  const nulls = { kernel: 3, bias: null, more: [1, null] }

  test('init, update and step, whichever tree has it', () => {
    const tx = adamw(0.1)
    const state = tx.init(nulls)
    expect(tx.init(given())).toEqual(state)
    const [updates, next] = tx.update<Params>(nulls, state, nulls)
    for (const [grads, params] of [
      [given(), nulls] as const,
      [nulls, given()] as const,
      [given(), given()] as const,
    ]) {
      expect(tx.update<Params>(grads, state, params)).toEqual([updates, next])
      const [after] = step(tx)<Params>(params, state, grads)
      expect(after).toEqual(applyUpdates<Params>(nulls, updates))
      // found again, without another layout
      expect(step(tx)<Params>(params, next, grads)[0]).toEqual(step(tx)<Params>(nulls, next, nulls)[0])
    }
  })

  test('whoever else walks it', () => {
    const one = given() as Given
    expect(tree.leaves(one)).toEqual(tree.leaves(nulls))
    expect(tree.getShow(N.Show).show(one)).toBe('{ bias: null, kernel: 3, more: [1, null] }')
    expect(tree.getEq(N.Eq).equals(one, nulls)).toBe(true)
    expect(tree.map((x: number) => 2 * x)(one)).toEqual({ kernel: 6, bias: undefined, more: [2, undefined] })
    expect(tree.zipWith((x: number, y: number) => x + y)(one, nulls)).toEqual(
      E.right({ kernel: 6, bias: null, more: [2, null] }),
    )
    expect(instances.traverse(O.Applicative)((x: number) => O.some(x))(one)).toEqual(O.some(nulls))
    expect(globalNorm(given())).toBe(Math.sqrt(10))
  })

  test('but no parameters at all are no tree', () => {
    expect(thrown(() => adam(0.1).init(undefined as never))).toMatchObject({
      path: 'params',
      given: 'nothing',
    })
  })
})

describe('what is no leaf is told by what it is, and a branch would be plain', () => {
  class Net {
    readonly w = 1
  }

  test.each<readonly [string, unknown, string, boolean]>([
    ['a Map', new Map([['w', 1]]), 'a Map', true],
    ['a Set', new Set([1]), 'a Set', true],
    ['an instance of a class', new Net(), 'a Net', true],
    ['a promise', Promise.resolve(1), 'a Promise', true],
    ['an array of integers', Int32Array.of(1), 'an Int32Array', false],
    ['a text', 'w', '"w"', false],
    ['a function', () => 1, 'a function', false],
  ])('%s', (_, given, shown, branches) => {
    for (const at of [given, { at: given }, [given]]) {
      const errors = [
        thrown(() => adam(0.1).init(at as never)),
        thrown(() => sgd(0.1).update<Params>(at as never, sgd(0.1).init(1))),
        thrown(() => globalNorm(at as never)),
        thrown(() => valueAndGrad(never)(at as never)),
      ]
      for (const error of errors) {
        expect(error).toMatchObject({ _tag: 'InvalidLeaf', given: shown })
        expect(error.expected.endsWith('a plain record or array')).toBe(branches)
      }
    }
  })
})
