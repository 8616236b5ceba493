/** The operators on tensors, by TensorFlow.js operations, with the special values that numbers have. */
import * as tf from '@tensorflow/tfjs-core'
import { farFromZero, nearZero } from '../../compile/erfSingle.js'
import type { BinaryOp, CompareOp, UnaryOp } from '../../rule/expr.js'
import { comparison, isRecording, withSlope } from './gradient.js'

/**
 * A scalar, or a tensor with axes of length 1, stretched to a shape; `tf.broadcastTo` and what uses it are ten times slower
 * on some backends.
 */
export const stretch = (x: tf.Tensor, shape: readonly number[]): tf.Tensor => {
  if (tf.util.arraysEqual(x.shape, [...shape])) return x
  return x.dtype === 'bool' ? tf.logicalAnd(x, tf.ones([...shape], 'bool')) : tf.mul(x, tf.ones([...shape])) // times one, not plus zero: a negative zero stays
}

/** The shape of what is computed from two shapes, of which one may have axes of length 1, or none. */
const commonShape = (a: readonly number[], b: readonly number[]): readonly number[] => {
  if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a
  return a.map((n, axis) => (n === 1 ? (b[axis] ?? 1) : n))
}

/** One of two tensors, element by element. */
export const where = (test: tf.Tensor, x: tf.Tensor, y: tf.Tensor): tf.Tensor => {
  const shape = commonShape(commonShape(test.shape, x.shape), y.shape)
  const chosen = stretch(test, shape)
  const which = chosen.dtype === 'bool' ? chosen : tf.cast(chosen, 'bool')
  return tf.where(which, stretch(x, shape), stretch(y, shape))
}

/**
 * A function of two tensors of one shape; of different ones, neither of a scalar, both are stretched first: what is no
 * arithmetic takes ten times as long on WASM where it has to do so itself.
 */
const evenly =
  (f: (x: tf.Tensor, y: tf.Tensor) => tf.Tensor) =>
  (x: tf.Tensor, y: tf.Tensor): tf.Tensor => {
    if (x.rank === 0 || y.rank === 0) return f(x, y)
    const shape = commonShape(x.shape, y.shape)
    return f(stretch(x, shape), stretch(y, shape))
  }

const less = evenly(comparison(tf.less))
const lessEqual = evenly(comparison(tf.lessEqual))
const equal = evenly(comparison(tf.equal))

const sign = (x: tf.Tensor): tf.Tensor =>
  // tf.sign loses NaN, the sign of zero, and on some backends small numbers
  where(less(tf.scalar(0), x), tf.onesLike(x), where(less(x, tf.scalar(0)), tf.fill(x.shape, -1), x))

const round = (x: tf.Tensor): tf.Tensor => {
  // tf.round takes the even one of two as well, but loses the sign of zero
  const near = tf.round(x)
  return where(equal(near, tf.scalar(0)), tf.mul(x, 0), near)
}

/** A polynomial, by its coefficients from the constant on. */
const polynomial = (coefficients: readonly number[], x: tf.Tensor): tf.Tensor =>
  coefficients
    .slice(0, -1)
    .reduceRight<tf.Tensor>((sum, each) => tf.add(tf.mul(sum, x), each), tf.scalar(coefficients.at(-1) ?? 0))

/** π/2 in parts, the first ones of twelve bits, whose products with a number below 2¹² are exact. */
const quarter: readonly number[] = [
  1.5703125, 0.0004837512969970703, 7.549533620476723e-8, 2.5633440682570896e-12,
]

/** How far sine and cosine are computed here; beyond, they are the backend's, whatever those are. */
const farthest = 6400

/**
 * Sine, or cosine as a sine of one quarter of a turn more, by the series of what is left of quarters. Those of some
 * backends are off by 1e-7 wherever they are small.
 *
 * Source of the reduction: Cody and Waite, "Software Manual for the Elementary Functions", 1980.
 */
