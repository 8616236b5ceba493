/** What is constant along an axis is taken out of a norm: it is the same norm, and is known a pass earlier. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { passesBesideProducts } from '../../src/host/roundsOf.js'
import {
  adafactor,
  adam,
  adaptiveGradClip,
  came,
  chain,
  clipByBlockRms,
  clipByGlobalNorm,
  constant,
  fromRule,
  type GradientTransformation,
  mean,
  NdArray,
  ndarray,
  norm,
  scaleByFactoredRms,
  sm3,
  sum,
  type Term,
} from '../../src/index.js'
import { stepOutputs } from '../../src/rule/rule.js'
import { takenOut } from '../../src/rule/takenOut.js'

const outputsOf = ({ ruled }: Pick<GradientTransformation, 'ruled'>, shape: readonly number[]) => {
  const rule = ruled?.begin().program.rule({ path: [], shape, dtype: 'float32' })
  if (rule === undefined) throw new Error('a rule is one')
  return stepOutputs(rule)
}

describe('passes over memory', () => {
  test.each<readonly [string, Pick<GradientTransformation, 'ruled'>, readonly number[], number]>([
    ['Adafactor with its default clip', adafactor(0.1), [1024, 1024], 2],
    ['Adafactor, whose rows lie apart', adafactor(0.1), [2048, 1024], 2],
    ['Adafactor of a stack of matrices', adafactor(0.1), [3, 256, 300], 2],
    ['Adafactor of a stack in the middle', adafactor(0.1), [300, 3, 256], 2],
    ['Adafactor of matrices that lie between each other', adafactor(0.1), [256, 300, 3], 3],
    ['Adafactor without a clip', adafactor(0.1, { clippingThreshold: null }), [1024, 1024], 2],
    ['CAME, whose instability wants the momentum', came(0.1), [256, 256], 3],
    ['SM3', sm3(0.1), [256, 256], 2],
    ['a clip of rows and one of the tree', chain(adaptiveGradClip(0.1), clipByGlobalNorm(1)), [256, 256], 2],
    [
      'factored moments and a clip of the tree',
      chain(scaleByFactoredRms(), clipByGlobalNorm(1)),
      [256, 256],
      2,
    ],
    ['Adam, clipped', chain(clipByGlobalNorm(1), adam(0.1), clipByBlockRms(1)), [256, 256], 3],
  ])('%s', (_, tx, shape, passes) => {
    expect(passesBesideProducts(outputsOf(tx, shape))).toBe(passes)
  })

  test('what saves none stays as it was written', () => {
    for (const tx of [adam(0.1), sm3(0.1), adafactor(0.1, { clippingThreshold: null })]) {
      const outputs = outputsOf(tx, [256, 256])
      expect(takenOut(outputs)).toBe(outputs)
    }
  })
})

// the norm of a product, of which each part has to wait for sums of elements
type Parts = Readonly<Record<'g', Term<'element'>>> &
  Readonly<Record<'row', Term<'row'>>> &
  Readonly<Record<'column', Term<'column'>>> &
  Readonly<Record<'matrix', Term<'matrix'>>>

const normOf = (update: (parts: Parts) => Term<'element'>, over: 'leaf' | 'matrix' | 'row' | 'column') =>
  fromRule({
    axes: ({ shape: { length } }) => (length < 2 ? null : { rows: length - 2, columns: length - 1 }),
    slots: {},
    scalars: {},
    step: ({ g }) => {
      const row = sum(g, 'row')
      const parts = { g, row, column: sum(g, 'column'), matrix: mean(row, 'matrix') }
      return { update: norm(update(parts), over) }
    },
  })

/** The rule in plain numbers: of a stack of matrices, the norms of matrices, rows and columns. */
const byHand = (
  [, rows, columns]: readonly [number, number, number],
  g: Float64Array,
  update: (of: { g: number; row: number; column: number; matrix: number }) => number,
  over: 'leaf' | 'matrix' | 'row' | 'column',
): readonly number[] => {
  const indices = Array.from(g, (_, i) => ({
    s: Math.floor(i / rows / columns),
    i: Math.floor(i / columns) % rows,
    j: i % columns,
  }))
  const total = (where: (at: { s: number; i: number; j: number }) => boolean): number =>
    g.reduce((all, x, k) => (where(indices[k] ?? { s: -1, i: -1, j: -1 }) ? all + x : all), 0)
  const row = indices.map(({ s, i }) => total((at) => at.s === s && at.i === i))
  const column = indices.map(({ s, j }) => total((at) => at.s === s && at.j === j))
  const matrix = indices.map(({ s }) => total((at) => at.s === s) / rows)
  const u = Array.from(g, (x, k) =>
    update({ g: x, row: row[k] ?? 0, column: column[k] ?? 0, matrix: matrix[k] ?? 0 }),
  )
  return indices.map(({ s, i, j }) =>
    Math.sqrt(
      u.reduce((all, x, k) => {
        const at = indices[k] ?? { s: -1, i: -1, j: -1 }
        const isOf =
          over === 'leaf' || (at.s === s && (over === 'matrix' || (over === 'row' ? at.i === i : at.j === j)))
        return isOf ? all + x * x : all
      }, 0),
    ),
  )
}

