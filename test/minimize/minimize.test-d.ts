/** What the types of minimize say: points and gradients alike, and optimizers that can be told all they need. */
import {
  adam,
  hutchinsonEstimatorDiagHessian,
  lbfgs,
  type MinimizeResult,
  minimize,
  scaleByBacktrackingLinesearch,
} from 'gradpipe'
import { expectTypeOf, test } from 'vitest'

test('points have the type of the start', () => {
  expectTypeOf(minimize((x) => x * x, 1)).toEqualTypeOf<MinimizeResult<number>>()
  expectTypeOf(minimize(([x, y]) => x * x + y, [1, 2]).x).toEqualTypeOf<[number, number]>()
  expectTypeOf(minimize(({ w }) => w[0] ?? 0, { w: new Float64Array(2), b: 1 }).x.b).toEqualTypeOf<number>()
  const squares = (x: Float64Array): number => x.reduce((sum, xi) => sum + xi * xi, 0)
  const twice = (x: Float64Array): Float64Array => x.map((xi) => 2 * xi)
  expectTypeOf(minimize(squares, Float64Array.of(1), { grad: twice }).x).toExtend<Float64Array>()
})

test('gradients have the type of points', () => {
  minimize(({ w }) => ({ value: w, grads: { w: 1 } }), { w: 1 })
  // @ts-expect-error another structure
  minimize(({ w }) => ({ value: w, grads: { v: 1 } }), { w: 1 })
  // @ts-expect-error another structure
  minimize(({ w }) => w, { w: 1 }, { grad: () => ({ v: 1 }) })
  // @ts-expect-error neither a value nor a value and its gradient
  minimize(() => 'x', 1)
})

test('optimizers are told of the objective', () => {
  minimize((x) => x, 1, { optimizer: adam(0.1) })
  minimize((x) => x, 1, { optimizer: lbfgs(1, { memorySize: 3 }) })
  minimize((x) => x, 1, { optimizer: scaleByBacktrackingLinesearch(5) })
  minimize((x) => x, 1, { callback: ({ value }) => [value].push(1) })
  // @ts-expect-error it needs the gradient at the parameters as a function, and draws
  minimize((x) => x, 1, { optimizer: hutchinsonEstimatorDiagHessian() })
})
