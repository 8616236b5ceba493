/** Violation: where two results that a law wants equal differ, and how far. */
import * as E from 'fp-ts/lib/Either.js'
import { type Params, type Tree, tree } from '../src/index.js'
import type { Block } from './block.js'
import { type Kind, type Precision, precisionOf, readTree } from './kind.js'
import { ulpDistance } from './ulp.js'

// model

/**
 * How a law is broken.
 *
 * @category Laws
 */
export interface Violation {
  /** What was compared, and the path and index of the worst element. */
  readonly where: string
  /** What the law says. */
  readonly expected: string
  /** What came out. */
  readonly given: string
  /** The distance in ulps of `precision`; `null` where no numbers were compared. */
  readonly ulps: number | null
  /** In which format the ulps are counted. */
  readonly precision: Precision
}

/**
 * How far a result may be from what a law says: `ulps` counted in the kind's precision, or `floor` times the
 * greatest absolute value that is expected anywhere in the leaf. Either suffices. A floor can be given per
 * precision.
 *
 * @category Laws
 */
export interface Tolerance {
  /** Ulps, 0 for bit for bit (−0 is not 0, NaN is NaN). */
  readonly ulps: number | Readonly<Record<Precision, number>>
  /** Share of the leaf's greatest element; 0 makes −0 and 0 equal. None by default. */
  readonly floor?: number | Readonly<Record<Precision, number>>
}

/**
 * Bit for bit.
 *
 * @category Laws
 * @example
 * ```ts
 * import { Block, compare, exactly } from 'gradpipe/laws'
 *
 * const [zero, negative] = [new Block([], Float64Array.of(0)), new Block([], Float64Array.of(-0))]
 * assert.notEqual(compare('update', zero, negative, exactly, 'float64'), null)
 * ```
 */
export const exactly: Tolerance = { ulps: 0 }

/**
 * As numbers: −0 is 0, NaN is NaN.
 *
 * @category Laws
 * @example
 * ```ts
 * import { Block, compare, equally } from 'gradpipe/laws'
 *
 * const [zero, negative] = [new Block([], Float64Array.of(0)), new Block([], Float64Array.of(-0))]
 * assert.equal(compare('update', zero, negative, equally, 'float64'), null)
 * ```
 */
export const equally: Tolerance = { ulps: 0, floor: 0 }

/**
 * At most so many ulps; the second number is for float64, where it differs.
 *
 * @category Laws
 * @example
 * ```ts
 * import { within } from 'gradpipe/laws'
 *
 * assert.deepEqual(within(4, 2), { ulps: { float32: 4, float64: 2 } })
 * ```
 */
export const within = (float32: number, float64: number = float32): Tolerance => ({
  ulps: { float32, float64 },
})

/** How a law's conditions tell of a tolerance. */
export const showTolerance = ({ ulps, floor }: Tolerance): string => {
  const [single, double] = typeof ulps === 'number' ? [ulps, ulps] : [ulps.float32, ulps.float64]
  const near =
    single === 0 && double === 0
      ? 'exact'
      : `within ${single === double ? single : `${single} (float64: ${double})`} ulps`
  return floor === undefined
    ? near
    : floor === 0
      ? `${near}, as numbers`
      : `${near}, or of the leaf's greatest element`
}

// constructors

const shown = (x: number): string => (Object.is(x, -0) ? '-0' : String(x))

/**
 * A violation that is not one of numbers.
 *
 * @category Laws
 * @example
 * ```ts
 * import { broken } from 'gradpipe/laws'
 *
 * assert.equal(broken('the count', '3', '2').ulps, null)
 * ```
 */
export const broken = (where: string, expected: string, given: string): Violation => ({
  where,
  expected,
  given,
  ulps: null,
  precision: 'float64',
})

/**
 * `null` if the condition holds.
 *
 * @category Laws
 * @example
 * ```ts
 * import { unless } from 'gradpipe/laws'
 *
 * assert.equal(unless(1 < 2, 'order', 'less', 'more'), null)
 * ```
 */
