import type * as tf from '@tensorflow/tfjs-core'
import { expectTypeOf, test } from 'vitest'
import {
  adam,
  chain,
  type EmptyState,
  ema,
  globalNorm,
  type Params,
  perExampleLayerNormClip,
  type random,
  type ScalarTensor,
  trace,
  tree,
} from '../../src/index.js'

type P = { readonly w: tf.Tensor2D; readonly b: readonly tf.Tensor1D[] }
declare const params: P
declare const numbers: { readonly w: Float32Array; readonly b: readonly number[] }
declare const any: Params
declare const key: random.Key

test('functions of trees keep the type of the first one', () => {
  expectTypeOf(tree.add(params, params)).toEqualTypeOf<P>()
  expectTypeOf(tree.sub(1, 2)).toEqualTypeOf<number>()
  expectTypeOf(tree.scale(2, numbers)).toEqualTypeOf<typeof numbers>()
  expectTypeOf(tree.randomLike(key, params)).toEqualTypeOf<P>()
})

test('reductions are numbers of numbers and scalar tensors of tensors', () => {
  expectTypeOf(globalNorm(numbers)).toEqualTypeOf<number>()
  expectTypeOf(tree.norm(params)).toEqualTypeOf<tf.Scalar>()
  expectTypeOf(tree.vdot(numbers, numbers)).toEqualTypeOf<number>()
  expectTypeOf(tree.sum(any)).toEqualTypeOf<number | ScalarTensor>()
})

test('trees of other leaves have the same structure', () => {
  expectTypeOf(tree.splitKeyLike(key, params)).toEqualTypeOf<{
    readonly w: random.Key
    readonly b: readonly random.Key[]
  }>()
  const [, clipped] = perExampleLayerNormClip(params, { globalL2NormClip: 1 })
  expectTypeOf(clipped).toEqualTypeOf<{ readonly w: tf.Scalar; readonly b: readonly tf.Scalar[] }>()
})

test('what is found in a state has the type that stands under its name', () => {
  const tx = chain(trace(0.5), adam(0.1))
  const state = tx.init(params)
  expectTypeOf(tree.get(state, 'mu')).toEqualTypeOf<Params | undefined>()
  expectTypeOf(tree.get(state, 'trace', { defaultValue: 'none' })).toEqualTypeOf<Params | string>()
  expectTypeOf(tree.get(chain(ema(0.9)).init(params), 'count')).toEqualTypeOf<number | undefined>()
  expectTypeOf(tree.get(state, 'nobody')).toEqualTypeOf<unknown>()
  expectTypeOf(tree.set(state, { trace: params })).toEqualTypeOf<typeof state>()
  // @ts-expect-error a count is a number
  tree.set(ema(0.9).init(params), { count: 'seven' })
  expectTypeOf<tree.Found<EmptyState, 'count'>>().toEqualTypeOf<never>()
})

test('mapParams keeps the type of a state whose leaves stay leaves', () => {
  const tx = adam(0.1)
  const state = tx.init(params)
  expectTypeOf(tree.mapParams(tx, (leaf) => leaf, state, params)).toEqualTypeOf<typeof state>()
  expectTypeOf(tree.mapParams(tx, () => 'somewhere', state, params)).toEqualTypeOf<unknown>()
})
