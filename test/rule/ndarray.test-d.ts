import type * as tf from '@tensorflow/tfjs-core'
import { expectTypeOf, test } from 'vitest'
import { adam, globalNorm, type Leaf, type NdArray, ndarray, step, tree } from '../../src/index.js'

type P = { readonly w: NdArray<Float64Array>; readonly b: Float64Array; readonly k: number }
declare const params: P

test('an ndarray has the type of its array, and keeps it through steps and functions of trees', () => {
  expectTypeOf(ndarray(new Float32Array(2), [2]).data.BYTES_PER_ELEMENT).toEqualTypeOf<number>()
  expectTypeOf<NdArray<Float32Array>>().toExtend<Leaf>()
  expectTypeOf<NdArray<Float32Array>>().not.toExtend<NdArray<Float64Array>>()
  const tx = adam(0.1)
  const [next, state] = step(tx)(params, tx.init(params), params)
  expectTypeOf(next).toEqualTypeOf<P>()
  expectTypeOf(tx.update(params, state, params)[0]).toEqualTypeOf<P>()
  expectTypeOf(tree.add(params, params)).toEqualTypeOf<P>()
  expectTypeOf(globalNorm(params)).toEqualTypeOf<number>()
})

test('further axes leave ndarrays such', () => {
  const batched = tree.batchShape({} as { readonly w: NdArray; readonly t: tf.Tensor1D }, [2])
  expectTypeOf(batched.w).toEqualTypeOf<NdArray>()
  expectTypeOf(batched.t).toEqualTypeOf<tf.Tensor>()
})

test('a record of an array and a shape is none', () => {
  const plain = { data: new Float64Array(1), shape: [1] }
  // @ts-expect-error a branch with a list of numbers
  const leaf: Leaf = plain
  expectTypeOf(leaf).not.toBeAny()
  // @ts-expect-error integers are no parameters
  ndarray(new Int32Array(1), [1])
})