const wave =
  (more: 0 | 1, ofBackend: (x: tf.Tensor) => tf.Tensor) =>
  (x: tf.Tensor): tf.Tensor => {
    const isNear = less(tf.abs(x), tf.scalar(farthest))
    const near = where(isNear, x, tf.zerosLike(x))
    const count = tf.round(tf.mul(near, 2 / Math.PI))
    const r = quarter.reduce<tf.Tensor>((rest, part) => tf.sub(rest, tf.mul(count, part)), near)
    const z = tf.square(r)
    const sine = tf.add(r, tf.mul(tf.mul(r, z), polynomial([-1 / 6, 1 / 120, -1 / 5040, 1 / 362880], z)))
    const tail = polynomial([1 / 24, -1 / 720, 1 / 40320, -1 / 3628800], z)
    const cosine = tf.sub(1, tf.sub(tf.mul(z, 0.5), tf.mul(tf.square(z), tail)))
    // 0, 1, 2 or 3 quarters
    const quarters = tf.sub(tf.add(count, more), tf.mul(tf.floor(tf.mul(tf.add(count, more), 0.25)), 4))
    const isOdd = equal(tf.sub(quarters, tf.mul(tf.floor(tf.mul(quarters, 0.5)), 2)), tf.scalar(1))
    const size = where(isOdd, cosine, sine)
    const value = where(less(quarters, tf.scalar(2)), size, tf.neg(size))
    const ofZero = more === 0 ? x : tf.onesLike(x)
    // x − x: zero, and NaN of what is not finite
    const far = tf.add(ofBackend(x), tf.sub(x, x))
    return where(isNear, where(equal(x, tf.scalar(0)), ofZero, value), far)
  }

const plainSin = wave(0, tf.sin)
const plainCos = wave(1, tf.cos)
const recordedSin = withSlope(plainSin, (x) => cos(x))
const recordedCos = withSlope(plainCos, (x) => tf.neg(sin(x)))
const sin = (x: tf.Tensor): tf.Tensor => (isRecording() ? recordedSin(x) : plainSin(x))
const cos = (x: tf.Tensor): tf.Tensor => (isRecording() ? recordedCos(x) : plainCos(x))

/** tf.sigmoid of some backends is zero where the exponential is not. */
const sigmoid = (x: tf.Tensor): tf.Tensor => where(less(x, tf.scalar(-80)), tf.exp(x), tf.sigmoid(x))

/** tf.erf has but an absolute bound, of 1.5e-7. */
const plainErf = (x: tf.Tensor): tf.Tensor => {
  const size = tf.abs(x)
  const near = tf.add(x, tf.mul(x, polynomial(nearZero, tf.square(x))))
  const capped = where(less(size, tf.scalar(4)), size, tf.scalar(4))
  const far = tf.sub(1, tf.exp(tf.neg(polynomial(farFromZero, capped))))
  const signed = where(less(x, tf.scalar(0)), tf.neg(far), far)
  // of NaN both comparisons are false
  return where(less(tf.scalar(1), size), signed, near)
}

const recordedErf = withSlope(plainErf, (x) => tf.mul(tf.exp(tf.neg(tf.square(x))), 2 / Math.sqrt(Math.PI)))

/** The greater of two; tf.maximum loses NaN on some backends; of two numbers that do not compare, one is NaN. */
export const max: (x: tf.Tensor, y: tf.Tensor) => tf.Tensor = evenly((x, y) =>
  where(lessEqual(y, x), x, where(less(x, y), y, tf.add(x, y))),
)

/** Functions of one tensor. */
export const unary: Readonly<Record<UnaryOp, (x: tf.Tensor) => tf.Tensor>> = {
  neg: tf.neg,
  abs: tf.abs,
  sqrt: tf.sqrt,
  sign,
  exp: tf.exp,
  log: tf.log,
  tanh: tf.tanh,
  floor: tf.floor,
  round,
  sin,
  cos,
  sigmoid,
  erf: (x) => (isRecording() ? recordedErf(x) : plainErf(x)),
}

/** Functions of two tensors. */
export const binary: Readonly<Record<BinaryOp, (x: tf.Tensor, y: tf.Tensor) => tf.Tensor>> = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  div: tf.div,
  pow: evenly(tf.pow),
  min: evenly((x, y) => where(lessEqual(x, y), x, where(less(y, x), y, tf.add(x, y)))),
  max,
}

/** Comparisons of two tensors. */
export const compare: Readonly<Record<CompareOp, (x: tf.Tensor, y: tf.Tensor) => tf.Tensor>> = {
  lt: less,
  le: lessEqual,
  eq: equal,
  ne: evenly(comparison(tf.notEqual)),
}
