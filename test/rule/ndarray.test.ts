/** Arrays with a shape: what is one, and that whatever takes a leaf takes it. */
import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { stateTree } from '../../laws/follow.js'
import { decode, encode } from '../../src/checkpoint/index.js'
import {
  adam,
  adamw,
  applyUpdates,
  dispose,
  flatten,
  type GradientTransformation,
  globalNorm,
  injectHyperparams,
  type Leaf,
  masked,
  minimize,
  NdArray,
  ndarray,
  type Params,
  projections,
  random,
  scaleByNovograd,
  sgd,
  step,
  tree,
} from '../../src/index.js'
import { carryOver } from '../../src/tfjs/optimizer/carryOver.js'
import { fromWeights, toWeights } from '../../src/tfjs/optimizer/stateWeights.js'
import { useBackend } from '../backends.js'
import { thrown } from '../thrown.js'

const matrix = (...data: readonly number[]): NdArray<Float64Array> =>
  ndarray(Float64Array.from(data), [2, data.length / 2])

const single = (...data: readonly number[]): NdArray<Float32Array> =>
  ndarray(Float32Array.from(data), [2, data.length / 2])

describe('an ndarray', () => {
  test('is frozen, with a shape of its own, and holds the array that it is given', () => {
    const data = Float64Array.of(1, 2, 3, 4)
    const shape = [2, 2]
    const made = ndarray(data, shape)
    shape[0] = 4
    expect(made.data).toBe(data)
    expect(made.shape).toEqual([2, 2])
    expect([Object.isFrozen(made), Object.isFrozen(made.shape)]).toEqual([true, true])
    expect([made.dtype, single(1, 2).dtype]).toEqual(['float64', 'float32'])
    expect(made).toBeInstanceOf(NdArray)
    expect(ndarray(new Float32Array(0), [3, 0]).shape).toEqual([3, 0])
  })

  test.each<readonly [string, unknown, unknown, string]>([
    [
      'a shape of too many',
      new Float64Array(6),
      [2, 4],
      'ShapeMismatch ndarray.shape: expected lengths whose product is 6, as many as there are numbers, given [2, 4]',
    ],
    [
      'a shape without axes',
      new Float64Array(1),
      [],
      'ShapeMismatch ndarray.shape: expected a list of at least one length; a leaf without axes is a number, given an array',
    ],
    [
      'no shape',
      new Float64Array(1),
      undefined,
      'ShapeMismatch ndarray.shape: expected a list of at least one length; a leaf without axes is a number, given undefined',
    ],
    [
      'a length that is none',
      new Float64Array(2),
      [2, 0.5],
      'ShapeMismatch ndarray.shape.1: expected a whole number, 0 or more, given 0.5',
    ],
    [
      'a length below zero',
      new Float64Array(2),
      [-1, -2],
      'ShapeMismatch ndarray.shape.0: expected a whole number, 0 or more, given -1',
    ],
    [
      'integers',
      new Int32Array(2),
      [2],
      'InvalidLeaf ndarray.data: expected a Float64Array or a Float32Array, given an Int32Array',
    ],
    [
      'a list',
      [1, 2],
      [2],
      'InvalidLeaf ndarray.data: expected a Float64Array or a Float32Array, given an array',
    ],
  ])('is not made of %s', (_, data, shape, message) => {
    // as plain JavaScript may
    const error = thrown(() => ndarray(data as Float64Array, shape as readonly number[]))
    expect(`${error._tag} ${error.message}`).toBe(message)
  })

  test('is one leaf, at which no tree goes on', () => {
    const w = matrix(1, 2, 3, 4)
    const [leaves, structure] = tree.flatten<Leaf>({ w, b: [1, null] })
    expect(leaves).toEqual([1, w])
    expect(tree.unflatten(structure, leaves)).toEqual({ w, b: [1, null] })
    expect(tree.map((leaf: unknown) => leaf === w)({ w })).toEqual({ w: true })
    expect(tree.size({ w, b: 1 })).toBe(5)
    // freeing passes it by
    dispose({ w })
    expect(w.data).toHaveLength(4)
  })
})

