/** Walks with line searches over functions of typed arrays. */
import type { GradientTransformation, ValueAndGradFnArgs } from '../../src/index.js'
import { applyUpdates } from '../../src/index.js'

/** A function and its gradient. */
export interface Objective {
  readonly value: (x: Float64Array) => number
  readonly grad: (x: Float64Array) => Float64Array
}

/** The inner product. */
export const dot = (x: Float64Array, y: Float64Array): number =>
  x.reduce((sum, xi, i) => sum + xi * (y[i] ?? Number.NaN), 0)

/** $\frac12 x^\top A x - b^\top x$, $A = M M^\top + I$. */
export const quadratic = (rows: readonly (readonly number[])[], b: Float64Array): Objective => {
  const m = rows.map((row) => Float64Array.from(row))
  const times = (x: Float64Array): Float64Array => {
    const down = b.map((_, j) => m.reduce((sum, row, i) => sum + (row[j] ?? 0) * (x[i] ?? 0), 0))
    return x.map((xi, i) => xi + dot(m[i] ?? x, down))
  }
  return {
    value: (x) => dot(x, times(x)) / 2 - dot(b, x),
    grad: (x) => times(x).map((ax, i) => ax - (b[i] ?? 0)),
  }
}

/** A curved valley. */
export const rosenbrock: Objective = {
  value: ([x = 0, y = 0]) => 100 * (y - x * x) ** 2 + (1 - x) ** 2,
  grad: ([x = 0, y = 0]) => Float64Array.of(-400 * x * (y - x * x) - 2 * (1 - x), 200 * (y - x * x)),
}

/** A point of a walk: where it stood, where it went, and the state after that. */
export interface Stage<S> {
  readonly x: Float64Array
  readonly updates: Float64Array
  readonly state: S
}

/** The first steps of a walk. */
export const walk = <S>(
  tx: GradientTransformation<S, ValueAndGradFnArgs>,
  { value, grad }: Objective,
  start: Float64Array,
  steps: number,
): readonly Stage<S>[] => {
  const stages: Stage<S>[] = []
  let [x, state] = [start, tx.init(start)]
  const valueAndGradFn = (at: Float64Array) => ({ value: value(at), grads: grad(at) })
  for (let i = 0; i < steps; i++) {
    const gradient = grad(x)
    const given = { value: value(x), grad: gradient, valueFn: value, valueAndGradFn }
    const [updates, next] = tx.update(gradient, state, x, given)
    stages.push({ x, updates, state: next })
    x = applyUpdates(x, updates)
    state = next
  }
  return stages
}
