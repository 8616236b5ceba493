/** The `assert` of examples on the site agrees with Node's in strict mode, and shows what does not hold. */
import nodeAssert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assert, heldSoFar } from '../../docs/site/examples/host/assert.js'
import { printed, shown } from '../../docs/site/examples/host/shown.js'

const holds = (act: () => void): boolean => {
  try {
    act()
    return true
  } catch {
    return false
  }
}

class Point {
  constructor(readonly x: number) {}
}

const cycle = (): object => {
  const value: { self?: object } = {}
  value.self = value
  return value
}

/** Values of every kind that examples compare; two of a row differ in one thing. */
const values: readonly unknown[] = [
  ...[0, -0, 1, Number.NaN, '', '0', 'a', true, false, null, undefined, 1n],
  ...[[], [0], [-0], [undefined], [1, 2], [2, 1], [[1], 2], new Array(1)],
  ...[{}, { a: 1 }, { a: 1, b: undefined }, { b: 1 }, { a: { b: [1] } }, { a: { b: [2] } }],
  ...[new Float32Array([1, 0]), new Float32Array([1, -0]), new Float64Array([1, 0]), new Float32Array(1)],
  ...[new Map([['a', 1]]), new Map([['a', 2]]), new Set([1, 2]), new Set([2, 1]), new Set([{ a: 1 }])],
  ...[new Point(1), new Point(2), { x: 1 }, new Date(0), new Date(1), /a/, /a/g, /b/],
  ...[new Error('a'), new Error('b'), new TypeError('a'), Symbol.for('a'), Math.sin, Math.cos],
  ...[cycle(), { [Symbol.for('a')]: 1 }, Object.create(null)],
]

const copy = (value: unknown): unknown => {
  try {
    return structuredClone(value)
  } catch {
    return value
  }
}

describe('assert', () => {
  // the verdict of node:assert, without the text of its errors, which takes long
  const agrees = (a: unknown, b: unknown): boolean => {
    const [same, deep] = [Object.is(a, b), isDeepStrictEqual(a, b)]
    return (
      holds(() => assert.equal(a, b)) === same &&
      holds(() => assert.notEqual(a, b)) !== same &&
      holds(() => assert.deepEqual(a, b)) === deep &&
      holds(() => assert.notDeepEqual(a, b)) !== deep
    )
  }

  it('says of every two values what Node says', () => {
    const differ = values.flatMap((a) =>
      values.flatMap((b) => (agrees(a, copy(b)) ? [] : [`${shown(a)} and ${shown(b)}`])),
    )
    expect(differ).toEqual([])
  })

  it('says so of trees that are drawn, and of others that are nearly the same', () => {
    const tree = fc.anything({ withMap: true, withSet: true, withTypedArray: true, withNullPrototype: true })
    fc.assert(
      fc.property(tree, tree, (a, b) => {
        for (const other of [b, copy(a), [a]]) expect(agrees(a, other)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it('knows errors as Node does', async () => {
    const raise = (): never => {
      throw new TypeError('bad input')
    }
    for (const expected of [
      undefined,
      /bad/,
      /good/,
      TypeError,
      RangeError,
      Error,
      { message: 'bad input' },
      { message: /x/ },
    ]) {
      const node = holds(() =>
        expected === undefined ? nodeAssert.throws(raise) : nodeAssert.throws(raise, expected),
      )
      expect(
        holds(() => assert.throws(raise, expected)),
        String(expected),
      ).toBe(node)
    }
    expect(holds(() => assert.throws(() => {}))).toBe(false)
    await assert.rejects(async () => raise(), TypeError)
    await expect(assert.rejects(Promise.resolve(1))).rejects.toThrow('nothing was rejected')
    await expect(assert.rejects(Promise.reject(new Error('a')), /b/)).rejects.toThrow('a')
    expect([holds(() => assert.match('ab', /b/)), holds(() => assert.match('ab', /c/))]).toEqual([
      true,
      false,
    ])
  })

  it('says what does not hold, and counts what does', () => {
    expect(() => assert.deepEqual({ a: [1, -0] }, { a: [1, 0] })).toThrow(
      'not deeply equal\n  it is     { a: [ 1, -0 ] }\n  expected  { a: [ 1, 0 ] }',
    )
    expect(() => assert(0)).toThrow('0 is not true')
    expect(() => assert.ok(false, 'so be it')).toThrow('so be it')
    const before = heldSoFar()
    assert(1)
    assert.equal(1, 1)
    expect(heldSoFar() - before).toBe(2)
  })
})

describe('what is printed', () => {
  it.each([
    [['a', 'b', 1, -0, 2n], 'a b 1 -0 2n'],
    [[['a', "it's"]], "[ 'a', 'it\\'s' ]"],
    [[{ a: { b: [1] }, 'c-d': null }], "{ a: { b: [ 1 ] }, 'c-d': null }"],
    [[new Float32Array([1, 2])], 'Float32Array(2) [ 1, 2 ]'],
    [[new Map([['a', 1]]), new Set([1])], "Map(1) { 'a' => 1 } Set(1) { 1 }"],
    [[new Point(1), new Error('bad'), Math.sin], 'Point { x: 1 } Error: bad [Function: sin]'],
    [[cycle()], '{ self: [Circular] }'],
    [[[], {}], '[] {}'],
  ])('as $1', (given, text) => {
    expect(printed(given)).toBe(text)
  })

  it('goes on in lines where it is wide, and leaves out what is too much', () => {
    const wide = printed([Array.from({ length: 300 }, (_, i) => i)])
    expect(wide.split('\n').every((line) => line.length <= 80)).toBe(true)
    expect(wide).toContain('… 200 more')
  })
})