const products: readonly (readonly [
  string,
  (parts: Parts) => Term<'element'>,
  (of: { g: number; row: number; column: number; matrix: number }) => number,
])[] = [
  ['g·r·c', ({ g, row, column }) => g.mul(row).mul(column), ({ g, row, column }) => g * row * column],
  ['g/c/r', ({ g, row, column }) => g.div(column).div(row), ({ g, row, column }) => g / column / row],
  [
    'g/√(r/m)/c',
    ({ g, row, column, matrix }) => g.mul(constant(1).div(row.div(matrix).sqrt())).div(column),
    ({ g, row, column, matrix }) => (g * (1 / Math.sqrt(row / matrix))) / column,
  ],
  [
    'c·√(2r·m)·g',
    ({ g, row, column, matrix }) => column.mul(row.mul(2).mul(matrix).sqrt()).mul(g),
    ({ g, row, column, matrix }) => column * Math.sqrt(row * 2 * matrix) * g,
  ],
  [
    'g·c/m + g/r',
    ({ g, row, column, matrix }) => g.mul(column).div(matrix).add(g.div(row)),
    ({ g, row, column, matrix }) => (g * column) / matrix + g / row,
  ],
]

describe.each(products)('the norm of %s is what it is by its elements', (_, update, inNumbers) => {
  test.each(['leaf', 'matrix', 'row', 'column'] as const)('over each %s', (over) => {
    const shapes = fc.tuple(
      fc.constantFrom(1, 2),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 5 }),
    )
    // of mixed signs, and zeros: so roots of less than zero, and quotients by zero, come up
    const elements = fc.constantFrom(-2, -1, 0, 1, 2, 3, Number.NaN, Number.POSITIVE_INFINITY)
    const signed = fc.oneof(
      fc.constant([elements]),
      fc.constant([fc.constantFrom(1, 2, 3)]),
      fc.constant([fc.constantFrom(-1, -2)]),
    )
    const cases = fc.tuple(shapes, signed).chain(([shape, [own = elements]]) =>
      fc.tuple(
        fc.constant(shape),
        fc.array(own, {
          minLength: shape[0] * shape[1] * shape[2],
          maxLength: shape[0] * shape[1] * shape[2],
        }),
      ),
    )
    const tx = normOf(update, over)
    fc.assert(
      fc.property(cases, ([shape, numbers]) => {
        const g = Float64Array.from(numbers)
        const [own] = tx.update(ndarray(g, shape), tx.init(ndarray(g, shape)))
        const expected = byHand(shape, g, inNumbers, over)
        if (!(own instanceof NdArray)) throw new Error('it has the shape of what was given')
        for (const [i, x] of own.data.entries()) {
          const y = expected[i] ?? Number.NaN
          if (Number.isFinite(y)) expect(Math.abs(x - y)).toBeLessThanOrEqual(1e-12 * y)
          // a factor without end times zero is none, which the norm of others besides it does not show
          else expect(Number.isNaN(y) ? Number.isFinite(x) : x !== y).toBe(false)
        }
      }),
      { seed: 5, numRuns: 200 },
    )
  })
})
