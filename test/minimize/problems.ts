/** Classical problems of minimization, each with its gradient: what `test/goldens/minimize.py` gave to SciPy. */
import golden from '../goldens/minimize.json' with { type: 'json' }

const { t: times, y: heights, hours, passed } = golden.data

/** A function's value and gradient. */
export type Problem = (x: Float64Array) => { readonly value: number; readonly grads: Float64Array }

/** A residual and its gradient. */
type Residual = readonly [value: number, gradient: readonly number[]]

/** A sum of squares of residuals. */
const squares =
  (residuals: (x: readonly number[]) => readonly Residual[]): Problem =>
  (x) => {
    const all = residuals([...x])
    return {
      value: all.reduce((sum, [r]) => sum + r * r, 0),
      grads: x.map((_, i) => all.reduce((sum, [r, gradient]) => sum + 2 * r * (gradient[i] ?? 0), 0)),
    }
  }

/** A gradient that is zero but at some indices. */
const sparse = (n: number, ...entries: readonly (readonly [index: number, value: number])[]): number[] => {
  const row = new Array<number>(n).fill(0)
  for (const [index, value] of entries) row[index] = value
  return row
}

const rosenbrock = squares((x) =>
  x.slice(1).flatMap((next, i): readonly Residual[] => {
    const xi = x[i] ?? 0
    return [
      [10 * (next - xi ** 2), sparse(x.length, [i, -20 * xi], [i + 1, 10])],
      [1 - xi, sparse(x.length, [i, -1])],
    ]
  }),
)

const root = Math.sqrt

/** Each starts where SciPy did, and is found by the name of its case. */
export const problems: ReadonlyMap<string, Problem> = new Map([
  ['rosenbrock', rosenbrock],
  ['rosenbrock, 10 numbers', rosenbrock],
  [
    'beale',
    squares(([x = 0, y = 0]) =>
      [1.5, 2.25, 2.625].map(
        (c, i): Residual => [c - x * (1 - y ** (i + 1)), [y ** (i + 1) - 1, x * (i + 1) * y ** i]],
      ),
    ),
  ],
  [
    'booth',
    squares(([x = 0, y = 0]) => [
      [x + 2 * y - 7, [1, 2]],
      [2 * x + y - 5, [2, 1]],
    ]),
  ],
  [
    'himmelblau',
    squares(([x = 0, y = 0]) => [
      [x * x + y - 11, [2 * x, 1]],
      [x + y * y - 7, [1, 2 * y]],
    ]),
  ],
  [
    'powell singular',
    squares(([a = 0, b = 0, c = 0, d = 0]) => [
      [a + 10 * b, [1, 10]],
      [root(5) * (c - d), [0, 0, root(5), -root(5)]],
      [(b - 2 * c) ** 2, [0, 2 * (b - 2 * c), -4 * (b - 2 * c)]],
      [root(10) * (a - d) ** 2, [2 * root(10) * (a - d), 0, 0, -2 * root(10) * (a - d)]],
    ]),
  ],
  [
    'wood',
    squares(([a = 0, b = 0, c = 0, d = 0]) => [
      [10 * (b - a * a), [-20 * a, 10]],
      [1 - a, [-1]],
      [root(90) * (d - c * c), [0, 0, -2 * root(90) * c, root(90)]],
      [1 - c, [0, 0, -1]],
      [root(10) * (b + d - 2), [0, root(10), 0, root(10)]],
      [(b - d) / root(10), [0, 1 / root(10), 0, -1 / root(10)]],
    ]),
  ],
  [
    'helical valley',
    squares(([x = 0, y = 0, z = 0]) => {
      const [r, turn] = [Math.hypot(x, y), 2 * Math.PI]
      const theta = Math.atan(y / x) / turn + (x < 0 ? 0.5 : 0)
      return [
        [10 * (z - 10 * theta), [(100 * y) / (turn * r * r), (-100 * x) / (turn * r * r), 10]],
        [10 * (r - 1), [(10 * x) / r, (10 * y) / r]],
        [z, [0, 0, 1]],
      ]
    }),
  ],
  [
    'brown badly scaled',
    squares(([x = 0, y = 0]) => [
      [x - 1e6, [1]],
      [y - 2e-6, [0, 1]],
      [x * y - 2, [y, x]],
    ]),
  ],
  [
    'trigonometric',
    squares((x) => {
      const cosines = x.reduce((sum, xi) => sum + Math.cos(xi), 0)
      return x.map((xi, i) => {
        const gradient = x.map((xj) => Math.sin(xj))
        gradient[i] = (i + 2) * Math.sin(xi) - Math.cos(xi)
        return [x.length - cosines + (i + 1) * (1 - Math.cos(xi)) - Math.sin(xi), gradient]
      })
    }),
  ],
  [
    'variably dimensioned',
    squares((x) => {
      const weights = x.map((_, i) => i + 1)
      const weighted = x.reduce((sum, xi, i) => sum + (i + 1) * (xi - 1), 0)
      return [
        ...x.map((xi, i): Residual => [xi - 1, sparse(x.length, [i, 1])]),
        [weighted, weights],
        [weighted ** 2, weights.map((weight) => 2 * weighted * weight)],
      ]
    }),
  ],
  [
    'exponential fit',
    squares(([a = 0, b = 0]) =>
      times.map((t, i): Residual => {
        const decay = Math.exp(-b * t)
        return [a * decay - (heights[i] ?? 0), [decay, -a * t * decay]]
      }),
    ),
  ],
  [
    'logistic fit',
    ([a = 0, b = 0]) => {
      const sums = { value: 0, grads: new Float64Array(2) }
      for (const [i, hour] of hours.entries()) {
        const z = (a + b * hour) * (passed[i] === 1 ? -1 : 1)
        const slope = (passed[i] === 1 ? -1 : 1) / (1 + Math.exp(-z))
        sums.value += Math.log1p(Math.exp(z))
        sums.grads[0] = (sums.grads[0] ?? 0) + slope
        sums.grads[1] = (sums.grads[1] ?? 0) + slope * hour
      }
      return sums
    },
  ],
])