describe('a step', () => {
  const params = { w: matrix(1, 2, 3, 4, 5, 6), s: single(1, 2), f: Float64Array.of(1, 2), b: 3 }
  const grads = { w: matrix(1, -1, 1, -1, 1, -1), s: single(3, 4), f: Float64Array.of(1, 2), b: 1 }

  test('is that of the flat array, with the shape, in memory of its own', () => {
    const all: readonly GradientTransformation[] = [
      adamw(0.1),
      scaleByNovograd(),
      sgd(0.1, { momentum: 0.9 }),
    ]
    for (const tx of all) {
      const [shaped, state] = step(tx)(params.w, tx.init(params.w), grads.w)
      const [flat, flatState] = step(tx)(params.w.data, tx.init(params.w.data), grads.w.data)
      expect(shaped).toEqual(ndarray(flat, [2, 3]))
      expect(shaped.data).not.toBe(params.w.data)
      expect(tree.leaves(stateTree(state)).length).toBe(tree.leaves(stateTree(flatState)).length)
    }
    const [updates] = adam(0.1).update(grads, adam(0.1).init(params))
    expect(applyUpdates(params, updates).s.dtype).toBe('float32')
  })

  test('finds its layout again for the same shape, and no other', () => {
    const tx = masked(sgd(1), ({ shape }) => shape.length === 2)
    const stepped = (leaf: Params): Params => step(tx)<Params>(leaf, tx.init(leaf), leaf)[0]
    const flat = Float64Array.of(1, 2, 3, 4)
    // what the mask leaves out is added as it is
    const twice = flat.map((x) => 2 * x)
    for (let i = 0; i < 2; i++) {
      expect(stepped(ndarray(flat, [4, 1]))).toEqual(ndarray(new Float64Array(4), [4, 1]))
      expect(stepped(flat)).toEqual(twice)
      expect(stepped(ndarray(flat, [4]))).toEqual(ndarray(twice, [4]))
      expect(stepped(ndarray(flat, [2, 2]))).toEqual(ndarray(new Float64Array(4), [2, 2]))
    }
  })

  test.each<readonly [string, Params, Params, string]>([
    [
      'another shape',
      { w: matrix(1, 2, 3, 4) },
      { w: ndarray(new Float64Array(4), [4, 1]) },
      'ShapeMismatch grads.w: expected float64 [2, 2], given float64 [4, 1]',
    ],
    [
      'a flat array',
      { w: ndarray(new Float64Array(4), [4]) },
      { w: new Float64Array(4) },
      'DtypeMismatch grads.w: expected an ndarray of float64 [4], given a Float64Array',
    ],
    [
      'a shape where there is none',
      { w: new Float64Array(4) },
      { w: ndarray(new Float64Array(4), [4]) },
      'DtypeMismatch grads.w: expected a Float64Array, given an ndarray of float64 [4]',
    ],
    [
      'another precision',
      { w: matrix(1, 2) },
      { w: single(1, 2) },
      'DtypeMismatch grads.w: expected an ndarray of float64 [2, 1], given an ndarray of float32 [2, 1]',
    ],
  ])('refuses %s for a gradient', (_, at, gradient, message) => {
    const tx = sgd(0.1)
    const error = thrown(() => step(tx)<Params>(at, tx.init(at), gradient))
    expect(`${error._tag} ${error.message}`).toBe(message)
  })

  test('that is given large ones takes their memory, and leaves them empty', () => {
    const large = (): NdArray<Float64Array> =>
      ndarray(
        Float64Array.from({ length: 6000 }, (_, i) => i),
        [60, 100],
      )
    const tx = adam(0.1)
    const [given, gradient] = [large(), large()]
    const state = tx.init(given)
    const { buffer } = given.data
    const [expected] = step(tx)(given, state, gradient)
    const [moved, after] = step(tx, { donate: true })(given, state, gradient)
    expect(moved).toEqual(expected)
    expect([given.data.length, buffer.byteLength, gradient.data.length]).toEqual([0, 0, 6000])
    expect(thrown(() => step(tx)(given, after, gradient))).toMatchObject({
      _tag: 'Disposed',
      path: 'params',
    })
    expect(thrown(() => ndarray(given.data, [0])).path).toBe('ndarray.data')
    expect(thrown(() => encode({ w: given }))).toMatchObject({ _tag: 'Disposed', path: 'tree.w' })
    // two leaves on one buffer are copied
    const shared = large()
    const twice = { a: shared, b: ndarray(shared.data, [6000]) }
    const grads = { a: large(), b: ndarray(large().data, [6000]) }
    const plain = sgd(0.5)
    expect(step(plain, { donate: true })(twice, plain.init(twice), grads)).toEqual(
      step(plain)(twice, plain.init(twice), grads),
    )
    expect(shared.data).toHaveLength(6000)
  })

  test('through flatten and injectHyperparams gives shapes back', () => {
    const tx = flatten(
      injectHyperparams((h: { readonly learningRate: number }) => adam(h.learningRate))({
        learningRate: 0.1,
      }),
    )
    const at = { w: matrix(1, 2), b: 1 }
    const [updates] = tx.update({ w: matrix(3, 4), b: 2 }, tx.init(at), at)
    expect(updates.w.shape).toEqual([2, 1])
    expect(thrown(() => tx.init({ w: matrix(1, 2), s: single(1, 2) }))._tag).toBe('DtypeMismatch')
  })
})

