/** The functions on which optimizers are run in the goldens, and their gradients by hand. */

/** A function of a vector. */
export interface Objective {
  readonly value: (x: Float64Array) => number
  readonly grad: (x: Float64Array) => Float64Array
}

const sum = (x: Float64Array, term: (xi: number, i: number) => number): number =>
  x.reduce((total, xi, i) => total + term(xi, i), 0)

/** By the names that the goldens give them. */
export const objectives: Readonly<Record<'bowl' | 'quadratic' | 'rosenbrock', Objective>> = {
  bowl: {
    value: (x) => sum(x, (xi, i) => (1 + i) * xi ** 2),
    grad: (x) => x.map((xi, i) => 2 * (1 + i) * xi),
  },
  quadratic: {
    value: (x) => sum(x, (xi, i) => ((2 + i) * xi ** 2) / 2 - xi * (x[i + 1] ?? 0) - (1 + i) * xi),
    grad: (x) => x.map((xi, i) => (2 + i) * xi - (x[i - 1] ?? 0) - (x[i + 1] ?? 0) - (1 + i)),
  },
  rosenbrock: {
    value: (x) =>
      sum(x, (xi, i) => {
        const after = x[i + 1]
        return after === undefined ? 0 : 100 * (after - xi ** 2) ** 2 + (1 - xi) ** 2
      }),
    grad: (x) =>
      x.map((xi, i) => {
        const [before, after] = [x[i - 1], x[i + 1]]
        const down = after === undefined ? 0 : -400 * xi * (after - xi ** 2) - 2 * (1 - xi)
        return down + (before === undefined ? 0 : 200 * (xi - before ** 2))
      }),
  },
}
