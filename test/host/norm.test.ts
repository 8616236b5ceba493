/** Norms and what divides by them, over the whole range of numbers, wherever these are computed. */
import * as tf from '@tensorflow/tfjs-core'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  adaptiveGradClip,
  chain,
  clipByBlockRms,
  clipByGlobalNorm,
  dispose,
  fromRule,
  type GradientTransformation,
  globalNorm,
  norm,
  normalize,
  normalizeByUpdateNorm,
  type Params,
  projections,
  scaleByLbfgs,
  scaleByParamBlockNorm,
  scaleByParamBlockRms,
  scaleByTrustRatio,
  slot,
  tree,
} from '../../src/index.js'
import { LARS } from '../../src/objax/optimizer/index.js'
import { withInterpreter } from '../../src/tfjs/index.js'
import { numbers, tensorsIn, useBackend } from '../backends.js'
import { asserting } from '../laws/runs.js'

// where numbers are computed

interface Place {
  readonly name: string
  /** The number of exponent below which nothing is, and above which nothing is. */
  readonly exponents: readonly [least: number, most: number]
  readonly leaf: (x: readonly number[]) => Params
  readonly backend?: 'cpu' | 'wasm'
  readonly run: <T>(compute: () => T) => T
}

const here = <T>(compute: () => T): T => compute()
const operations = <T>(compute: () => T): T => withInterpreter('tensor', compute)
const float32 = [-149, 127] as const
const tensor = (x: readonly number[]): Params => tf.tensor1d([...x])

const places: readonly Place[] = [
  { name: 'numbers', exponents: [-1074, 1023], leaf: (x) => x, run: here },
  { name: 'Float64Array', exponents: [-1074, 1023], leaf: (x) => Float64Array.from(x), run: here },
  { name: 'Float32Array', exponents: float32, leaf: (x) => Float32Array.from(x), run: here },
  { name: 'operations on cpu', exponents: float32, leaf: tensor, backend: 'cpu', run: operations },
  { name: 'operations on wasm', exponents: float32, leaf: tensor, backend: 'wasm', run: operations },
  { name: 'fused on wasm', exponents: float32, leaf: tensor, backend: 'wasm', run: here },
]

const flat = (node: unknown): readonly number[] =>
  Array.isArray(node) ? node.flatMap(flat) : node === null ? [] : numbers(node)

/** The numbers of a tree that a computation makes, which leaves nothing behind. */
const computed = (place: Place, compute: (leaf: Place['leaf']) => unknown): readonly number[] => {
  const before = tf.memory().numTensors
  const given: Params[] = []
  const result = place.run(() =>
    compute((x) => {
      const leaf = place.leaf(x)
      given.push(leaf)
      return leaf
    }),
  )
  const found = flat(result)
  dispose(given, tensorsIn(result))
  expect(tf.memory().numTensors).toBe(before)
  return found
}

const updateOf = (tx: GradientTransformation, g: Params, p: Params): Params => {
  const state = tx.init(p)
  const [update, next] = tx.update(g, state, p)
  dispose(state, next)
  return update
}

/** The norms over the leaf and the tree, as slots. */
const lengths = fromRule({
  slots: { leaf: slot('leaf', 0), tree: slot('tree', 0) },
  scalars: {},
  step: ({ g }) => ({ update: g, leaf: norm(g, 'leaf'), tree: norm(g, 'tree') }),
})

// what divides by norms, and what it makes of 3 and 4 times any number c

interface Case {
  readonly name: string
  readonly make: (g: Params, p: Params) => Params
  readonly expected: (c: number) => readonly number[]
  /** Whether the leaf must be one: of numbers each is a leaf of its own. */
  readonly ofLeaves?: true
}

const block = (
  name: string,
  tx: GradientTransformation,
  expected: Case['expected'],
  ofLeaves?: true,
): Case => ({
  name,
  make: (g, p) => updateOf(tx, g, p),
  expected,
  ...(ofLeaves && { ofLeaves }),
})

const unit = (): readonly number[] => [0.6, 0.8]
/** The parameter is three fives, and so its norm 5√3 and its root mean square 5. */
const parameter = [3, 4]

const scaling: readonly Case[] = [
  block('normalize', normalize(), unit),
  block('normalizeByUpdateNorm', normalizeByUpdateNorm({ eps: 0 }), unit),
  block('scaleByTrustRatio', scaleByTrustRatio(), () => [3, 4], true),
  { name: 'projectionL2Sphere', make: (g) => projections.projectionL2Sphere(g), expected: unit },
]

