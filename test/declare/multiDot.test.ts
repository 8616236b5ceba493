/** Products of matrices as terms: what they are on arrays and on tensors. */
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Tx } from '../../laws/index.js'
import {
  chain,
  dispose,
  fromRule,
  type GradientTransformation,
  kernelStatistics,
  latex,
  multiDot,
  type NdArray,
  ndarray,
  norm,
  orthogonalize,
  type Params,
  parameter,
  type RowsAndColumns,
  setToZero,
  slot,
  type Term,
} from '../../src/index.js'
import { withInterpreter } from '../../src/tfjs/index.js'
import { backends, numbers, useBackend } from '../backends.js'
import { type Mutant, mutantsOf } from '../mutation/mutate.js'
import { mutated } from '../mutation/rules.js'
import { thrown } from '../thrown.js'
import {
  asTensor,
  drawn,
  greatest,
  type Matrix,
  manyShapes,
  onTensors,
  orthogonalRows,
  product,
  transposed,
} from '../transform/matrices.js'

/** The product of a leaf's gradient, parameter and first parameter: three matrices that are told apart. */
const ofThree = (axes?: RowsAndColumns): GradientTransformation<{ readonly c: Params }> =>
  fromRule({
    ...(axes && { axes: () => axes }),
    slots: { c: slot('element', parameter) },
    scalars: {},
    step: ({ g, p, c }) => ({ update: multiDot(g, p, c), c }),
  })

const productOf = <P extends Params>(a: P, b: P, c: P, axes?: RowsAndColumns): P => {
  const tx = ofThree(axes)
  const state = tx.init(c)
  return tx.update(a, state, b)[0]
}

const three = (seed: number, ...shape: readonly number[]): readonly [Matrix, Matrix, Matrix] => [
  drawn(seed, ...shape),
  drawn(seed + 1, ...shape),
  drawn(seed + 2, ...shape),
]

/** How far a matrix may be from another whose numbers are about as large as its own greatest. */
const near = (expected: Matrix, digits = 1e-12): number =>
  digits * Math.max(1, ...expected.data.map((x) => Math.abs(x)))

