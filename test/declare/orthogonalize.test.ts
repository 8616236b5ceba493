/** Orthogonal factors as terms: what they are on arrays and on tensors. */
import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { passesBesideProducts } from '../../src/host/roundsOf.js'
import {
  addDecayedWeights,
  chain,
  dispose,
  fromRule,
  type GradientTransformation,
  latex,
  muonPolynomials,
  ndarray,
  type OrthogonalizeOptions,
  orthogonalize,
  type Params,
  polarExpress,
  scale,
  scaleByMuon,
} from '../../src/index.js'
import { stepOutputs } from '../../src/rule/rule.js'
import { withInterpreter } from '../../src/tfjs/index.js'
import { numbers, useBackend } from '../backends.js'
import { thrown } from '../thrown.js'
import {
  asTensor,
  drawn,
  greatest,
  type Matrix,
  manyShapes,
  orthogonalRows,
  product,
  transposed,
} from '../transform/matrices.js'

/** A matrix with these singular values. */
const withValues = (seed: number, values: readonly number[], n: number): Matrix => {
  const m = values.length
  const [u, v] = [orthogonalRows(drawn(seed, m, m)), orthogonalRows(drawn(seed + 1, m, n))]
  return product(
    ndarray(
      u.data.map((x, i) => x * (values[i % m] ?? 0)),
      [m, m],
    ),
    v,
  )
}

const factor = (options: OrthogonalizeOptions = {}): GradientTransformation =>
  fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: orthogonalize(g, options) }) })

const factorOf = (x: Matrix, options?: OrthogonalizeOptions): Matrix => factor(options).update(x, {})[0]

describe('Polar Express', () => {
  test.each([1e1, 1e2, 1e3, 1e4])(
    'brings singular values to within 0.99 … 1.01, of a condition number %d',
    (condition) => {
      const values = Array.from({ length: 12 }, (_, i) => condition ** (-i / 11))
      const x = withValues(3, values, 20)
      // the norm of all is some times the greatest
      const y = factorOf(x, { coefficients: polarExpress({ steps: 10, least: 1e-5 }), eps: 0 })
      // U and V are orthogonal: uᵢᵀ y vᵢ is the i-th singular value
      const [u, v] = [orthogonalRows(drawn(3, 12, 12)), orthogonalRows(drawn(4, 12, 20))]
      const reached = product(product(transposed(u), y), transposed(v))
      for (let i = 0; i < 12; i++) {
        expect(reached.data[i * 12 + i]).toBeGreaterThan(0.99)
        expect(reached.data[i * 12 + i]).toBeLessThan(1.01)
      }
    },
  )

  test('is as far from 1 at four points, and nowhere farther: no polynomial of degree 5 is nearer', () => {
    const [first, ...more] = polarExpress({ steps: 12 })
    const [a = 0, b = 0, c = 0] = first?.map((each, i) => each * 1.01 ** (2 * i + 1)) ?? []
    const errorAt = (x: number): number => 1 - (a * x + b * x ** 3 + c * x ** 5)
    const errors = Array.from({ length: 100_000 }, (_, i) => errorAt(1e-3 + (i * (1 - 1e-3)) / 99_999))
    const [low, high] = [Math.min(...errors), Math.max(...errors)]
    expect(errorAt(1e-3)).toBeCloseTo(high, 12)
    expect(errorAt(1)).toBeCloseTo(-high, 9)
    expect(low).toBeCloseTo(-high, 6)
    // above 1, below it, above it, below it
    const turns = errors.filter((e, i) => Math.sign(e) !== Math.sign(errors[i - 1] ?? e)).length
    expect(turns).toBe(3)
    expect(more.at(-1)?.map((c) => Math.round(c * 1e4) / 1e4)).toEqual([1.875, -1.25, 0.375])
    expect(thrown(() => polarExpress({ least: 0 })).path).toBe('polarExpress.least')
  })
})

