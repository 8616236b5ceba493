import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alignTrees } from '../../src/tree/align.js'
import { buildForm, type Form, readForm } from '../../src/tree/form.js'
import { leaves, map, type Tree } from '../../src/tree/tree.js'

const formOf = (tree: Tree<number>): { readonly form: Form; readonly length: number } => {
  const { form, paths } = alignTrees([['', tree]])
  return { form, length: paths.length }
}

const read = (
  { form, length }: { readonly form: Form; readonly length: number },
  tree: Tree<number>,
  order: 'any order' | 'same order' = 'any order',
) => {
  const into: (number | null)[] = new Array(length).fill(Number.NaN)
  return readForm(form, tree, into, order) ? into : undefined
}

const { tree: anyTree } = fc.letrec<{ tree: Tree<number> }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.integer(),
    fc.constant(null),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', '0', '10')),
      tie('tree'),
      {
        maxKeys: 4,
        noNullPrototype: true,
      },
    ),
  ),
}))

describe('the form of a tree', () => {
  it('reads its leaves in the canonical order, and builds the tree from them again', () => {
    fc.assert(
      fc.property(anyTree, (tree) => {
        const whole = formOf(tree)
        const values = read(whole, tree, 'same order') ?? []
        expect(values).toEqual(leaves(tree).map(([, leaf]) => leaf))
        expect(values.length).toBe(whole.length)
        const built = buildForm(whole.form, values)
        expect(built).toEqual(tree)
        expect(JSON.stringify(built)).toBe(JSON.stringify(tree))
      }),
    )
  })

  it('fits a tree of other leaves, and none of another structure', () => {
    fc.assert(
      fc.property(anyTree, anyTree, (one, other) => {
        const form = formOf(one)
        expect(read(form, map((x: number) => -x)(one))).toBeDefined()
        // a tree fits where it has the same leaves at the same paths, or nothing
        const paths = (tree: Tree<number>) => leaves(tree).map(([path]) => JSON.stringify(path))
        if (read(form, other) !== undefined) expect(paths(one)).toEqual(expect.arrayContaining(paths(other)))
      }),
    )
  })

  it('takes keys in another order, unless the order is asked for', () => {
    const form = formOf({ b: 1, a: [2, 3] })
    expect(read(form, { a: [20, 30], b: 10 })).toEqual([20, 30, 10])
    expect(read(form, { a: [20, 30], b: 10 }, 'same order')).toBeUndefined()
    expect(read(form, { b: 10, a: [20, 30] }, 'same order')).toEqual([20, 30, 10])
  })

  it('reads null as nothing at all positions below', () => {
    const form = formOf({ a: [1, 2], b: 3 })
    expect(read(form, { a: null, b: 3 })).toEqual([null, null, 3])
    expect(read(form, null)).toEqual([null, null, null])
  })

  it.each([
    ['a missing key', { a: 1 }],
    ['a further key', { a: 1, b: 2, c: 3 }],
    ['another key', { a: 1, c: 2 }],
    ['a branch for a leaf', { a: [1], b: 2 }],
    ['an array for a record', [1, 2]],
    ['a leaf for a branch', 1],
  ])('refuses %s', (_, tree: Tree<number>) => {
    expect(read(formOf({ a: 1, b: 2 }), tree)).toBeUndefined()
  })

  it('takes what every object inherits for nobody’s own', () => {
    const form = formOf({ constructor: 1, toString: 2 })
    expect(read(form, { constructor: 1, toString: 2 })).toEqual([1, 2])
    expect(read(form, { constructor: 1, other: 2 })).toBeUndefined()
  })
})
