import { describe, expect, expectTypeOf, test } from 'vitest'
import { GradpipeError } from '../src/error.js'
import { options, required, shown } from '../src/options.js'

interface AdamOptions {
  readonly b1?: number
  readonly nesterov?: boolean
  readonly mask?: (path: string) => boolean
}

const adam = (given?: AdamOptions) => options('adam', { b1: 0.9, nesterov: false, mask: undefined }, given)

/** As a caller without a compiler would. */
const untyped = (given: unknown): unknown => adam(given as AdamOptions)

const mistake = (run: () => unknown): Pick<GradpipeError, '_tag' | 'path' | 'expected' | 'given'> => {
  try {
    run()
  } catch (error) {
    if (!(error instanceof GradpipeError)) throw error
    const { _tag, path, expected, given } = error
    return { _tag, path, expected, given }
  }
  throw new Error('nothing was thrown')
}

describe('options', () => {
  test('what is given stands over the defaults', () => {
    const mask = () => true
    expect(adam()).toEqual({ b1: 0.9, nesterov: false, mask: undefined })
    expect(adam({ b1: 0.8, mask })).toEqual({ b1: 0.8, nesterov: false, mask })
  })

  test('undefined counts as absent', () => {
    expect(untyped({ b1: undefined, nesterov: true })).toEqual({ b1: 0.9, nesterov: true, mask: undefined })
  })

  test('zero and false are values', () => {
    expect(adam({ b1: 0, nesterov: false })).toMatchObject({ b1: 0, nesterov: false })
  })

  test('an unknown name is refused and the known ones are listed', () => {
    expect(mistake(() => untyped({ b3: 1 }))).toEqual({
      _tag: 'InvalidArgument',
      path: 'adam.b3',
      expected: 'one of b1, nesterov, mask',
      given: '"b3"',
    })
    expect(mistake(() => untyped({ toString: 1 })).path).toBe('adam.toString')
    expect(mistake(() => untyped(JSON.parse('{"__proto__": 1}'))).path).toBe('adam.__proto__')
  })

  test('an unknown name is refused even where its value is undefined', () => {
    expect(mistake(() => untyped({ b3: undefined })).path).toBe('adam.b3')
  })

  test('a factory without options refuses every name', () => {
    expect(mistake(() => options('identity', {}, { b1: 1 } as object)).expected).toBe('no options')
  })

  test.each([
    [{ b1: '0.8' }, 'adam.b1', 'a number', '"0.8"'],
    [{ b1: null }, 'adam.b1', 'a number', 'null'],
    [{ b1: Number.NaN }, 'adam.b1', 'a number', 'NaN'],
    [{ b1: () => 1 }, 'adam.b1', 'a number', 'a function'],
    [{ nesterov: 1 }, 'adam.nesterov', 'a boolean', '1'],
    [{ nesterov: [] }, 'adam.nesterov', 'a boolean', 'an array'],
  ])('a value of another kind than its default is refused: %j', (given, path, expected, shown) => {
    expect(mistake(() => untyped(given))).toEqual({ _tag: 'InvalidArgument', path, expected, given: shown })
  })

  test.each([[0.9], ['b1'], [null], [[]], [() => 1], [Float32Array.of(1)], [{ dataId: {}, shape: [] }]])(
    'an argument that is no record is refused: %j',
    (given) => {
      expect(mistake(() => untyped(given))).toMatchObject({ path: 'adam', expected: 'an options object' })
    },
  )

  test.each([
    [{ value: 1, grad: 2 }, '{ value, grad }'],
    [{ a: 1, b: 2, c: 3, d: 4, e: 5 }, '{ a, b, c, d, … }'],
    [{}, 'an empty object'],
    [Promise.resolve(1), 'a Promise'],
    [Uint8Array.of(1), 'a Uint8Array'],
    [Int32Array.of(1), 'an Int32Array'],
    [{ dataId: {}, shape: [] }, 'a tensor'],
    [1n, '1n'],
    [undefined, 'undefined'],
  ])('what is given is told by what it is: %o', (value, words) => {
    expect(shown(value)).toBe(words)
  })

  test('an entry without a default takes any value', () => {
    expect(untyped({ mask: { w: true } })).toMatchObject({ mask: { w: true } })
  })

  test('a required entry that is missing or of another kind is refused', () => {
    interface Linear {
      readonly initValue: number
      readonly transitionBegin?: number
    }
    const linear = (given: Linear) =>
      options('linear', { initValue: required.number, transitionBegin: 0 }, given)
    expect(linear({ initValue: 1 })).toEqual({ initValue: 1, transitionBegin: 0 })
    expect(mistake(() => linear({} as Linear))).toMatchObject({
      path: 'linear.initValue',
      expected: 'a number',
      given: 'undefined',
    })
    expect(mistake(() => linear(JSON.parse('{"initValue": true}'))).given).toBe('true')
    expectTypeOf(linear).returns.toEqualTypeOf<{
      readonly initValue: number
      readonly transitionBegin: number
    }>()
  })

  test('the given object is not changed', () => {
    const given = Object.freeze({ b1: 0.5 })
    expect(adam(given).b1).toBe(0.5)
  })

  test('the type has no undefined but where the default is undefined', () => {
    expectTypeOf(adam).returns.toEqualTypeOf<{
      readonly b1: number
      readonly nesterov: boolean
      readonly mask: ((path: string) => boolean) | undefined
    }>()
  })

  test('a forgotten default, and a number where something else goes too, do not compile', () => {
    interface Decay {
      readonly rate?: number | ((count: number) => number)
    }
    const given: Decay = {}
    // @ts-expect-error the default of `rate` is missing
    options('decay', {}, given)
    // @ts-expect-error a number would refuse the schedule
    options('decay', { rate: 0 }, given)
    expect(options('decay', { rate: undefined }, { rate: () => 1 } as Decay).rate).toBeTypeOf('function')
  })
})
