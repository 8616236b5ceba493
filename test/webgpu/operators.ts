/** Every operator on special values and many others, on WebGPU beside the reference: in Node and in a page. */
import * as tf from '@tensorflow/tfjs-core'
import { dispose, type GradientTransformation } from '../../src/index.js'
import type { BinaryOp, CompareOp, UnaryOp } from '../../src/rule/expr.js'
import { type Sketch, transformationOf } from '../laws/randomRule.js'
import { isOneOf, orZero, shown } from './difference.js'
import { complaintOf, type Device } from './read.js'

/** How many ulps each operator may be from the rounded result; measured on SwiftShader: one at most. */
export const unaries: readonly (readonly [UnaryOp, number])[] = [
  ['neg', 0],
  ['abs', 0],
  ['sign', 0],
  ['sqrt', 1],
  ['exp', 2],
  ['log', 2],
  ['tanh', 2],
  ['floor', 0],
  ['round', 0],
  ['sin', 2],
  ['cos', 2],
  // the exponential's two, the sum's half, and division's two and a half
  ['sigmoid', 5],
  ['erf', 2],
]
export const binaries: readonly (readonly [BinaryOp, number])[] = [
  ['add', 0],
  ['sub', 0],
  ['mul', 0],
  // of division WebGPU promises two and a half
  ['div', 3],
  ['pow', 2],
  ['min', 0],
  ['max', 0],
]
export const compares: readonly CompareOp[] = ['lt', 'le', 'eq', 'ne']

const specials: readonly number[] = [
  0,
  -0,
  1,
  -1,
  2.5,
  -2.5,
  3,
  -7,
  0.3,
  88.5,
  -103.5,
  0.5,
  -0.5,
  3.5,
  // the float32 that is nearest to a multiple of π/2
  16367173 * 2 ** 72,
  1e20,
  -1e20,
  1e-20,
  2 ** -149,
  -(2 ** -149),
  2 ** -127,
  2 ** -126,
  3.4028234663852886e38,
  -3.4028234663852886e38,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
]

/** Numbers of many sizes and both signs, the same in every run. */
const spread = (step: number, quarters: number): readonly number[] =>
  Array.from(
    { length: 3000 },
    (_, i) => (((i * step) % 1000) / 500 - 1) * 10 ** ((i % quarters) / 4 - quarters / 8),
  )

/** Numbers of all exponents, by Marsaglia's xorshift of 32 bits. */
const wide = (seed: number): readonly number[] => {
  const view = new DataView(new ArrayBuffer(4))
  let state = seed
  return Array.from({ length: 2000 }, () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    view.setInt32(0, state)
    return view.getFloat32(0)
  })
}

const grads = Float32Array.from([...specials.flatMap(() => specials), ...spread(7919, 40), ...wide(20)])
const params = Float32Array.from([
  ...specials.flatMap((x) => specials.map(() => x)),
  ...spread(104729, 24),
  ...wide(21),
])

/** All are not a multiple of four, so are computed one by one; without the last, in vectors. */
const counts = [grads.length, grads.length - 1]

const transformation = (update: Sketch): GradientTransformation =>
  transformationOf({ update, m: 'm', l: 'l', r: 'r' })

const byNumber = (sketch: Sketch, g: Float32Array, p: Float32Array): Float32Array => {
  const tx = transformation(sketch)
  const [updates] = tx.update(g, tx.init(p), p)
  if (!(updates instanceof Float32Array)) throw new Error('one leaf')
  return updates
}

const byKernel = async (device: Device, sketch: Sketch, count: number): Promise<readonly number[]> => {
  const [p, g] = [tf.tensor1d(params.slice(0, count)), tf.tensor1d(grads.slice(0, count))]
  const tx = transformation(sketch)
  const state = tx.init(p)
  const [[updates, next], complaint] = await complaintOf(device, () => tx.update<tf.Tensor>(g, state, p))
  if (complaint !== null) throw new Error(complaint)
  const numbers = [...(await updates.data())]
  dispose(p, g, state, updates, next)
  return numbers
}

/** Where the kernel differs, in words: subnormal numbers may be zeros, as arguments and as results. */
export const differing = async (device: Device, sketch: Sketch, ulps: number): Promise<readonly string[]> => {
  const flush = (x: Float32Array): Float32Array => x.map((each) => orZero(each).at(-1) ?? each)
  const expected = [
    byNumber(sketch, grads, params),
    byNumber(sketch, flush(grads), params),
    byNumber(sketch, grads, flush(params)),
    byNumber(sketch, flush(grads), flush(params)),
  ]
  const given = await Promise.all(counts.map((count) => byKernel(device, sketch, count)))
  const differingAt = (y: number, i: number): readonly string[] =>
    isOneOf(
      expected.flatMap((each) => orZero(each[i] ?? Number.NaN)),
      y,
      ulps,
    )
      ? []
      : [`g = ${shown(grads[i])}, p = ${shown(params[i])}: ${shown(expected[0]?.[i])}, given ${shown(y)}`]
  return given.flatMap((numbers) => numbers.flatMap(differingAt))
}

/** Where a choice by a comparison is another one, in words. */
export const chosenOtherwise = async (device: Device, op: CompareOp): Promise<readonly string[]> => {
  const found: string[] = []
  for (const sketch of [
    ['select', op, 'g', 'p', 1, 2],
    ['select', op, 'g', 'p', 'g', 'p'],
  ] as const)
    for (const count of counts) {
      const expected = byNumber(sketch, grads, params)
      for (const [i, y] of (await byKernel(device, sketch, count)).entries())
        if (!Object.is(y, expected[i]))
          found.push(
            `g = ${shown(grads[i])}, p = ${shown(params[i])}: ${shown(expected[i])}, given ${shown(y)}`,
          )
    }
  return found
}
