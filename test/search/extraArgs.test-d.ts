import type * as tf from '@tensorflow/tfjs-core'
import { expectTypeOf, test } from 'vitest'
import {
  chain,
  lbfgs,
  type Params,
  scaleByBacktrackingLinesearch,
  scaleByZoomLinesearch,
  sgd,
  valueAndGradFromState,
} from '../../src/index.js'
import { valueAndGrad } from '../../src/tfjs/index.js'

declare const x: tf.Tensor1D
declare const loss: (x: tf.Tensor1D) => tf.Scalar

const both = valueAndGrad(loss)
const start = { value: 1, grad: x }

test('a line search asks for the function that it calls', () => {
  const tx = lbfgs()
  const state = tx.init(x)
  expectTypeOf(tx.update(x, state, x, { ...start, valueAndGradFn: both })[0]).toEqualTypeOf<tf.Tensor1D>()
  expectTypeOf(state[2].grad).toEqualTypeOf<Params>()
  // @ts-expect-error the loss alone has no slope
  tx.update(x, state, x, { ...start, valueFn: loss })
  // @ts-expect-error where does it start?
  tx.update(x, state, x, { valueAndGradFn: both })
})

test('backtracking takes the loss, or both; it needs both where it stores the gradient', () => {
  const tx = chain(sgd(1), scaleByBacktrackingLinesearch(10))
  tx.update(x, tx.init(x), x, { ...start, valueFn: loss })
  tx.update(x, tx.init(x), x, { ...start, valueAndGradFn: both })
  tx.update(x, tx.init(x), x, { ...start, valueFn: async (at: tf.Tensor1D) => loss(at) })
  // @ts-expect-error neither
  tx.update(x, tx.init(x), x, start)
  const storing = scaleByBacktrackingLinesearch(10, { storeGrad: true })
  storing.update(x, storing.init(x), x, { ...start, valueFn: loss, valueAndGradFn: both })
  // @ts-expect-error no gradient to store
  storing.update(x, storing.init(x), x, { ...start, valueFn: loss })
})

test('L-BFGS asks for what its line search asks for', () => {
  const without = lbfgs(0.1, { linesearch: null })
  without.update(x, without.init(x), x)
  const backtracking = lbfgs(undefined, { linesearch: scaleByBacktrackingLinesearch(10) })
  backtracking.update(x, backtracking.init(x), x, { ...start, valueFn: loss })
  expectTypeOf(backtracking.init(x)[2].info.decreaseError).toEqualTypeOf<number>()
  // @ts-expect-error nothing is given
  backtracking.update(x, backtracking.init(x), x, {})
})

test('what was in the state comes with the type of the parameters', () => {
  const found = valueAndGradFromState(both)(x, scaleByZoomLinesearch(5).init(x))
  expectTypeOf(found.grads).toEqualTypeOf<tf.Tensor1D>()
  expectTypeOf(found.value).toEqualTypeOf<number | tf.Scalar>()
})
