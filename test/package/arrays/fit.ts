/** A user's program on numbers and arrays, without TensorFlow.js: fits a line with Adam, and a valley with L-BFGS. */
import { adam, applyUpdates, GradpipeError, lbfgs, step, tree, valueAndGradFromState } from 'gradpipe'

type Line = { readonly w: Float64Array; readonly b: number }

const xs = Float32Array.of(0, 1, 2, 3)

/** The gradient of the mean squared distance to `2 x + 1`. */
const slope = ({ w: [w = Number.NaN], b }: Line): Line => {
  const errors = Array.from(xs, (x) => w * x + b - (2 * x + 1))
  const mean = (terms: readonly number[]): number => (2 * terms.reduce((a, c) => a + c)) / xs.length
  return { w: Float64Array.of(mean(errors.map((e, i) => e * (xs[i] ?? 0)))), b: mean(errors) }
}

const fitted = (): Line => {
  const tx = adam(0.1)
  const next = step(tx)
  let line: Line = { w: Float64Array.of(0), b: 0 }
  let state = tx.init(line)
  for (let i = 0; i < 300; i++) [line, state] = next(line, state, slope(line))
  return line
}

/** Rosenbrock's valley, whose minimum is at 1. */
const valley = (x: Float64Array): { readonly value: number; readonly grads: Float64Array } => {
  const [a = Number.NaN, b = Number.NaN] = x
  const off = b - a * a
  return {
    value: (1 - a) ** 2 + 100 * off ** 2,
    grads: Float64Array.of(2 * (a - 1) - 400 * a * off, 200 * off),
  }
}

const lowest = (): Float64Array => {
  const tx = lbfgs()
  const valueAndGrad = valueAndGradFromState(valley)
  let x = Float64Array.of(-1, 1.5)
  let state = tx.init(x)
  for (let i = 0; i < 40; i++) {
    const { value, grads } = valueAndGrad(x, state)
    const [updates, next] = tx.update(grads, state, x, { value, grad: grads, valueAndGradFn: valley })
    x = applyUpdates(x, updates)
    state = next
  }
  return x
}

/** What a tensor looks like from outside. */
class Tensor {
  readonly shape = [2]
  readonly dtype = 'float32'
  readonly isDisposed = false
}

/** What gradpipe says of a tensor that nobody has told it of. */
const refused = (): string => {
  try {
    adam(0.1).init({ w: new Tensor() })
    return 'nothing'
  } catch (error) {
    return error instanceof GradpipeError ? error.message : `another error: ${error}`
  }
}

const { w, b } = fitted()
console.log(
  JSON.stringify({
    line: [...w, b],
    lowest: [...lowest()],
    refused: refused(),
    leaves: tree.leaves({ w, b }).length,
  }),
)
