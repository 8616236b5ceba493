/** polarExpress: the polynomials that bring singular values to 1 fastest. */
import { options } from '../options.js'
import { checkRanges, positive, steps as wholeSteps } from '../range.js'
import type { Coefficients } from './matrices.js'

/**
 * Options of {@link polarExpress}.
 *
 * @category Rules
 */
export interface PolarExpressOptions {
  /** How many iterations, at least 1. Default 5. */
  readonly steps?: number
  /** The least singular value that is to come to 1, as a share of the norm, above 0. Default 1e-3. */
  readonly least?: number
}

/** The solution of linear equations, by elimination with the greatest pivot. */
const solved = (rows: readonly (readonly number[])[]): readonly number[] => {
  const a = rows.map((row) => [...row])
  const n = a.length
  const at = (i: number, j: number): number => a[i]?.[j] ?? Number.NaN
  for (let k = 0; k < n; k++) {
    let pivot = k
    for (let i = k + 1; i < n; i++) if (Math.abs(at(i, k)) > Math.abs(at(pivot, k))) pivot = i
    const [own, other] = [a[k] ?? [], a[pivot] ?? []]
    ;[a[k], a[pivot]] = [other, own]
    for (let i = 0; i < n; i++) {
      if (i === k) continue
      const factor = at(i, k) / at(k, k)
      a[i] = (a[i] ?? []).map((x, j) => x - factor * at(k, j))
    }
  }
  return a.map((_, i) => at(i, n) / at(i, i))
}

const valueAt = ([a, b, c]: Coefficients, x: number): number => a * x + b * x ** 3 + c * x ** 5

/**
 * The odd polynomial of degree 5 that is nearest to 1 between `low` and `high`: as far above 1 at the first of its
 * two turns as it is below at the second and at both ends. Remez's exchange of these four points.
 */
const nearestToOne = (low: number, high: number): Coefficients => {
  // where nothing is left to gain: the iteration whose error falls with the third power
  if (high - low < 1e-6 * high) return [15 / 8 / high, -10 / 8 / high ** 3, 3 / 8 / high ** 5]
  let [q, r] = [low + (high - low) / 4, low + (3 * (high - low)) / 4]
  let made: Coefficients = [0, 0, 0]
  let before = Number.POSITIVE_INFINITY
  for (let k = 0; k < 50; k++) {
    const [a = 0, b = 0, c = 0, error = 0] = solved(
      [low, q, r, high].map((x, i) => [x, x ** 3, x ** 5, i % 2 === 0 ? 1 : -1, 1]),
    )
    made = [a, b, c]
    // the turns: 5c x⁴ + 3b x² + a = 0
    const root = Math.sqrt(9 * b * b - 20 * a * c)
    const turns = [(-3 * b + root) / (10 * c), (-3 * b - root) / (10 * c)].map(Math.sqrt)
    if (!turns.every((x) => Number.isFinite(x)) || Math.abs(error - before) <= 1e-15) break
    ;[q, r] = [Math.min(...turns), Math.max(...turns)]
    before = error
  }
  return made
}

/**
 * Polar Express: for each iteration the odd polynomial of degree 5 that brings all singular values nearest to 1, given
 * where those before have brought them. From `least` on, the worst error falls fastest of all such iterations.
 *
 * With eight steps a singular value of 0.001 of the norm comes to within 0.001 of 1. Smaller ones come as far as they can.
 *
 * Throws `InvalidArgument` for an unknown option and one out of range.
 *
 * @category Rules
 * @see Amsel, Persson, Musco and Gower, The Polar Express, 2025
 * @example
 * ```ts
 * import { polarExpress } from 'gradpipe'
 *
 * const reached = polarExpress({ steps: 8 }).reduce((x, [a, b, c]) => a * x + b * x ** 3 + c * x ** 5, 0.001)
 * assert.ok(Math.abs(reached - 1) < 0.001)
 * ```
 */
export const polarExpress = (given?: PolarExpressOptions): readonly (readonly [number, number, number])[] => {
  const { steps, least } = options('polarExpress', { steps: 5, least: 1e-3 }, given)
  checkRanges('polarExpress', { steps, least }, { steps: wholeSteps, least: positive })
  // rounding may bring a singular value above the end
  const safety = 1.01
  let [low, high] = [Math.min(least, 1), 1]
  return Array.from({ length: steps }, (_, i): Coefficients => {
    const best = nearestToOne(low, high)
    ;[low, high] = [valueAt(best, low), 2 - valueAt(best, low)]
    const by = i === steps - 1 ? 1 : safety
    return [best[0] / by, best[1] / by ** 3, best[2] / by ** 5]
  })
}
