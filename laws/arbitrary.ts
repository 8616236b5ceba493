/**
 * The cases that laws draw: trees of parameters and, for every step, gradients that fit them.
 *
 * A leaf is drawn as a list of elements, each with its parameter and all its gradients. So a counterexample shrinks
 * element by element and stays consistent.
 */
import * as fc from 'fast-check'
import { type Tree, tree } from '../src/index.js'
import { Block } from './block.js'
import { type Kind, type Precision, precisionOf } from './kind.js'

// model

/**
 * A case for a transformation: parameters, and a gradient for each of several steps.
 *
 * @category Generators
 */
export interface Trial {
  /** The parameters. */
  readonly params: Tree<Block>
  /** The gradients, step by step; at least one. */
  readonly grads: readonly Tree<Block>[]
}

/**
 * The numbers from which elements are drawn.
 *
 * - `finite`: all, with both zeros, subnormals and the greatest;
 * - `special`: these, NaN and the infinities;
 * - `normal`: ±0 and magnitudes from 1e-12 to 1e12: in float32 neither their squares nor a thousandth of them
 *   overflow or underflow;
 * - `nonzero`: the same without zeros;
 * - `moderate`: ±0 and magnitudes from 2⁻¹⁰ to 2¹⁰;
 * - `positive`: 2⁻¹⁰ to 2¹⁰.
 *
 * @category Generators
 */
export type Elements = 'finite' | 'special' | 'normal' | 'nonzero' | 'moderate' | 'positive'

const between = (precision: Precision, min: number, max: number): fc.Arbitrary<number> =>
  precision === 'float32'
    ? fc.float({ min: Math.fround(min), max: Math.fround(max), noNaN: true })
    : fc.double({ min, max, noNaN: true })

const signed = (magnitude: fc.Arbitrary<number>): fc.Arbitrary<number> =>
  fc.tuple(fc.boolean(), magnitude).map(([minus, x]) => (minus ? -x : x))

const orZero = (x: fc.Arbitrary<number>): fc.Arbitrary<number> =>
  fc.oneof({ weight: 8, arbitrary: x }, { weight: 1, arbitrary: fc.constantFrom(0, -0) })

/** A few numbers that are easy to read in a counterexample, between 2⁻¹⁰ and 2¹⁰. */
const plain = fc.constantFrom(1, 2, 0.5, 3, 10, 0.1).map(Math.fround)

const drawn: Readonly<Record<Elements, (precision: Precision) => fc.Arbitrary<number>>> = {
  finite: (precision) =>
    fc.oneof(
      precision === 'float32'
        ? fc.float({ noNaN: true, noDefaultInfinity: true })
        : fc.double({ noNaN: true, noDefaultInfinity: true }),
      orZero(signed(plain)),
    ),
  special: (precision) =>
    fc.oneof(
      { weight: 3, arbitrary: drawn.finite(precision) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
      },
    ),
  normal: (precision) => orZero(drawn.nonzero(precision)),
  nonzero: (precision) => signed(fc.oneof({ withCrossShrink: true }, plain, between(precision, 1e-12, 1e12))),
  moderate: (precision) => orZero(signed(drawn.positive(precision))),
  positive: (precision) => fc.oneof({ withCrossShrink: true }, plain, between(precision, 2 ** -10, 2 ** 10)),
}

/**
 * Numbers of one precision.
 *
 * @category Generators
 * @example
 * ```ts
 * import * as fc from 'fast-check'
 * import { elements } from 'gradpipe/laws'
 *
 * fc.assert(fc.property(elements('normal', 'float32'), (x) => Math.fround(x) === x))
 * ```
 */
export const elements = (which: Elements, precision: Precision): fc.Arbitrary<number> =>
  drawn[which](precision)

/**
 * What to draw for a {@link Trial}.
 *
 * @category Generators
 */
export interface TrialOptions {
  /** The gradients' elements. Default `normal`. */
  readonly grads?: Elements
  /** The parameters' elements. Default `normal`. */
  readonly params?: Elements
  /** The greatest number of steps. Default 4. */
  readonly steps?: number
  /** The least number of elements of a leaf. Default 0: scalars and empty leaves are drawn too. */
  readonly minSize?: number
  /** Whether to draw a single leaf instead of a tree. Default false. */
  readonly single?: boolean
}

type Element = readonly [param: number, ...grads: number[]]

/** A leaf before its columns are taken apart. */
class Rows {
  constructor(
    readonly shape: readonly number[],
    readonly elements: readonly Element[],
  ) {}
}

/** A shape of `size` elements with some number of axes. */
const shapeOf = (size: number, axes: number): readonly number[] => {
  if (size === 1 && axes === 0) return []
  const divisor = [2, 3, 5, 7].find((d) => size % d === 0 && size > 0) ?? 1
  return axes < 2 ? [size] : axes === 2 ? [divisor, size / divisor] : [1, size / divisor, divisor]
}