describe('a product', () => {
  test.each([
    [3, 5],
    [5, 3],
    [4, 4],
    [1, 7],
    [7, 1],
    [33, 70],
    [0, 3],
  ])('is that of three loops, of %d × %d', (m, n) => {
    const [a, b, c] = three(1, m, n)
    const expected = product(product(a, transposed(b)), c)
    expect(greatest(productOf(a, b, c), expected)).toBeLessThan(near(expected))
  })

  test('turns with its matrices: Q·a bᵀ c of Q·a, Q·b, Q·c', () => {
    const [a, b, c] = three(4, 6, 9)
    const q = orthogonalRows(drawn(7, 6, 6))
    const r = orthogonalRows(drawn(8, 9, 9))
    const u = productOf(a, b, c)
    const left = productOf(product(q, a), product(q, b), product(q, c))
    expect(greatest(left, product(q, u))).toBeLessThan(near(u))
    const right = productOf(product(a, r), product(b, r), product(c, r))
    expect(greatest(right, product(u, r))).toBeLessThan(near(u))
  })

  test('of transposed matrices is the transposed one of the same from the last to the first', () => {
    const [a, b, c] = three(2, 5, 8)
    expect(productOf(transposed(a), transposed(b), transposed(c))).toEqual(transposed(productOf(c, b, a)))
  })

  test('of matrices in a stack is that of each', () => {
    const all = three(5, 3, 4, 6)
    const each = [0, 1, 2].map((i) => {
      const [a, b, c] = all.map(({ data }) => ndarray(data.slice(24 * i, 24 * (i + 1)), [4, 6]))
      return productOf(a as Matrix, b as Matrix, c as Matrix)
    })
    expect([...productOf(...all).data]).toEqual(each.flatMap(({ data }) => [...data]))
  })

  test('is of those axes that the rule names', () => {
    const shape = [2, 3, 4, 5]
    const [a, b, c] = three(3, ...shape)
    // rows along the last axis and the first, columns along the second
    const [rows, columns] = [10, 3]
    const placeOf = (i: number, j: number, k: number): number =>
      (((i % 2) * 3 + j) * 4 + k) * 5 + Math.floor(i / 2)
    const expected = new Float64Array(a.data.length)
    for (let k = 0; k < 4; k++)
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < columns; j++)
          for (let y = 0; y < rows; y++)
            for (let x = 0; x < columns; x++)
              expected[placeOf(i, j, k)] =
                (expected[placeOf(i, j, k)] as number) +
                (a.data[placeOf(i, x, k)] as number) *
                  (b.data[placeOf(y, x, k)] as number) *
                  (c.data[placeOf(y, j, k)] as number)
    const made = productOf(a, b, c, { rows: [3, 0], columns: 1 })
    expect(made.shape).toEqual(shape)
    expect(greatest(made, ndarray(expected, shape))).toBeLessThan(near(made))
  })

  test('is of vectors and numbers, where a rule takes them for matrices', () => {
    const row = productOf(Float64Array.of(1, 2), Float64Array.of(3, 4), Float64Array.of(5, 6), {
      rows: [],
      columns: 0,
    })
    expect(row).toEqual(Float64Array.of(11 * 5, 11 * 6))
    const column = productOf(Float32Array.of(1, 2), Float32Array.of(3, 4), Float32Array.of(5, 6), {
      rows: 0,
      columns: [],
    })
    expect(column).toEqual(Float32Array.of(39, 78))
    expect(productOf(2, 3, 4, { rows: [], columns: [] })).toBe(24)
    const factor = fromRule({
      axes: () => ({ rows: 0, columns: [] }),
      slots: {},
      scalars: {},
      step: ({ g }) => ({ update: orthogonalize(g, { coefficients: [[1, 0, 0]], eps: 0 }) }),
    })
    expect(factor.update(Float64Array.of(3, 4), {})[0]).toEqual(Float64Array.of(0.6, 0.8))
  })

  test('of float32 is rounded once', () => {
    const all = three(1, 3, 4).map(({ data, shape }) => ndarray(Float32Array.from(data), shape))
    const [a, b, c] = all as [NdArray, NdArray, NdArray]
    const [x, y, z] = all.map(({ data, shape }) => ndarray(Float64Array.from(data), shape))
    const exact = productOf(x as Matrix, y as Matrix, z as Matrix)
    expect(productOf(a, b, c)).toEqual(ndarray(Float32Array.from(exact.data), [3, 4]))
  })

  test('of one number for all elements is that of a matrix of it', () => {
    const cubed = fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: multiDot(g, g, g) }) })
    const ones = fromRule({
      slots: {},
      scalars: {},
      step: ({ g }) => ({ update: multiDot(g, g, g.mul(0).add(1)) }),
    })
    const g = ndarray(Float64Array.of(1, 2, 3, 4, 5, 6), [2, 3])
    expect(chain(setToZero(), cubed).update(g, [{}, {}])[0]).toEqual(ndarray(new Float64Array(6), [2, 3]))
    expect([...ones.update(g, {})[0].data]).toEqual([46, 46, 46, 109, 109, 109])
  })

  test('with any fault is another one: operands exchanged, a transposition at the wrong place', () => {
    const [a, b, c] = three(1, 4, 4)
    const tx = ofThree()
    const rule = tx.ruled?.begin().program.rule({ path: [], shape: [4, 4], dtype: 'float64' })
    if (rule === undefined) throw new Error('a rule is one')
    const faults = mutantsOf([rule]).filter(({ name }) => /exchanged|without the product/.test(name))
    expect(faults.map(({ name }) => name)).toEqual([
      'without the product, in (g × pᵀ × c)',
      'the first two exchanged, in (g × pᵀ × c)',
      'the last two exchanged, in (g × pᵀ × c)',
      'the first and the last exchanged, in (g × pᵀ × c)',
    ])
    const expected = product(product(a, transposed(b)), c)
    const made = (fault: Mutant | null): Matrix => mutated(tx as Tx, fault).update(a, { c }, b)[0]
    expect(greatest(made(null), expected)).toBeLessThan(near(expected))
    for (const fault of faults) expect(greatest(made(fault), expected), fault.name).toBeGreaterThan(0.1)
  })

  test('refuses a leaf without matrices', () => {
    expect(
      thrown(() =>
        productOf({ w: new Float64Array(3) }, { w: new Float64Array(3) }, { w: new Float64Array(3) }),
      ).message,
    ).toBe('w: expected a matrix, or a stack of them, given rank 1')
  })

  test('is printed', () => {
    type Element = Term<'element'>
    const print = (update: (g: Element, p: Element, eta: Term<'host'>) => Element): string =>
      latex(
        fromRule({
          slots: {},
          scalars: { eta: 1 },
          step: ({ g, p }, { eta }) => ({ update: update(g, p, eta) }),
        }),
      )
    expect(print((g, p) => multiDot(g, p, g))).toContain('u_t &= g_t p_{t-1}^\\top g_t')
    expect(print((g, p) => multiDot(g.add(p), g.square(), g.mul(p)).mul(p))).toContain(
      `u_t &= \\left(\\left(g_t + p_{t-1}\\right) \\left(g_t^2\\right)^\\top \\left(g_t \\, p_{t-1}\\right)\\right) \\, p_{t-1}`,
    )
    expect(print((g, _, eta) => eta.mul(multiDot(g, g, g)).neg())).toContain(
      'u_t &= -\\eta \\, g_t g_t^\\top g_t',
    )
  })
})