const clipping: readonly Case[] = [
  block('clipByGlobalNorm', clipByGlobalNorm(1), unit),
  block('clipByBlockRms', clipByBlockRms(1), () => [0.6 * Math.SQRT2, 0.8 * Math.SQRT2], true),
  block('adaptiveGradClip', adaptiveGradClip(0.2), unit, true),
  block('scaleByLbfgs, first step', scaleByLbfgs(), unit),
  { name: 'projectionL2Ball', make: (g) => projections.projectionL2Ball(g), expected: unit },
]

const close = (place: Place): number => (place.exponents === float32 ? 1e-6 : 1e-14)

const expectNear = (given: readonly number[], expected: readonly number[], relative: number): void => {
  expect(given.length).toBe(expected.length)
  for (const [i, x] of given.entries())
    expect(Math.abs(x - (expected[i] ?? Number.NaN)), `${given} for ${expected}`).toBeLessThanOrEqual(
      relative * Math.abs(expected[i] ?? Number.NaN),
    )
}

describe.each(places)('with $name', (place) => {
  beforeAll(async () => {
    await useBackend(place.backend ?? 'cpu')
  })
  const [least, most] = place.exponents
  // 3c and 4c, and their norm 5c, are numbers, c one of all its digits
  const all = Array.from({ length: most - least - 2 }, (_, i) => least + i)
  const some = all.filter((k, i) => i % 9 === 0 || k > most - 8 || k < least + 30)
  const exact = some.filter((k) => k > least + 24)
  const isNumber = place.name === 'numbers'

  it('the norm of 3c and 4c is 5c, exactly, for every power of two', () => {
    for (const k of some) {
      const c = 2 ** k
      const one = computed(place, (leaf) => {
        const g = leaf([3 * c, -4 * c])
        const start = lengths.init(g)
        const [update, state] = lengths.update(g, start)
        dispose(start, update)
        return isNumber ? [state.tree] : [state.leaf, state.tree]
      })
      expect(one, `2^${k}`).toEqual(one.map(() => 5 * c))
      expect(
        computed(place, (leaf) => globalNorm({ a: leaf([3 * c]), b: [leaf([]), leaf([4 * c])] })),
      ).toEqual([5 * c])
    }
  })

  it('the norm of c·x is c times that of x, bit for bit, for every power of two', () => {
    const long = Array.from({ length: 300 }, (_, i) => Math.fround(Math.sin(i + 1) * 10 ** (i % 3)))
    const normed = (c: number): number | undefined =>
      computed(place, (leaf) => globalNorm([leaf(long.map((x) => c * x)), leaf([c])]))[0]
    const expected = normed(1) ?? Number.NaN
    // x has 24 binary digits from 10^-1, or so, to 10^3
    for (const k of some.filter((k) => k > least + 40 && k < most - 14))
      expect(normed(2 ** k), `2^${k}`).toBe(2 ** k * expected)
  })

  it('large and small leaves, and elements, together', () => {
    const [large, small] = [2 ** (most - 4), 2 ** (least + 30)]
    for (const [x, y] of [
      [[large, small], [small]],
      [[small, 0], [large]],
      [[0, 1], [large]],
      [
        [small, 1],
        [0, small],
      ],
    ] as const) {
      const expected = Math.max(...x, ...y)
      expect(computed(place, (leaf) => globalNorm([leaf(x), leaf(y)]))).toEqual([expected])
    }
  })

  it('infinities and NaN are seen wherever they are', () => {
    for (const size of [1, 3, 40, 71])
      for (const at of new Set([0, size >> 1, size - 1]))
        for (const fill of [0, 1, 2 ** (most - 1), 2 ** (least + 1)])
          for (const [special, expected] of [
            [Number.NaN, Number.NaN],
            [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
            [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
          ] as const) {
            const x = Array.from({ length: size }, (_, i) => (i === at ? special : fill))
            expect(
              computed(place, (leaf) => globalNorm([leaf([fill]), leaf(x)])),
              `${special} of ${size}`,
            ).toEqual([expected])
          }
  })

  it('of no elements, of zeros, and of negative zeros it is 0', () => {
    expect(computed(place, (leaf) => globalNorm(leaf([])))).toEqual([0])
    expect(computed(place, (leaf) => globalNorm([leaf([0, 0, 0]), leaf([-0])]))).toEqual([0])
  })

  it.each(scaling)('$name takes any length', ({ make, expected, ofLeaves }) => {
    if (isNumber && ofLeaves) return
    for (const k of exact) {
      const given = computed(place, (leaf) => make(leaf([3 * 2 ** k, 4 * 2 ** k]), leaf(parameter)))
      expectNear(given, expected(2 ** k), close(place))
    }
  })

  it.each(clipping)('$name takes any length', ({ make, expected, ofLeaves }) => {
    if (isNumber && ofLeaves) return
    for (const k of exact.filter((k) => k >= 0)) {
      const given = computed(place, (leaf) => make(leaf([3 * 2 ** k, 4 * 2 ** k]), leaf(parameter)))
      expectNear(given, expected(2 ** k), close(place))
    }
    for (const k of some.filter((k) => k < -4)) {
      const small = [3 * 2 ** k, 4 * 2 ** k]
      expect(computed(place, (leaf) => make(leaf(small), leaf(parameter)))).toEqual(small)
    }
  })

  it('clips to a small norm what is large', () => {
    const [large, bound] = [2 ** (most - 3), 2 ** -50]
    const given = computed(place, (leaf) =>
      updateOf(clipByGlobalNorm(bound), leaf([3 * large, 4 * large]), leaf(parameter)),
    )
    expectNear(given, [0.6 * bound, 0.8 * bound], close(place))
  })

  it('blocks that scale by the parameter take any length of it', () => {
    for (const k of exact) {
      const c = 2 ** k
      const scaled = (tx: GradientTransformation): readonly number[] =>
        computed(place, (leaf) => updateOf(tx, leaf([1, 0.5]), leaf([3 * c, 4 * c])))
      if (!isNumber) {
        expectNear(scaled(scaleByParamBlockNorm({ minScale: 0 })), [5 * c, 2.5 * c], close(place))
        expectNear(
          scaled(scaleByParamBlockRms({ minScale: 0 })),
          [(5 * c) / Math.SQRT2, (2.5 * c) / Math.SQRT2],
          close(place),
        )
        expectNear(
          scaled(scaleByTrustRatio()),
          [(5 * c) / Math.sqrt(1.25), (2.5 * c) / Math.sqrt(1.25)],
          close(place),
        )
      }
    }
  })

  it("Objax's LARS takes any length", () => {
    if (isNumber) return
    const tx = LARS.transformation(1, { momentum: 0, weightDecay: 0, tc: 1, eps: 0 })
    for (const k of exact.filter((k) => k > -20)) {
      const given = computed(place, (leaf) => updateOf(tx, leaf([3 * 2 ** k, 4 * 2 ** k]), leaf([3, 4])))
      // the factor is a number of few digits where the gradient is near the end of the numbers
      if (k < most - 8) expectNear(given, [-3, -4], close(place))
    }
  })

  it('a norm of what another norm has divided', () => {
    const tx = chain(normalize(), clipByGlobalNorm(0.5))
    for (const k of exact.filter((_, i) => i % 3 === 0))
      expectNear(
        computed(place, (leaf) => updateOf(tx, leaf([3 * 2 ** k, 4 * 2 ** k]), leaf([0, 0]))),
        [0.3, 0.4],
        close(place),
      )
  })
})

describe('in the range where squares are numbers', () => {
  beforeAll(() => useBackend('wasm'))
  afterAll(() => useBackend('cpu'))

  it('a norm is the rounded root of the rounded sum of rounded squares, on arrays and fused on wasm', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: Math.fround(-1e6), max: Math.fround(1e6), noNaN: true }), {
          minLength: 1,
          maxLength: 100,
        }),
        (x) => {
          const sum = x.reduce((all, each) => all + Math.fround(each * each), 0)
          fc.pre(sum > 1e-20)
          expect(globalNorm(Float32Array.from(x))).toBe(Math.fround(Math.sqrt(Math.fround(sum))))
        },
      ),
      asserting(300),
    )
  })

  it('a tree of float32 and float64 has the norm of all', () => {
    expect(globalNorm([Float32Array.of(3e25), Float64Array.of(4e25)])).toBeCloseTo(5e25, -19)
    expect(globalNorm([Float64Array.of(4e200), Float32Array.of(3e25)])).toBe(4e200)
    expect(globalNorm([Float32Array.of(1e-40), Float64Array.of(4e-200)])).toBe(Math.fround(1e-40))
    expect(tree.norm([4e-200, 3e-200, Float32Array.of(0)])).toBeCloseTo(5e-200, 210)
  })
})