describe('a factor', () => {
  const kinds: readonly (readonly [string, OrthogonalizeOptions])[] = [
    ['Muon’s', {}],
    ['Polar Express', { coefficients: polarExpress() }],
    ['by the Schatten norm', { preconditioning: 'schatten' }],
    ['by the spectral norm', { preconditioning: 'spectral' }],
  ]

  test.each(kinds)('%s turns with its matrix: Q·f(G) of Q·G, f(G)·R of G·R', (_, options) => {
    const g = drawn(1, 6, 9)
    const [q, r] = [orthogonalRows(drawn(7, 6, 6)), orthogonalRows(drawn(8, 9, 9))]
    const y = factorOf(g, options)
    expect(greatest(factorOf(product(q, g), options), product(q, y))).toBeLessThan(1e-12)
    expect(greatest(factorOf(product(g, r), options), product(y, r))).toBeLessThan(1e-12)
  })

  test.each(kinds)('%s of a transposed matrix is the transposed factor', (_, options) => {
    const g = drawn(2, 5, 8)
    expect(factorOf(transposed(g), options)).toEqual(transposed(factorOf(g, options)))
  })

  test('of matrices in a stack is that of each', () => {
    const all = drawn(5, 3, 4, 6)
    const each = [0, 1, 2].map((i) => ndarray(all.data.slice(24 * i, 24 * (i + 1)), [4, 6]))
    expect([...factorOf(all).data]).toEqual(each.flatMap((one) => [...factorOf(one).data]))
  })

  test('survives numbers whose squares do not', () => {
    const g = drawn(1, 3, 4)
    const y = factorOf(g, { eps: 0 })
    for (const power of [1e-200, 1e200])
      for (const preconditioning of ['frobenius', 'spectral', 'schatten', 'aol'] as const) {
        const expected = factorOf(g, { eps: 0, preconditioning })
        const scaled = ndarray(
          g.data.map((x) => x * power),
          [3, 4],
        )
        expect(greatest(factorOf(scaled, { eps: 0, preconditioning }), expected)).toBeLessThan(1e-12)
      }
    expect(y.data.every(Number.isFinite)).toBe(true)
    expect(factorOf(ndarray(new Float64Array(0), [0, 3]))).toEqual(ndarray(new Float64Array(0), [0, 3]))
  })

  test('of float32 is rounded once', () => {
    const g = drawn(1, 3, 4)
    const single = ndarray(Float32Array.from(g.data), [3, 4])
    const [y] = factor().update(single, {})
    const exact = factorOf(ndarray(Float64Array.from(single.data), [3, 4]))
    expect(y).toEqual(ndarray(Float32Array.from(exact.data), [3, 4]))
  })

  test.each<readonly [string, () => unknown, string]>([
    [
      'a vector',
      () => factor().update({ w: new Float64Array(3) } as Params, {}),
      'w: expected a matrix, or a stack of them, given rank 1',
    ],
    [
      'no list',
      () => factor({ coefficients: [] }),
      'orthogonalize.coefficients: expected three numbers for each iteration, given []',
    ],
    [
      'a negative eps',
      () => factor({ eps: -1 }),
      'orthogonalize.eps: expected a number of at least 0, given -1',
    ],
    [
      'another option',
      () => factor({ steps: 3 } as OrthogonalizeOptions),
      'orthogonalize.steps: expected one of coefficients, preconditioning, eps, given "steps"',
    ],
  ])('refuses %s', (_, call, message) => {
    expect(thrown(call).message).toBe(message)
  })

  test('is printed, and goes over memory twice with all that is around it', () => {
    const tx = chain(scaleByMuon(), addDecayedWeights(0.1), scale(-0.1))
    expect(latex(tx)).toContain('\\operatorname{orth}\\left(')
    const rule = tx.ruled?.begin().program.rule({ path: [], shape: [8, 8], dtype: 'float32' })
    if (rule === undefined) throw new Error('a chain of rules is one')
    expect(passesBesideProducts(stepOutputs(rule))).toBe(2)
    expect(muonPolynomials(2)).toHaveLength(2)
  })
})

/** The second polynomial is a cubic one, of a square whose own square is no number of the precision. */
const beyond = (size: number): OrthogonalizeOptions => ({
  coefficients: [
    [size, 0, 0],
    [1, size ** -2, 0],
  ],
  preconditioning: 'spectral',
  eps: 0,
})

