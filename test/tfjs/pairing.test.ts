/** Variables find the saved ones that they go on from by name, and never another's. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keysOf, pairNames } from '../../src/tfjs/optimizer/pairing.js'
import { thrown } from '../thrown.js'

const nobody: ReadonlyMap<string, string> = new Map()

describe('a variable goes on from', () => {
  test.each<readonly [string, readonly string[], readonly string[], Readonly<Record<string, string>>]>([
    ['the saved one of its name', ['a/k', 'a/b'], ['a/b', 'a/k'], { 'a/k': 'a/k', 'a/b': 'a/b' }],
    ['that of its name without a number', ['a/k_3'], ['a/k'], { 'a/k_3': 'a/k' }],
    ['that of its name with another number', ['a/k_3', 'a/b'], ['a/k_12'], { 'a/k_3': 'a/k_12' }],
    ['none, where only others are saved', ['a/k', 'b/k'], ['a/k'], { 'a/k': 'a/k' }],
    ['its own, whatever has come and gone', ['w_0', 'w_1'], ['w_1', 'w_2'], { w_1: 'w_1' }],
    ['its own, where a new one comes', ['a/w_1', 'a/w_3'], ['a/w_1'], { 'a/w_1': 'a/w_1' }],
    ['none: a number that is no layer’s is part of the name', ['w_1'], ['w'], {}],
    ['none: TensorFlow.js counts from 1', ['a/w_0'], ['a/w'], {}],
    ['none, where nothing was saved', ['a'], [], {}],
  ])('%s', (_, names, saved, expected) => {
    expect(Object.fromEntries(pairNames(names, saved, nobody))).toEqual(expected)
  })

  test.each<
    readonly [string, readonly string[], readonly string[], Readonly<Record<string, string>>, object]
  >([
    [
      'two of one name, none of which was saved',
      ['a/k_2', 'a/k_3'],
      ['a/k', 'a/k_1'],
      {},
      { _tag: 'InvalidArgument', path: 'state.a/k_2', given: 'a/k_2, a/k_3' },
    ],
    [
      'one of two of a name, the other of which is known',
      ['a/k_1', 'a/k_2'],
      ['a/k', 'a/k_1'],
      {},
      { _tag: 'InvalidArgument', path: 'state.a/k_2' },
    ],
    ['two for one', ['a/k_1', 'a/k_2'], ['a/k'], {}, { _tag: 'InvalidArgument', path: 'state.a/k_1' }],
    [
      'the name of which another one has gone on from',
      ['a/k'],
      [],
      { 'a/k': 'a/k_1' },
      { _tag: 'DuplicateName', path: 'state.a/k', given: 'a/k_1, and a/k now' },
    ],
  ])('none, and an error says why: %s', (_, names, saved, taken, expected) => {
    expect(thrown(() => pairNames(names, saved, new Map(Object.entries(taken))))).toMatchObject(expected)
  })
})

const bases = ['dense/kernel', 'dense/bias', 'lstm_1/kernel', 'w'] as const

test('each finds its own when a model is built again, however many were there before', () => {
  fc.assert(
    fc.property(fc.subarray([...bases]), fc.nat(5), fc.nat(5), (names, first, more) => {
      const named = (count: number): readonly string[] =>
        names.map((name) => (count === 0 || name === 'w' ? name : `${name}_${count}`))
      const [saved, loaded] = [named(first), named(first + more)]
      const pairs = pairNames([...loaded].reverse(), saved, nobody)
      expect(loaded.map((name) => pairs.get(name))).toEqual(saved)
    }),
  )
})

describe('in trees a variable is called', () => {
  test.each<readonly [string, readonly string[], readonly string[]]>([
    ['by its name', ['a/k', 'w_1'], ['a/k', 'w_1']],
    ['without TensorFlow.js’s number', ['a/k_1', 'a/bias_2'], ['a/k', 'a/bias']],
    ['with it, where two would be called the same', ['a/k_1', 'a/k', 'a/b_1'], ['a/k_1', 'a/k', 'a/b']],
  ])('%s', (_, names, expected) => {
    const keys = keysOf(names)
    expect(names.map((name) => keys.get(name))).toEqual(expected)
  })

  test('something that no other one is, whatever their order', () => {
    const name = fc
      .tuple(fc.constantFrom(...bases), fc.nat(3))
      .map(([base, n]) => (n ? `${base}_${n}` : base))
    fc.assert(
      fc.property(fc.uniqueArray(name), (names) => {
        const keys = keysOf(names)
        expect(new Set(keys.values()).size).toBe(names.length)
        expect(new Map([...keysOf([...names].reverse())].reverse())).toEqual(keys)
      }),
    )
  })
})
