/** Variables find the saved ones that they continue by name, and by what is left of it without a number. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { pairNames } from '../../src/tfjs/optimizer/pairing.js'

test.each<readonly [string, readonly string[], readonly string[], Readonly<Record<string, string>>]>([
  ['the same names are themselves', ['a/k', 'a/b'], ['a/b', 'a/k'], { 'a/k': 'a/k', 'a/b': 'a/b' }],
  ['a number behind a name is left out', ['a/k_3'], ['a/k'], { 'a/k_3': 'a/k' }],
  ['several of one name go by their numbers', ['k_12', 'k_9'], ['k_1', 'k'], { k_9: 'k', k_12: 'k_1' }],
  [
    'names that are there in part go by their numbers too',
    ['k_1', 'k_2'],
    ['k', 'k_1'],
    { k_1: 'k', k_2: 'k_1' },
  ],
  [
    'a number that was in the name when it was saved stays',
    ['k_1', 'k_2'],
    ['k_1', 'k_2'],
    { k_1: 'k_1', k_2: 'k_2' },
  ],
  ['what has no counterpart is new', ['a/k', 'b/k'], ['a/k'], { 'a/k': 'a/k' }],
  ['nothing was saved', ['a'], [], {}],
])('%s', (_, names, saved, expected) => {
  expect(Object.fromEntries(pairNames(names, saved))).toEqual(expected)
})

test('each finds its own when all are loaded again, however many models were there before', () => {
  const base = fc.constantFrom('dense/kernel', 'dense/bias', 'lstm_1/kernel')
  fc.assert(
    fc.property(fc.array(base, { maxLength: 8 }), fc.nat(5), fc.nat(5), (bases, first, more) => {
      // TensorFlow.js counts each name on
      const named = (from: number): readonly string[] =>
        bases.map((name, i) => {
          const n = from + bases.slice(0, i).filter((other) => other === name).length
          return n === 0 ? name : `${name}_${n}`
        })
      const count = bases.length
      const [saved, loaded] = [named(first), named(first + (more === 0 ? 0 : count + more))]
      const pairs = pairNames([...loaded].reverse(), saved)
      expect(loaded.map((name) => pairs.get(name))).toEqual(saved)
    }),
  )
})
