/** L-BFGS as one writes it for one case: no trees, no checks, state in the loop. */
import { far, rosenbrock } from './rosenbrock.js'

const dot = (x: Float64Array, y: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += (x[i] as number) * (y[i] as number)
  return sum
}

/** x + a·y */
const added = (x: Float64Array, a: number, y: Float64Array): Float64Array =>
  x.map((xi, i) => xi + a * (y[i] as number))

interface Pair {
  readonly s: Float64Array
  readonly y: Float64Array
  readonly rho: number
}

/** The two-loop recursion. */
const direction = (grads: Float64Array, pairs: readonly Pair[]): Float64Array => {
  let v = grads
  const alphas = new Map<Pair, number>()
  for (const pair of [...pairs].reverse()) {
    const alpha = pair.rho * dot(pair.s, v)
    alphas.set(pair, alpha)
    v = added(v, -alpha, pair.y)
  }
  const last = pairs.at(-1)
  const scale =
    last === undefined ? 1 / Math.max(1, Math.sqrt(dot(v, v))) : 1 / (last.rho * dot(last.y, last.y))
  v = v.map((x) => scale * x)
  for (const pair of pairs) v = added(v, (alphas.get(pair) ?? 0) - pair.rho * dot(pair.y, v), pair.s)
  return v
}

/** L-BFGS with ten pairs, and a search that halves the step until the loss is small enough. */
export const minimizedByHand = (): void => {
  let pairs: readonly Pair[] = []
  let x = far()
  let { value, grads } = rosenbrock(x)
  for (let i = 0; i < 500; i++) {
    if (Math.sqrt(dot(grads, grads)) < 1e-6) return
    const u = direction(grads, pairs)
    const slope = dot(u, grads)
    let [rate, after] = [1, x]
    let found = { value, grads }
    do {
      after = added(x, -rate, u)
      found = rosenbrock(after)
      rate /= 2
    } while (found.value > value - 2e-4 * rate * slope && rate > 1e-12)
    const [s, y] = [added(after, -1, x), added(found.grads, -1, grads)]
    const curvature = dot(s, y)
    if (curvature > 0) pairs = [...pairs.slice(-9), { s, y, rho: 1 / curvature }]
    x = after
    ;({ value, grads } = found)
  }
  throw new Error('no minimum in 500 iterations')
}
