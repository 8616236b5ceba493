/**
 * Distances in ulps: how many floating-point numbers lie between two results.
 *
 * The numbers of a precision are put on one line in their order, −0 just below 0, and counted.
 */
import type { Eq } from 'fp-ts/lib/Eq.js'
import type { Leaf, Params } from '../src/index.js'
import { tree } from '../src/index.js'
import { type Precision, read } from './kind.js'

const place32 = (x: number): number => {
  const view = new DataView(new ArrayBuffer(4))
  view.setFloat32(0, x)
  const bits = view.getInt32(0)
  return bits >= 0 ? bits : -(bits & 0x7fffffff) - 1
}

const place64 = (x: number): bigint => {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, x)
  const bits = view.getBigInt64(0)
  return bits >= 0n ? bits : -(bits & 0x7fffffffffffffffn) - 1n
}

/**
 * How many steps from one number of the precision to the next lead from `x` to `y`.
 *
 * 0 of equal bits only: −0 and 0 are neighbours, 1 apart. NaN is at 0 from NaN and infinitely far from all else.
 * In float32 both numbers are rounded first.
 *
 * @category Distances
 * @example
 * ```ts
 * import { ulpDistance } from 'gradpipe/laws'
 *
 * assert.equal(ulpDistance('float64')(1, 1 + Number.EPSILON), 1)
 * assert.equal(ulpDistance('float32')(1, 1 + Number.EPSILON), 0)
 * assert.equal(ulpDistance('float64')(-0, 0), 1)
 * assert.equal(ulpDistance('float64')(Number.NaN, Number.NaN), 0)
 * ```
 */
export const ulpDistance =
  (precision: Precision): ((x: number, y: number) => number) =>
  (x, y) => {
    if (Number.isNaN(x) || Number.isNaN(y))
      return Number.isNaN(x) && Number.isNaN(y) ? 0 : Number.POSITIVE_INFINITY
    if (precision === 'float32') return Math.abs(place32(x) - place32(y))
    const steps = place64(x) - place64(y)
    return Number(steps < 0n ? -steps : steps)
  }

/**
 * fp-ts Eq of trees of numbers, typed arrays and tensors: equal structure and shapes, every element at most `ulps`
 * ulps away. At 0, the default, bit for bit. (For other than 0 this is no equivalence: near is not transitive.)
 *
 * Tensors are read back from their device.
 *
 * @category Distances
 * @example
 * ```ts
 * import { getUlpEq } from 'gradpipe/laws'
 *
 * const near = getUlpEq('float64', 2)
 * assert.ok(near.equals({ w: 0.1 + 0.2, b: [1, null] }, { b: [1, null], w: 0.3 }))
 * assert.ok(!getUlpEq('float64').equals({ w: -0 }, { w: 0 }))
 * ```
 */
export const getUlpEq = (precision: Precision, ulps = 0): Eq<Params> => {
  const distance = ulpDistance(precision)
  return tree.getEq<Leaf>({
    equals: (a, b) => {
      const [x, y] = [read(a), read(b)]
      return (
        x.shape.join() === y.shape.join() &&
        x.data.every((element, i) => distance(element, y.data[i] ?? Number.NaN) <= ulps)
      )
    },
  })
}