describe('functions of trees', () => {
  const x = { w: matrix(3, 0, 0, 4), b: 0 }

  test('take it: sums, norms, casts, random numbers, projections', () => {
    expect(globalNorm(x)).toBe(5)
    expect(tree.add(x, x)).toEqual({ w: matrix(6, 0, 0, 8), b: 0 })
    expect(tree.allclose(x, tree.scale(1, x))).toBe(true)
    expect(tree.cast(x.w, 'float32')).toEqual(single(3, 0, 0, 4))
    expect(tree.cast(single(3, 0), 'float64')).toEqual(matrix(3, 0))
    expect(thrown(() => tree.cast({ w: x.w }, 'int32')).path).toBe('tree.w')
    expect(tree.dtype(x)).toBe('float64')
    expect(tree.zerosLike(x)).toEqual({ w: matrix(0, 0, 0, 0), b: 0 })
    const drawn = tree.randomLike(random.key(0), { w: x.w })
    expect(drawn.w).toEqual(ndarray(tree.randomLike(random.key(0), { w: new Float64Array(4) }).w, [2, 2]))
    expect(projections.projectionSimplex({ w: matrix(0.5, 1), b: -2 })).toEqual({
      w: matrix(0.25, 0.75),
      b: 0,
    })
    expect(tree.batchShape({ w: single(1, 2) }, [2]).w).toEqual(
      ndarray(Float32Array.of(1, 2, 1, 2), [2, 2, 1]),
    )
    expect(thrown(() => tree.batchShape({ w: Float32Array.of(1) }, [2]))).toMatchObject({
      path: 'tree.w',
      expected: 'a tensor or an ndarray',
    })
  })

  test('minimize finds a matrix', () => {
    const result = minimize(
      ({ a }: { readonly a: NdArray<Float64Array> }) =>
        a.data.reduce((sum, each, i) => sum + (each - i) ** 2, 0),
      { a: matrix(9, 9, 9, 9) },
    )
    expect(result.x.a.shape).toEqual([2, 2])
    for (const [i, each] of result.x.a.data.entries()) expect(each).toBeCloseTo(i, 5)
    const start: Params = { a: matrix(1, 2) }
    const wrong = () => minimize<Params>(() => ({ value: 0, grads: { a: Float64Array.of(1, 2) } }), start)
    expect(thrown(wrong)._tag).toBe('ShapeMismatch')
  })
})

describe('a checkpoint', () => {
  test('keeps the shape, the precision and the bits', () => {
    const saved = {
      w: ndarray(Float64Array.of(0.1, -0, Number.NaN, 5e-324, 1, 2), [1, 3, 2]),
      s: single(0.1, 2),
      none: ndarray(new Float32Array(0), [0, 4]),
      flat: Float64Array.of(1),
    }
    const bytes = encode(saved)
    expect(decode(bytes)).toEqual(E.right(saved))
    expect(decode(bytes, saved)).toStrictEqual(E.right(saved))
    const text = new TextDecoder().decode(bytes)
    expect(text).toContain('"gradpipe.version":"2"')
    expect(text).toContain('"shape":[1,3,2]')
    // whoever has none writes what older releases read
    expect(new TextDecoder().decode(encode({ flat: saved.flat }))).toContain('"gradpipe.version":"1"')
  })

  test.each<readonly [string, Params, string]>([
    [
      'a shape',
      matrix(1, 2),
      'w: expected an ndarray of float64 [2, 1], given an ndarray of float64 [2, 2] in the file',
    ],
    [
      'a precision',
      single(1, 2, 3, 4),
      'w: expected an ndarray of float32 [2, 2], given an ndarray of float64 [2, 2] in the file',
    ],
    [
      'a flat array',
      new Float64Array(4),
      'w: expected a Float64Array of 4, given an ndarray of float64 [2, 2] in the file',
    ],
  ])('tells of %s that differs', (_, like, message) => {
    const read = decode(encode({ w: matrix(1, 2, 3, 4) }), { w: like })
    expect(E.isLeft(read) && read.left.message).toBe(message)
  })

  test('of another library gives the ndarrays of like', () => {
    // without what gradpipe knows of it
    const foreign = (tree: unknown): Uint8Array => {
      const bytes = encode(tree)
      const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
      const header: Record<string, unknown> = JSON.parse(
        new TextDecoder().decode(bytes.subarray(8, 8 + length)),
      )
      const { __metadata__, ...entries } = header
      const text = new TextEncoder().encode(JSON.stringify(entries).padEnd(length))
      bytes.set(text, 8)
      return bytes
    }
    const saved = { w: matrix(1, 2, 3, 4), s: single(1, 2) }
    expect(decode(foreign(saved), saved)).toEqual(E.right(saved))
    expect(E.isLeft(decode(foreign(saved), { ...saved, w: matrix(1, 2) }))).toBe(true)
  })
})

test('the state of a model keeps it: in the weights that are saved, and for other variables', async () => {
  await useBackend('cpu')
  const { numTensors } = tf.memory()
  const state = { w: ndarray(Float64Array.of(0.1, 2, 3, 4, 5, 6), [3, 2]), s: single(0.1, 2) }
  const weights = toWeights(['v'], Object.entries(state))
  expect(weights.map(({ name }) => name)).toEqual(['variables:json', 'w:ndarray64', 's:ndarray32'])
  const saved = await fromWeights(weights)
  expect(Object.fromEntries(saved.leaves)).toEqual(state)
  tf.dispose(weights.map(({ tensor }) => tensor))
  expect(tf.memory().numTensors).toBe(numTensors)
  const carried = (found: unknown): unknown =>
    carryOver(state, new Set(), ({ path }) => (path[0] === 'w' ? found : undefined))
  expect(thrown(() => carried(matrix(1, 2, 3, 4)))).toMatchObject({ _tag: 'ShapeMismatch', path: 'state.w' })
})