export const unless = (holds: boolean, where: string, expected: string, given: string): Violation | null =>
  holds ? null : broken(where, expected, given)

/**
 * The first violation, if there is any; what comes after one is not looked at.
 *
 * @category Laws
 * @example
 * ```ts
 * import { broken, firstOf } from 'gradpipe/laws'
 *
 * assert.equal(firstOf([null, broken('a', '1', '2'), broken('b', '1', '2')])?.where, 'a')
 * ```
 */
export const firstOf = (checks: Iterable<Violation | null>): Violation | null => {
  for (const check of checks) if (check !== null) return check
  return null
}

// comparisons

const place = (name: string, path: readonly (string | number)[], index: number, block: Block): string =>
  `${tree.showPath([name, ...path])}${block.shape.length === 0 ? '' : `[${index}]`}`

const worst = (
  where: (index: number) => string,
  expected: Block,
  given: Block,
  { ulps, floor = -1 }: Tolerance,
  precision: Precision,
): Violation | null => {
  const distance = ulpDistance(precision)
  const share = typeof floor === 'number' ? floor : floor[precision]
  const allowed = typeof ulps === 'number' ? ulps : ulps[precision]
  const greatest = expected.data.reduce(
    (max, x) => (Number.isFinite(x) ? Math.max(max, Math.abs(x)) : max),
    0,
  )
  let found: Violation | null = null
  for (const [i, x] of expected.data.entries()) {
    const y = given.data[i] ?? Number.NaN
    const apart = distance(x, y)
    const near = share >= 0 && Math.abs(x - y) <= share * greatest
    if (apart <= allowed || near || apart <= (found?.ulps ?? -1)) continue
    found = { where: where(i), expected: shown(x), given: shown(y), ulps: apart, precision }
  }
  return found
}

/**
 * Compares two trees of blocks leaf by leaf; of the first leaf that differs, the worst element.
 *
 * @category Laws
 * @example
 * ```ts
 * import { Block, compare, exactly, within } from 'gradpipe/laws'
 *
 * const [x, y] = [1, 1 + 2 ** -52].map((n) => new Block([], Float64Array.of(n)))
 * assert.ok(x !== undefined && y !== undefined)
 * assert.equal(compare('update', x, y, exactly, 'float64')?.ulps, 1)
 * assert.equal(compare('update', x, y, within(1), 'float64'), null)
 * ```
 */
export const compare = (
  name: string,
  expected: Tree<Block>,
  given: Tree<Block>,
  tolerance: Tolerance,
  precision: Precision,
): Violation | null => {
  const pairs = tree.zipWith((x: Block, y: Block, path) =>
    x.data.length !== y.data.length
      ? broken(tree.showPath([name, ...path]), `${x.data.length} elements`, `${y.data.length} elements`)
      : worst((i) => place(name, path, i, x), x, y, tolerance, precision),
  )(expected, given)
  if (E.isLeft(pairs))
    return broken(tree.showPath([name, pairs.left.path]), pairs.left.expected, pairs.left.given)
  // a Violation is a plain record: what was zipped is kept in the leaves' places, not as leaves
  return firstOf(violationsIn(pairs.right))
}

const isViolation = (node: object): node is Violation => 'where' in node && typeof node.where === 'string'

const violationsIn = (node: unknown): readonly Violation[] =>
  typeof node !== 'object' || node === null
    ? []
    : isViolation(node)
      ? [node]
      : Object.values(node).flatMap(violationsIn)

/** Compares trees of any leaves, states for example; `null` beside something is a difference. */
export const compareTrees = (
  name: string,
  expected: Params,
  given: Params,
  tolerance: Tolerance,
  kind: Kind,
): Violation | null => compare(name, readTree(expected), readTree(given), tolerance, precisionOf(kind))
