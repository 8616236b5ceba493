import type * as tf from '@tensorflow/tfjs-core'
// `a.mul(b)` beside `tf.mul(a, b)`, as the union package brings it
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js'
import { expectTypeOf, test } from 'vitest'
import {
  adam,
  applyUpdates,
  chain,
  type EmptyState,
  fromRule,
  type GradientTransformation,
  injectHyperparams,
  masked,
  type Params,
  partition,
  type ScaleByAdamState,
  scale,
  scaleByAdam,
  sgd,
  step,
  type TraceState,
  trace,
  updateAsync,
} from '../../src/index.js'
import { valueAndGrad } from '../../src/tfjs/index.js'

type P = { readonly w: tf.Tensor2D; readonly b: readonly tf.Tensor1D[]; readonly none: null }
declare const params: P

test('update, applyUpdates and step keep the type of the tree', () => {
  const tx = adam(0.1)
  const [updates, state] = tx.update(params, tx.init(params), params)
  expectTypeOf(updates).toEqualTypeOf<P>()
  expectTypeOf(state[0]).toEqualTypeOf<ScaleByAdamState>()
  expectTypeOf(applyUpdates(params, updates)).toEqualTypeOf<P>()
  expectTypeOf(step(tx)(params, state, updates)[0]).toEqualTypeOf<P>()
})

test('a number stays a number, not its literal', () => {
  const tx = sgd(0.1)
  expectTypeOf(tx.update(1, tx.init(0))[0]).toEqualTypeOf<number>()
  expectTypeOf(step(tx)(1, tx.init(0), 2)[0]).toEqualTypeOf<number>()
  expectTypeOf(applyUpdates({ w: 1 }, { w: 2 })).toEqualTypeOf<{ w: number }>()
})

test('generic code over parameters compiles', () => {
  const train = <T extends Params, S>(tx: GradientTransformation<S>, p: T, gradient: (p: T) => T): T => {
    let now = p
    let state = tx.init(p)
    for (let i = 0; i < 3; i++) [now, state] = step(tx)<T>(now, state, gradient(now))
    return now
  }
  expectTypeOf(train(sgd(1), params, (p) => p)).toEqualTypeOf<P>()
})

test('the state of a chain is the tuple of its members states', () => {
  const tx = chain(trace(0.9), scaleByAdam(), chain(scale(1)))
  expectTypeOf(tx).toEqualTypeOf<
    GradientTransformation<readonly [TraceState, ScaleByAdamState, readonly [EmptyState]]>
  >()
  // @ts-expect-error the state of another transformation
  tx.update(1, trace(0.9).init(1))
})

test('wrappers name the states of what they wrap', () => {
  expectTypeOf(masked(trace(0.9), true).init(1).innerState.trace).toEqualTypeOf<Params>()
  const parts = partition({ a: trace(0.9), b: scaleByAdam() }, () => 'a')
  expectTypeOf(parts.init(1).innerStates.b.innerState.nu).toEqualTypeOf<Params>()
  const injected = injectHyperparams((h: { lr: number }) => adam(h.lr))({ lr: (count) => 1 / (1 + count) })
  expectTypeOf(injected.init(1).hyperparams.lr).toEqualTypeOf<number>()
  // @ts-expect-error an unknown hyperparameter
  injectHyperparams((h: { lr: number }) => adam(h.lr))({ rate: 1 })
})

test('options are checked', () => {
  // @ts-expect-error no such option
  adam(0.1, { beta1: 0.9 })
  // @ts-expect-error not a number
  adam('0.1')
})

test('gradients have the type of the parameters', () => {
  const lossOf = (p: P, _x: tf.Tensor2D): tf.Scalar => p.w.sum()
  const { grads, value } = valueAndGrad(lossOf)(params, params.w)
  expectTypeOf(grads).toEqualTypeOf<P>()
  expectTypeOf(value).toEqualTypeOf<tf.Scalar>()
  const withAux = valueAndGrad((p: P) => [p.w.sum(), { seen: 3 }] as const, { hasAux: true })(params)
  expectTypeOf(withAux.aux).toEqualTypeOf<{ readonly seen: 3 }>()
  // @ts-expect-error a missing argument of the loss
  valueAndGrad(lossOf)(params)
})

test('extra arguments that a member needs are asked for, by every combinator', () => {
  const byValue = fromRule({
    slots: {},
    scalars: {},
    extraArgs: ['value'],
    step: ({ g, value }) => ({ update: g.mul(value) }),
  })
  const tx = masked(
    chain(
      adam(0.1),
      partition({ a: byValue }, () => 'a'),
    ),
    () => true,
  )
  const state = tx.init(params)
  expectTypeOf(tx.update(params, state, params, { value: 1, other: true })[0]).toEqualTypeOf<P>()
  expectTypeOf(step(tx)(params, state, params, { value: 1 })[0]).toEqualTypeOf<P>()
  // @ts-expect-error the value is missing
  tx.update(params, state, params)
  // @ts-expect-error the value is missing
  step(tx)(params, state, params)
  // @ts-expect-error the value is missing
  updateAsync(tx)(params, state, params, { other: true })
  // @ts-expect-error a value is a number or a tensor
  tx.update(params, state, params, { value: '1' })
  // @ts-expect-error it cannot stand where no extra argument is given
  const plain: GradientTransformation = tx
  const open: GradientTransformation<unknown, { readonly value: number }> = adam(0.1)
  expectTypeOf(plain).toEqualTypeOf<GradientTransformation>()
  expectTypeOf(open.init).toBeFunction()
})
