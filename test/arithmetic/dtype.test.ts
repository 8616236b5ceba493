import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { dispose, tree } from '../../src/index.js'
import { backends, numbers, tensorsLeft, useBackend } from '../backends.js'
import { thrown } from '../thrown.js'

describe('a dtype', () => {
  const mixed = { a: [Float32Array.of(1), 2], b: null }

  it('of a tree is that of all its leaves, or told by a handler', () => {
    expect(tree.dtype({ a: 1, b: [Float64Array.of(2)] })).toBe('float64')
    expect(tree.dtype([null, {}])).toBe('float32')
    expect(tree.dtype(mixed, { mixedDtypeHandler: 'lowest' })).toBe('float32')
    expect(tree.dtype(mixed, { mixedDtypeHandler: 'highest' })).toBe('float64')
    expect(tree.dtype(mixed, { mixedDtypeHandler: 'promote' })).toBe('float64')
    expect(thrown(() => tree.dtype(mixed))).toMatchObject({
      _tag: 'DtypeMismatch',
      path: 'tree.a.1',
      expected: 'float32',
      given: 'float64',
    })
    const none: unknown = { mixedDtypeHandler: 'any' }
    expect(thrown(() => tree.dtype(mixed, none as object))).toMatchObject({ _tag: 'InvalidArgument' })
  })

  it('is cast leaf by leaf, into memory of its own', () => {
    expect(tree.cast(mixed, 'float64')).toEqual({ a: [Float64Array.of(1), 2], b: null })
    expect(tree.cast([0.1, Float64Array.of(0.1)], 'float32')).toEqual([
      Math.fround(0.1),
      Float32Array.of(0.1),
    ])
    const same = tree.cast(mixed, 'float32').a[0]
    expect(same).not.toBe(mixed.a[0])
    expect(thrown(() => tree.cast(mixed, 'int32'))).toMatchObject({
      _tag: 'DtypeMismatch',
      path: 'tree.a.0',
    })
  })

  it('is cast to that of another tree', () => {
    expect(
      tree.castLike({ w: Float32Array.of(1), n: null, k: 0.1 }, { k: Float32Array.of(3, 4), w: 2, n: null }),
    ).toEqual({ w: Float64Array.of(1), n: null, k: Math.fround(0.1) })
    expect(tree.castLike({ w: 1 }, { w: null })).toEqual({ w: 1 })
    expect(thrown(() => tree.castLike([1], [1, 2]))).toMatchObject({ _tag: 'TreeMismatch', path: 'other' })
  })
})

describe('closeness', () => {
  it('is measured by the second tree, with both tolerances', () => {
    const at = (a: number, b: number): boolean => tree.allclose([0, a], [0, b], { rtol: 0.5, atol: 1 })
    expect([at(3, 4), at(7, 4), at(7.1, 4), at(-3, 4), at(4, 7.1)]).toEqual([true, true, false, false, true])
  })

  it('knows infinities and NaN', () => {
    const [infinity, nan] = [Number.POSITIVE_INFINITY, Number.NaN]
    expect(tree.allclose(infinity, infinity)).toBe(true)
    expect(tree.allclose(infinity, -infinity)).toBe(false)
    expect(tree.allclose(1, infinity)).toBe(false)
    expect(tree.allclose(infinity, 1)).toBe(false)
    expect(tree.allclose([nan], [nan])).toBe(false)
    expect(tree.allclose([nan], [nan], { equalNan: true })).toBe(true)
    expect(tree.allclose([nan, nan], [nan, 1], { equalNan: true })).toBe(false)
    expect(tree.allclose([1, nan], [nan, nan], { equalNan: true })).toBe(false)
    expect(tree.allclose({}, {})).toBe(true)
  })
})

describe.each(backends)('with tensors on %s', (backend) => {
  beforeAll(() => useBackend(backend))

  it('trees are cast and compared, and nothing is left', () => {
    const [x, whole] = [tf.tensor1d([1, 0, 2]), tf.tensor1d([1, 0, 2], 'int32')]
    const left = tensorsLeft(() => {
      const cast = [tree.cast(x, 'int32'), tree.cast(x, 'bool'), tree.cast(x, 'float32')]
      expect(cast.map((leaf) => tree.dtype(leaf))).toEqual(['int32', 'bool', 'float32'])
      expect(cast.map(numbers)).toEqual([
        [1, 0, 2],
        [1, 0, 1],
        [1, 0, 2],
      ])
      expect(cast[2]).not.toBe(x)
      const like = tree.castLike({ w: whole }, { w: x })
      expect(tree.allclose(like, { w: x })).toBe(true)
      expect(tree.allclose(x, cast[2] ?? x, { rtol: 0 })).toBe(true)
      dispose(cast, like)
      expect(thrown(() => tree.cast([x, whole], 'float64'))).toMatchObject({ path: 'tree.0' })
      expect(tree.dtype([x, whole], { mixedDtypeHandler: 'lowest' })).toBe('int32')
    })
    expect(left).toBe(0)
    dispose(x, whole)
  })

  it('are repeated along new axes', () => {
    const x = tf.tensor2d([[1, 2]])
    const left = tensorsLeft(() => {
      const [batched, same, none] = [
        tree.batchShape({ x }, [2, 1]),
        tree.batchShape(x, []),
        tree.batchShape(x, [0]),
      ]
      expect(batched.x.shape).toEqual([2, 1, 1, 2])
      expect(numbers(batched.x)).toEqual([1, 2, 1, 2])
      expect(same.shape).toEqual([1, 2])
      expect(none.shape).toEqual([0, 1, 2])
      dispose(batched, same, none)
      expect(thrown(() => tree.batchShape({ x, y: 1 }, [2]))).toMatchObject({ path: 'tree.y' })
      expect(thrown(() => tree.batchShape(x, [0.5]))).toMatchObject({ _tag: 'InvalidArgument' })
    })
    expect(left).toBe(0)
    dispose(x)
  })
})