describe('a cubic polynomial has no square of a square', () => {
  test('on arrays', () => {
    const q = orthogonalRows(drawn(1, 3, 5))
    const y = factorOf(q, beyond(1e80))
    expect(
      greatest(
        ndarray(
          y.data.map((each) => each / 2e80),
          [3, 5],
        ),
        q,
      ),
    ).toBeLessThan(1e-12)
  })

  test.each(['cpu', 'wasm'] as const)('on %s, by operations and by panels', async (backend) => {
    await useBackend(backend)
    const q = orthogonalRows(drawn(1, 9, 20))
    const g = asTensor(q)
    const before = tf.memory().numTensors
    const tx = factor(beyond(1e10))
    const own = tx.update(g, {})[0]
    const operations = withInterpreter('tensor', () => tx.update(g, {}))[0]
    for (const made of [own, operations] as tf.Tensor[]) {
      const off = numbers(made).map((each, i) => Math.abs(each / 2e10 - (q.data[i] ?? Number.NaN)))
      expect(off.every((each) => each < 1e-5)).toBe(true)
    }
    dispose(own, operations)
    expect(tf.memory().numTensors).toBe(before)
    dispose(g)
  })

  test('of operations, two products are left of three', async () => {
    await useBackend('cpu')
    const productsOf = async (last: number): Promise<number> => {
      const g = asTensor(drawn(1, 4, 6))
      const tx = factor({ coefficients: new Array(5).fill([1.5, -0.5, last]) })
      const { kernels } = await tf.profile(() => {
        dispose(withInterpreter('tensor', () => tx.update(g, {})))
        return []
      })
      dispose(g)
      return kernels.filter(({ name }) => name === 'BatchMatMul').length
    }
    expect(await productsOf(0.1)).toBe(15)
    expect(await productsOf(0)).toBe(10)
  })

  test('and what is no number stays none', () => {
    const g = drawn(1, 3, 5)
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const data = g.data.map((x, i) => (i === 0 ? wrong : x))
      const y = factorOf(ndarray(data, [3, 5]), { coefficients: [[1.5, -0.5, 0]] })
      expect(y.data.every(Number.isFinite)).toBe(false)
    }
  })
})

describe('on wasm', () => {
  beforeAll(() => useBackend('wasm'))

  test.each(['frobenius', 'spectral', 'aol', 'schatten'] as const)(
    'a factor of matrices of any size is that of arrays, by panels as by operations (%s)',
    (preconditioning) => {
      const coefficients = [...polarExpress({ steps: 4, least: 1e-2 }), [1.5, -0.5, 0]] as const
      const tx = factor({ preconditioning, coefficients, eps: 0 })
      const before = tf.memory().numTensors
      // sizes whose squares are no numbers of float32
      for (const [i, shape] of manyShapes.entries())
        for (const size of [1, 1e25, 1e-25]) {
          const x = drawn(i + 1, ...shape)
          const expected = numbers(tx.update(x, {})[0])
          const g = asTensor(
            ndarray(
              x.data.map((each) => each * size),
              x.shape,
            ),
          )
          const panels = tx.update(g, {})[0]
          const operations = withInterpreter('tensor', () => tx.update(g, {}))[0]
          for (const made of [panels, operations] as tf.Tensor[]) {
            expect(made.shape).toEqual(shape)
            // five products of matrices in float32
            const off = numbers(made).map((each, k) => Math.abs(each - (expected[k] ?? Number.NaN)))
            // five products of matrices in float32
            expect(off.every((each) => each < 2e-5)).toBe(true)
          }
          dispose(g, panels, operations)
        }
      expect(tf.memory().numTensors).toBe(before)
    },
  )

  test('what is no number in one matrix of a stack stays there', () => {
    const x = drawn(1, 2, 9, 12)
    const g = asTensor(
      ndarray(
        x.data.map((each, i) => (i === 5 ? Number.NaN : each)),
        x.shape,
      ),
    )
    const [y] = factor().update(g, {}) as [tf.Tensor, unknown]
    const made = numbers(y)
    expect(made.slice(0, 108).every(Number.isNaN)).toBe(true)
    const expected = numbers(factorOf(x)).slice(108)
    expect(made.slice(108).every((each, i) => Math.abs(each - (expected[i] ?? 0)) < 2e-5)).toBe(true)
    dispose(g, y)
  })
})