describe('the cubic Newton–Schulz step', () => {
  /** One's own orthogonalization, of a matrix over its norm. */
  const cubic = (steps: number): GradientTransformation =>
    fromRule({
      slots: {},
      scalars: { eps: 1e-8 },
      step: ({ g }, { eps }) => {
        let x = g.div(norm(g, 'leaf').add(eps))
        for (let i = 0; i < steps; i++) x = x.mul(1.5).sub(multiDot(x, x, x).mul(0.5))
        return { update: x }
      },
    })

  test.each([1, 5, 30])('is that of orthogonalize, %d times', (steps) => {
    const coefficients = new Array<[number, number, number]>(steps).fill([1.5, -0.5, 0])
    const tx = fromRule({
      slots: {},
      scalars: {},
      step: ({ g }) => ({ update: orthogonalize(g, { coefficients }) }),
    })
    for (const shape of [
      [4, 7],
      [7, 4],
    ] as const) {
      const g = drawn(1, ...shape)
      const [x] = cubic(steps).update(g, {})
      expect(greatest(x, tx.update(g, {})[0])).toBeLessThan(1e-12)
      const small = shape[0] < shape[1] ? product(x, transposed(x)) : product(transposed(x), x)
      const unit = ndarray(
        Float64Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1 : 0)),
        [4, 4],
      )
      // it doubles the digits at the end
      if (steps === 30) expect(greatest(small, unit)).toBeLessThan(1e-12)
    }
  })
})

const singly = ({ data, shape }: Matrix): Matrix => ndarray(data.map(Math.fround), shape)
const sizes = ({ data, shape }: Matrix): Matrix => ndarray(data.map(Math.abs), shape)

describe.each(backends)('on %s', (backend) => {
  beforeAll(() => useBackend(backend))

  /** That of tensors, by what the backend chooses and by operations. */
  const onTensorsOf = (a: Matrix, b: Matrix, c: Matrix): readonly tf.Tensor[] => {
    const [x, y, z] = [a, b, c].map(asTensor)
    const tx = ofThree()
    const state = tx.init(z as tf.Tensor)
    const made = [
      tx.update(x as tf.Tensor, state, y as tf.Tensor),
      withInterpreter('tensor', () => tx.update(x as tf.Tensor, state, y as tf.Tensor)),
    ]
    dispose(
      [x, y, z] as Params,
      state,
      made.map(([, next]) => next),
    )
    return made.map(([u]) => u)
  }

  test('it is that of arrays, to the roundings of its sums, for matrices of any size', () => {
    const before = tf.memory().numTensors
    const { fallbacks } = kernelStatistics()
    for (const [i, shape] of manyShapes.entries()) {
      const [a, b, c] = three(i + 1, ...shape).map(singly) as [Matrix, Matrix, Matrix]
      const expected = productOf(a, b, c)
      const [rows = 0, columns = 0] = shape.slice(-2)
      // a rounding for each summand of both sums, each of at most 2⁻²⁴ of the summands' sizes
      const bound = productOf(sizes(a), sizes(b), sizes(c)).data.map(
        (size) => (rows + columns + 2) * 2 ** -24 * size,
      )
      for (const made of onTensorsOf(a, b, c)) {
        expect(made.shape).toEqual(shape)
        const off = numbers(made).map((each, k) => Math.abs(each - (expected.data[k] as number)))
        expect(off.every((each, k) => each <= (bound[k] as number))).toBe(true)
        made.dispose()
      }
    }
    expect(tf.memory().numTensors).toBe(before)
    expect(kernelStatistics().fallbacks).toBe(fallbacks)
  })

  test('matrices in several leaves, and in a stack, are those of each, to the bit', () => {
    const before = tf.memory().numTensors
    const tx = fromRule({ slots: {}, scalars: {}, step: ({ g, p }) => ({ update: multiDot(g, p, g) }) })
    const [a, b, c] = three(6, 9, 12)
    const [x, y] = [onTensors([a, b, c]), onTensors([b, c, a])]
    const together = tx.update(x, {}, y)
    const each = [0, 1, 2].map((i) =>
      tx.update((x as Params[])[i] as Params, {}, (y as Params[])[i] as Params),
    )
    const stacks = [x, y].map((all) => tf.stack(all as tf.Tensor[]))
    const stacked = tx.update(stacks[0] as tf.Tensor, {}, stacks[1] as tf.Tensor)
    const expected = each.flatMap(([u]) => numbers(u))
    expect((together[0] as Params[]).flatMap(numbers)).toEqual(expected)
    expect(numbers(stacked[0])).toEqual(expected)
    dispose(x, y, together, each as never, stacks, stacked)
    expect(tf.memory().numTensors).toBe(before)
  })

  test('what is no number in one matrix of a stack stays there', () => {
    const [a, b, c] = three(1, 2, 9, 12)
    const broken = ndarray(
      a.data.map((each, i) => (i === 5 ? Number.NaN : each)),
      a.shape,
    )
    const expected = numbers(productOf(a, b, c)).slice(108)
    for (const made of onTensorsOf(broken, b, c)) {
      const found = numbers(made)
      expect(found.slice(0, 12).every(Number.isNaN)).toBe(true)
      expect(found.slice(108).every((each, i) => Math.abs(each - (expected[i] ?? 0)) < 1e-4)).toBe(true)
      made.dispose()
    }
  })
})
