import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { describe, expect, test } from 'vitest'
import { tidily } from '../../laws/tensor.js'
import { catalogue, namesIn, positionalOf } from './catalogue.js'
import {
  assertAgreement,
  camel,
  compare,
  compareState,
  decode,
  encode,
  float32,
  float64,
  type GoldenTree,
  type Json,
  type StateNotes,
  tensor,
  worstOf,
} from './golden.js'

const vector = (...data: readonly (number | 'NaN' | 'Infinity')[]) => ({ shape: [data.length], data })
const scalar = (x: number) => ({ shape: [], data: [x] })
const ratio = (expected: GoldenTree, actual: unknown, tolerance = 1e-6): number =>
  worstOf(compare('', expected, actual, tolerance))?.ratio ?? 0

describe('the comparison', () => {
  test('measures each leaf by its own greatest element', () => {
    const expected = { large: vector(1000, 1), small: vector(0.001) }
    expect(
      ratio(expected, { large: Float64Array.of(1000, 1.0005), small: Float64Array.of(0.001) }),
    ).toBeCloseTo(0.5)
    expect(
      ratio(expected, { large: Float64Array.of(1000, 1), small: Float64Array.of(0.00100001) }),
    ).toBeCloseTo(10)
  })

  test('takes NaN for NaN and infinity for infinity alone', () => {
    expect(
      ratio(vector('NaN', 'Infinity', 1), Float64Array.of(Number.NaN, Number.POSITIVE_INFINITY, 1)),
    ).toBe(0)
    expect(ratio(vector('NaN'), Float64Array.of(0))).toBe(Number.POSITIVE_INFINITY)
    expect(ratio(vector('Infinity'), Float64Array.of(Number.NEGATIVE_INFINITY))).toBe(
      Number.POSITIVE_INFINITY,
    )
    expect(ratio(vector(1, 2), Float64Array.of(1, Number.NaN))).toBe(Number.POSITIVE_INFINITY)
  })

  test('wants zeros where the whole leaf is zero', () => {
    expect(ratio(vector(0, 0), Float64Array.of(0, -0))).toBe(0)
    expect(ratio(vector(0, 0), Float64Array.of(0, 1e-20))).toBeGreaterThan(1)
  })

  test('ignores the order of keys, and nothing else of the structure', () => {
    const expected = { a: scalar(1), b: [scalar(2), null] }
    expect(ratio(expected, { b: [2, null], a: 1 })).toBe(0)
    const others = [{ a: 1 }, { a: 1, b: [2] }, { a: 1, b: [2, 0] }, { a: 1, b: [2, null], c: 0 }, null, 1]
    for (const other of others) expect(ratio(expected, other)).toBe(Number.POSITIVE_INFINITY)
    expect(ratio(vector(1, 2), Float64Array.of(1))).toBe(Number.POSITIVE_INFINITY)
  })

  test('names the case, the place, the worst element and how far it is', () => {
    const differences = compare('update 3', { w: vector(1, 2) }, { w: Float64Array.of(1, 2.2) }, 0.01)
    expect(() => assertAgreement('adam on A', differences)).toThrow(
      /^adam on A, update 3\.w\[1\]: expected 2, got 2\.2: 1\.00e-1 of .* \(10\.0 times the tolerance; 0 other/,
    )
    expect(() => assertAgreement('adam on A', compare('', vector(1), Float64Array.of(1), 0.01))).not.toThrow()
  })
})

describe('the comparison of states', () => {
  const state: Json = [
    {
      type: 'ScaleByAdamState',
      count: scalar(20),
      mu: { w: vector(1), b: { type: 'MaskedNode' } },
      nu_max: vector(3),
    },
    { type: 'EmptyState' },
  ]
  const none: StateNotes = { absent: {}, added: {}, renamed: {}, otherwise: {}, truths: {}, partial: {} }
  const worst = (actual: unknown, notes = none): number =>
    worstOf(compareState('state', state, actual, 1e-6, notes))?.ratio ?? 0
  const adam = { count: 20, mu: { w: Float64Array.of(1), b: null }, nuMax: Float64Array.of(3) }

  test('matches fields by their names in camelCase, MaskedNode with null, EmptyState with {}', () => {
    expect(worst([adam, {}])).toBe(0)
    expect(worst([{ ...adam, count: 19 }, {}])).toBeGreaterThan(1)
    expect(worst([{ ...adam, mu: { w: Float64Array.of(1), b: 0 } }, {}])).toBeGreaterThan(1)
  })

  test('takes a field that one side has not only where a note says why', () => {
    const { nuMax, ...less } = adam
    const more = { ...adam, extra: 1 }
    expect(nuMax).toHaveLength(1)
    expect(worst([less, {}])).toBe(Number.POSITIVE_INFINITY)
    expect(worst([more, {}])).toBe(Number.POSITIVE_INFINITY)
    expect(worst([less, {}], { ...none, absent: { 'ScaleByAdamState.nuMax': 'why' } })).toBe(0)
    expect(worst([more, {}], { ...none, added: { 'ScaleByAdamState.extra': 'why' } })).toBe(0)
  })

  test('reads a field under its other name, and holds it against the same numbers', () => {
    const notes = { ...none, renamed: { 'ScaleByAdamState.count': { to: 't', reason: 'why' } } }
    const { count, ...rest } = adam
    expect(worst([{ ...rest, t: count }, {}], notes)).toBe(0)
    expect(worst([{ ...rest, t: count + 1 }, {}], notes)).toBeGreaterThan(1)
    expect(worst([adam, {}], notes)).toBe(Number.POSITIVE_INFINITY)
  })

  test('truth values are exactly 1 and 0 where a note says so', () => {
    const truths = { ...none, truths: { 'ZeroNansState.foundNan': 'why' } }
    const found: Json = { type: 'ZeroNansState', found_nan: { w: { shape: [], data: [true] } } }
    const ratioOf = (foundNan: number): number =>
      worstOf(compareState('state', found, { foundNan: { w: foundNan } }, 1e-6, truths))?.ratio ?? 0
    expect(ratioOf(1)).toBe(0)
    expect(ratioOf(1 + 1e-9)).toBe(Number.POSITIVE_INFINITY)
  })

  test('a field that means something else must be there, with any value', () => {
    const notes = { ...none, otherwise: { 'ScaleByAdamState.count': 'why' } }
    const { count, ...rest } = adam
    expect(worst([{ ...rest, count: count + 1 }, {}], notes)).toBe(0)
    expect(worst([rest, {}], notes)).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('leaves', () => {
  test('a golden tree becomes numbers, typed arrays or tensors', () => {
    const numbers = decode({ s: scalar(0.1), w: { shape: [1, 2], data: [1, 2] }, none: null })
    expect(encode(float64, numbers)).toEqual({ s: 0.1, w: Float64Array.of(1, 2), none: null })
    expect(encode(float32, numbers, 2)).toEqual({
      s: Float32Array.of(0.2),
      w: Float32Array.of(2, 4),
      none: null,
    })
    const before = tf.memory().numTensors
    tidily(() => {
      const tree = encode(tensor, numbers)
      expect(tree).toMatchObject({ s: { shape: [], dtype: 'float32' }, w: { shape: [1, 2] }, none: null })
      expect(ratio({ s: scalar(0.1), w: vector(1, 2), none: null }, tree)).toBeLessThan(1)
    })
    expect(tf.memory().numTensors).toBe(before)
  })
})

describe('the catalogue', () => {
  test.each([
    ['scale_by_adam', []],
    ['adam', ['learning_rate']],
    ['scale_by_learning_rate', ['learning_rate']],
    ['add_decayed_weights', ['weight_decay']],
    ['trace', ['decay']],
    ['masked', ['inner', 'mask']],
    ['lookahead', []],
    ['linear_schedule', []],
    ['cosine_decay_schedule', ['init_value', 'decay_steps']],
    ['selective_transform', ['optimizer', 'freeze_mask']],
    ['adafactor', ['learning_rate']],
    ['chain', []],
  ])('%s takes %j by position', (name, positional) => {
    expect(positionalOf(name)).toEqual(positional)
  })

  const call = (...args: readonly unknown[]): readonly unknown[] => args
  const library = {
    adam: (...args: readonly unknown[]) => ['adam', ...args],
    chain: (...args: readonly unknown[]) => ['chain', ...args],
    masked: call,
    trace: call,
    linearSchedule: call,
    injectHyperparams: (f: (h: unknown) => unknown) => (h: unknown) => [f(h), h],
  }
  const resolve = catalogue(library, ({ shape }) => shape.length)

  test('translates names, nested values, None and dtypes', () => {
    const adam = { name: 'adam', config: { learning_rate: 0.1, eps_root: 0, mu_dtype: { $dtype: 'params' } } }
    expect(resolve({ name: 'chain', args: [adam, adam] })).toEqual([
      'chain',
      ['adam', 0.1, { epsRoot: 0 }],
      ['adam', 0.1, { epsRoot: 0 }],
    ])
    expect(resolve({ name: 'adam', config: { learning_rate: null } })).toEqual(['adam', undefined])
    expect(resolve({ name: 'trace', args: [0.9, true] })).toEqual([0.9, { nesterov: true }])
    const line = { init_value: 0, end_value: 1, transition_steps: 2 }
    expect(resolve({ name: 'linear_schedule', config: line })).toEqual([
      { initValue: 0, endValue: 1, transitionSteps: 2 },
    ])
  })

  test('reads masks, labels, steps and pairs', () => {
    const leaf = (...shape: readonly number[]) => ({ path: [], shape, dtype: 'float32' })
    const mask = resolve({ $mask: 'ndim >= 2' }) as (leaf: unknown) => boolean
    expect([mask(leaf(3)), mask(leaf(3, 4))]).toEqual([false, true])
    const small = resolve({ $mask: 'ndim < 2' }) as (leaf: unknown) => boolean
    expect([small(leaf(3)), small(leaf(3, 4))]).toEqual([true, false])
    const label = resolve({ $labels: ['x', 'y'] }) as (leaf: unknown) => string
    expect([label(leaf()), label(leaf(1)), label(leaf(1, 1, 1))]).toEqual(['x', 'y', 'y'])
    const steps = resolve({
      $steps: [
        [0, 2],
        [5, 3],
      ],
    }) as (count: number) => number
    expect([0, 4, 5, 6].map(steps)).toEqual([2, 2, 3, 3])
    expect(resolve({ $pairs: [[10, 0.5]] })).toEqual({ 10: 0.5 })
    expect(() => resolve({ $unheard: 1 })).toThrow('no such notation: $unheard')
  })

  test('injects hyperparameters through a function of them, static ones apart', () => {
    const spec = {
      name: 'inject_hyperparams',
      args: [{ $factory: 'adam' }],
      config: { static_args: ['nesterov'] },
      call: { learning_rate: 0.1, b1: 0.8, nesterov: true },
    }
    expect(resolve(spec)).toEqual([
      ['adam', 0.1, { nesterov: true, b1: 0.8 }],
      { learningRate: 0.1, b1: 0.8 },
    ])
  })

  test('finds all names in a configuration', () => {
    const spec = {
      name: 'chain',
      args: [{ name: 'adam', config: { learning_rate: { name: 'cosine' } } }, { $factory: 'sgd' }],
    }
    expect(namesIn(spec)).toEqual(['chain', 'adam', 'cosine', 'sgd'])
  })

  test('snake_case becomes camelCase', () => {
    expect(['nu_max', 'b1', 'e_x', 'optimistic_adam_v2', 'bias_correction_nu'].map(camel)).toEqual([
      'nuMax',
      'b1',
      'eX',
      'optimisticAdamV2',
      'biasCorrectionNu',
    ])
  })
})
