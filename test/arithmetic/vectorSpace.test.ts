import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { treeOf } from '../../laws/index.js'
import { globalNorm, type Tree, tree } from '../../src/index.js'

/** Three trees of one structure, of small whole numbers: all of this is exact. */
class Three {
  constructor(readonly of: readonly [number, number, number]) {}
}

const whole = fc.integer({ min: -64, max: 64 })

const vectors: fc.Arbitrary<readonly Tree<number>[]> = treeOf(
  fc.tuple(whole, whole, whole).map((of) => new Three(of)),
).map((drawn) => [0, 1, 2].map((i) => tree.map(({ of }: Three) => of[i] ?? Number.NaN)(drawn)))

const law = (
  name: string,
  holds: (x: Tree<number>, y: Tree<number>, z: Tree<number>, c: number) => void,
): void =>
  it(name, () => {
    fc.assert(
      fc.property(vectors, whole, ([x = null, y = null, z = null], c) => holds(x, y, z, c)),
      { numRuns: 40, seed: 20 },
    )
  })

describe('trees are a vector space', () => {
  law('x + y = y + x, (x + y) + z = x + (y + z)', (x, y, z) => {
    expect(tree.add(x, y)).toEqual(tree.add(y, x))
    expect(tree.add(tree.add(x, y), z)).toEqual(tree.add(x, tree.add(y, z)))
    expect(tree.add(x, y, z)).toEqual(tree.add(tree.add(x, y), z))
  })

  law('x − x = 0, x + 0 = x, x − y = x + (−1)y', (x, y) => {
    expect(tree.sub(x, x)).toEqual(tree.zerosLike(x))
    expect(tree.add(x, tree.zerosLike(y))).toEqual(x)
    expect(tree.sub(x, y)).toEqual(tree.addScale(x, -1, y))
  })

  law('c(x + y) = cx + cy, 1x = x', (x, y, _, c) => {
    // plus zero: −0 + 0 = 0
    const sum = tree.add(tree.scale(c, x), tree.scale(c, y))
    expect(tree.add(tree.scale(c, tree.add(x, y)), tree.zerosLike(x))).toEqual(
      tree.add(sum, tree.zerosLike(x)),
    )
    expect(tree.scale(1, x)).toEqual(x)
  })
})

describe('trees have an inner product', () => {
  law('⟨x, y⟩ = ⟨y, x⟩ = Σ xy, linear in each', (x, y, z, c) => {
    expect(tree.vdot(x, y)).toBe(tree.vdot(y, x))
    expect(tree.vdot(x, y)).toBe(tree.sum(tree.mul(x, y)))
    expect(tree.vdot(tree.addScale(x, c, z), y)).toBe(tree.vdot(x, y) + c * tree.vdot(z, y))
  })

  law('‖x‖² = ⟨x, x⟩; max ≤ ‖x‖ ≤ Σ|x|; the triangle inequality; Cauchy and Schwarz', (x, y) => {
    const slack = 1 + 1e-12
    expect(tree.norm(x, { squared: true })).toBe(tree.vdot(x, x))
    expect(globalNorm(x)).toBe(tree.norm(x, { ord: 2 }))
    expect(tree.norm(x, { ord: 'inf' })).toBeLessThanOrEqual(tree.norm(x) * slack)
    expect(tree.norm(x)).toBeLessThanOrEqual(tree.norm(x, { ord: 1 }) * slack)
    expect(tree.norm(tree.add(x, y))).toBeLessThanOrEqual((tree.norm(x) + tree.norm(y)) * slack)
    expect(Math.abs(tree.vdot(x, y))).toBeLessThanOrEqual(tree.norm(x) * tree.norm(y) * slack)
  })

  law('min ≤ max, min(x) = −max(−x), size counts the ones', (x) => {
    expect(tree.min(x)).toBe(-tree.max(tree.scale(-1, x)))
    expect(tree.sum(tree.onesLike(x))).toBe(tree.size(x))
    if (tree.size(x) > 0) expect(tree.min(x)).toBeLessThanOrEqual(tree.max(x))
  })
})