const rowsOf = (element: fc.Arbitrary<Element>, minSize: number): fc.Arbitrary<Rows> =>
  fc
    .tuple(
      fc.array(element, { minLength: minSize, maxLength: minSize + 9 }),
      // sometimes a large leaf of odd size: more than a vector register and its tail
      fc.oneof(
        { weight: 7, arbitrary: fc.constant(1) },
        { weight: 1, arbitrary: fc.integer({ min: 9, max: 15 }) },
      ),
      fc.integer({ min: 0, max: 3 }),
    )
    .map(([elements, times, axes]) => {
      const all = Array.from({ length: times }, () => elements).flat()
      const odd = times > 1 && all.length > minSize + 1 && all.length % 2 === 0 ? all.slice(1) : all
      return new Rows(shapeOf(odd.length, axes), odd)
    })

const keys = fc.constantFrom('w', 'b', 'kernel', 'a.b', '10', '9', '')

/**
 * Trees of anything: nested records and arrays, empty ones, and `null`.
 *
 * @category Generators
 * @example
 * ```ts
 * import * as fc from 'fast-check'
 * import { tree } from 'gradpipe'
 * import { treeOf } from 'gradpipe/laws'
 *
 * fc.assert(fc.property(treeOf(fc.nat()), (drawn) => tree.leaves(drawn).every(([, leaf]) => leaf >= 0)))
 * ```
 */
export const treeOf = <A>(leaf: fc.Arbitrary<A>): fc.Arbitrary<Tree<A>> => {
  const { node } = fc.letrec<{ node: Tree<A> }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      { weight: 5, arbitrary: leaf },
      { weight: 1, arbitrary: fc.constant(null) },
      { weight: 2, arbitrary: fc.array(tie('node'), { maxLength: 3 }) },
      { weight: 3, arbitrary: fc.dictionary(keys, tie('node'), { maxKeys: 3, noNullPrototype: true }) },
    ),
  }))
  return node
}

/** Whether a whole leaf may be zero: some rules divide by its norm. */
const hasZero: Readonly<Record<Elements, boolean>> = {
  finite: true,
  special: true,
  normal: true,
  nonzero: false,
  moderate: true,
  positive: false,
}

const blank = fc.oneof(
  { weight: 8, arbitrary: fc.constant('none') },
  { weight: 2, arbitrary: fc.constantFrom('params', 'grads') },
)

/**
 * Parameters and gradients for a kind of leaves; every number has the kind's precision.
 *
 * @category Generators
 * @example
 * ```ts
 * import * as fc from 'fast-check'
 * import { trial } from 'gradpipe/laws'
 *
 * fc.assert(fc.property(trial('number', { steps: 2 }), ({ grads }) => grads.length <= 2), { numRuns: 10 })
 * ```
 */
export const trial = (kind: Kind, given: TrialOptions = {}): fc.Arbitrary<Trial> => {
  const { grads = 'normal', params = 'normal', steps = 4, minSize = 0, single = false } = given
  const precision = precisionOf(kind)
  const gradient = elements(grads, precision)
  const element: fc.Arbitrary<Element> = fc
    .tuple(elements(params, precision), fc.array(gradient, { minLength: steps, maxLength: steps }))
    .map(([p, gs]) => [p, ...gs] as const)
  const rows = rowsOf(element, minSize)
  const whole = fc.tuple(rows, blank).map(([{ shape, elements }, none]) => {
    const [param, gradient] = [none === 'params' && hasZero[params], none === 'grads' && hasZero[grads]]
    return new Rows(
      shape,
      elements.map(([p, ...gs]) => [param ? 0 : p, ...(gradient ? gs.map(() => 0) : gs)]),
    )
  })
  return fc.tuple(single ? whole : treeOf(whole), fc.integer({ min: 1, max: steps })).map(([drawn, made]) => {
    const column = (index: number): Tree<Block> =>
      tree.map(
        ({ shape, elements }: Rows) =>
          new Block(
            shape,
            Float64Array.from(elements, (row) => row[index] ?? 0),
          ),
      )(drawn)
    return { params: column(0), grads: Array.from({ length: made }, (_, step) => column(step + 1)) }
  })
}

/**
 * A power of two: multiplying by it is exact.
 *
 * @category Generators
 * @example
 * ```ts
 * import * as fc from 'fast-check'
 * import { powerOfTwo } from 'gradpipe/laws'
 *
 * fc.assert(fc.property(powerOfTwo, (c) => Number.isInteger(Math.log2(c))))
 * ```
 */
export const powerOfTwo: fc.Arbitrary<number> = fc.integer({ min: -8, max: 8 }).map((k) => 2 ** k)
