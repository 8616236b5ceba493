import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as N from 'fp-ts/lib/number.js'
import * as O from 'fp-ts/lib/Option.js'
import * as S from 'fp-ts/lib/State.js'
import { describe, expect, it } from 'vitest'
import * as instances from '../../src/fp-ts/index.js'
import { tree } from '../../src/index.js'
import { thrown } from '../thrown.js'

const sample = { w: [1, null, 2], b: { y: 3, x: 4 } }

describe('a tree', () => {
  it('has typed arrays, class instances and functions as leaves, and plain records of any realm as branches', () => {
    const array = new Float32Array([1, 2])
    const date = new Date(0)
    const bare = Object.assign(Object.create(null), { a: array })
    expect(tree.leaves<unknown>({ bare, date, f: Math.sin })).toEqual([
      [['bare', 'a'], array],
      [['date'], date],
      [['f'], Math.sin],
    ])
  })

  it('maps its leaves, keeps null, and keeps the order of its keys', () => {
    const mapped = pipe(
      sample,
      tree.map((x: number) => 10 * x),
    )
    expect(mapped).toEqual({ w: [10, null, 20], b: { y: 30, x: 40 } })
    expect(JSON.stringify(mapped)).toBe('{"w":[10,null,20],"b":{"y":30,"x":40}}')
  })

  it('tells the path of every leaf', () => {
    const paths = pipe(
      sample,
      tree.mapWithPath((path, _: number) => tree.showPath(path)),
    )
    expect(paths).toEqual({ w: ['w.0', null, 'w.2'], b: { y: 'b.y', x: 'b.x' } })
  })

  it('folds and traverses its keys alphabetically, whatever their order', () => {
    expect(tree.leaves(sample).map(([, leaf]) => leaf)).toEqual([4, 3, 1, 2])
    expect(instances.Foldable.reduce(sample, '', (all, x: number) => all + x)).toBe('4312')
    expect(instances.Foldable.reduceRight(sample, '', (x: number, all) => all + x)).toBe('2134')
    expect(instances.Foldable.foldMap(N.MonoidSum)(sample, (x: number) => x)).toBe(10)
    const number =
      (x: number): S.State<number, string> =>
      (n) => [`${x}#${n}`, n + 1]
    const [numbered] = instances.traverse(S.Applicative)(number)(sample)(0)
    expect(numbered).toEqual({ w: ['1#2', null, '2#3'], b: { y: '3#1', x: '4#0' } })
    expect(JSON.stringify(numbered)).toBe('{"w":["1#2",null,"2#3"],"b":{"y":"3#1","x":"4#0"}}')
  })

  it('is a list of leaves and a structure, of which it can be made again', () => {
    const [leaves, treedef] = tree.flatten(sample)
    expect(leaves).toEqual([4, 3, 1, 2])
    expect(JSON.stringify(tree.unflatten(treedef, leaves))).toBe(JSON.stringify(sample))
    expect(tree.unflatten(treedef, ['a', 'b', 'c', 'd'])).toEqual({
      w: ['c', null, 'd'],
      b: { y: 'b', x: 'a' },
    })
    expect(tree.flatten<number>(null)).toEqual([[], tree.structure(null)])
    expect(tree.unflatten(tree.structure({ a: {}, b: [] }), [])).toEqual({ a: {}, b: [] })
    const error = thrown(() => tree.unflatten(treedef, [1, 2, 3]))
    expect(`${error._tag} ${error.message}`).toBe(
      'InvalidArgument tree.unflatten.leaves: expected 4 leaves, given 3',
    )
  })

  it('is mapped, with and without paths, in the order of its leaves', () => {
    const seen: number[] = []
    const places: string[] = []
    tree.map((x: number) => seen.push(x))(sample)
    tree.mapWithPath((path, _: number) => places.push(tree.showPath(path)))(sample)
    expect(seen).toEqual(tree.flatten(sample)[0])
    expect(places).toEqual(tree.leaves(sample).map(([path]) => tree.showPath(path)))
  })

  it('stops a traversal at the first failure', () => {
    const positive = (x: number): O.Option<number> => (x > 0 ? O.some(x) : O.none)
    expect(instances.traverse(O.Applicative)(positive)(sample)).toEqual(O.some(sample))
    expect(instances.traverse(O.Applicative)(positive)({ a: 1, b: [-1] })).toEqual(O.none)
  })

  it('treats hostile keys as keys', () => {
    const hostile = JSON.parse('{"__proto__": 1, "constructor": 2}')
    const mapped = tree.map((x: number) => x + 1)(hostile)
    expect(Object.entries(mapped as object)).toEqual([
      ['__proto__', 2],
      ['constructor', 3],
    ])
    expect(Object.getPrototypeOf(mapped)).toBe(Object.prototype)
  })

  it('equals a tree with the same keys in another order, and no other', () => {
    const { equals } = tree.getEq(N.Eq)
    expect(equals(sample, { b: { x: 4, y: 3 }, w: [1, null, 2] })).toBe(true)
    for (const other of [
      { w: [1, null, 2] },
      { w: [1, null, 2], b: { y: 3, z: 4 } },
      { w: [1, 0, 2], b: { y: 3, x: 4 } },
      { w: { 0: 1, 1: null, 2: 2 }, b: { y: 3, x: 4 } },
      { w: [1, null, 5], b: { y: 3, x: 4 } },
      { w: 1, b: { y: 3, x: 4 } },
      null,
    ])
      expect(equals(sample, other)).toBe(false)
  })

  it('is shown with its keys in alphabetical order', () => {
    expect(tree.getShow(N.Show).show(sample)).toBe('{ b: { x: 4, y: 3 }, w: [1, null, 2] }')
    expect(tree.getShow(N.Show).show({ a: {}, b: [] })).toBe('{ a: {}, b: [] }')
  })
})

describe('zip', () => {
  it('pairs the leaves of trees with the same keys in another order', () => {
    expect(tree.zip({ a: 1, b: [2, null] }, { b: ['y', null], a: 'x' })).toEqual(
      E.right({ a: new tree.Pair(1, 'x'), b: [new tree.Pair(2, 'y'), null] }),
    )
  })

  it.each([
    [{ a: 1 }, { a: 1, b: 2 }, 'b: expected nothing, given a leaf'],
    [{ a: 1, b: 2 }, { a: 1, c: 2 }, 'b: expected a leaf, given nothing'],
    [{ a: { b: [1, 2] } }, { a: { b: [1] } }, 'a.b: expected an array of 2, given an array of 1'],
    [{ a: [1] }, { a: { 0: 1 } }, 'a: expected an array of 1, given a record of 0'],
    [{ a: null }, { a: 1 }, 'a: expected null, given a leaf'],
    [{ a: 1 }, { a: null }, 'a: expected a leaf, given null'],
    [{ a: {} }, { a: null }, 'a: expected an empty record, given null'],
    [{ z: 1, a: 1 }, { z: [], a: [] }, 'a: expected a leaf, given an array of 0'],
    [1, [1], 'expected a leaf, given an array of 1'],
  ])('of %j and %j names the first path that differs and both sides', (first, second, message) => {
    const zipped = tree.zip<unknown, unknown>(first, second)
    expect(E.isLeft(zipped) && zipped.left.message).toBe(message)
    expect(E.isLeft(zipped) && zipped.left._tag).toBe('TreeMismatch')
  })
})
