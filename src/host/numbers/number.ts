/**
 * The interpreter for numbers and typed arrays, without TensorFlow.js: the reference for all others.
 *
 * Numbers and Float64Array are computed in float64. Float32Array is computed in float32: every operation is
 * rounded, reductions are accumulated in float64 and rounded once. Of a norm, the squares are rounded and their sum is,
 * and then the root.
 *
 * A value that differs along some axes of its leaf is an array of the numbers that it has, row by row.
 */

import { binary, compare, unary } from '../../compile/float64.js'
import { float32Squares, float64Squares, powerFor, root32, square32 } from '../../compile/squares.js'
import type { Expr, Reduce } from '../../rule/expr.js'
import { fold } from '../../rule/fold.js'
import { sizeOf } from '../../rule/leaf.js'
import { type Extent, isAxes, shapeAlong } from '../../rule/scope.js'
import { perLeaf, type Values } from '../perLeaf.js'
import { type Interpreter, input, type LeafWork } from '../work.js'
import { type Groups, groupsOf, sizeAlong, widened } from './axes.js'
import { map2Into, mapInto } from './loops.js'
import { at, type NumberValue } from './values.js'

type Mask = boolean | Uint8Array

/** How a leaf computes: its precision and its kind of array. */
interface Precision {
  readonly round: (x: number) => number
  readonly array: (length: number) => Float64Array | Float32Array
  /** The sum of the squares of so many numbers. Float64 has one of float32 whatever they are. */
  readonly squares: (x: NumberValue, length: number) => number
}

const float64: Precision = {
  round: (x) => x,
  array: (length) => new Float64Array(length),
  squares: (x, length) => {
    let sum = 0
    for (let i = 0; i < length; i++) sum += at(x, i) * at(x, i)
    return sum
  },
}

const float32: Precision = {
  round: Math.fround,
  array: (length) => new Float32Array(length),
  squares: (x, length) => {
    const sumOf = (power: number): number => {
      let sum = 0
      for (let i = 0; i < length; i++) {
        const scaled = at(x, i) * power
        sum += Math.fround(scaled * scaled)
      }
      return sum / power / power
    }
    const sum = sumOf(1)
    const power = powerFor(sum, float32Squares)
    return power === 1 ? sum : sumOf(power)
  },
}

/** Whether a leaf is computed in float32. */
export const isFloat32 = (leaf: LeafWork<NumberValue>): boolean => leaf.spec.dtype === 'float32'

const precisionOf = (leaf: LeafWork<NumberValue>): Precision => (isFloat32(leaf) ? float32 : float64)

const scaled = (x: NumberValue, power: number): NumberValue =>
  typeof x === 'number' ? x * power : Float64Array.from(x, (each) => each * power)

/** A sum, a maximum or a sum of squares of so many numbers. */
const reduced = (
  { kind }: Reduce,
  x: NumberValue,
  length: number,
  precision: Precision,
  power: number,
): number => {
  const { squares } = precision
  // the sum of one number of float32 so many times is exact in float64
  if (typeof x === 'number' && precision === float32 && kind !== 'max' && power === 1)
    return length === 0 ? 0 : 0 + length * (kind === 'sum' ? x : square32(x))
  if (kind === 'norm') return power === 1 ? squares(x, length) : float64.squares(scaled(x, power), length)
  let result = kind === 'sum' ? 0 : Number.NEGATIVE_INFINITY
  for (let i = 0; i < length; i++) result = kind === 'sum' ? result + at(x, i) : Math.max(result, at(x, i))
  return result
}

/** One number for each of so many groups of elements. */
const onceEach = (numbers: Float64Array | Float32Array, count: number, size: number): Groups => ({
  ...{ numbers: Float64Array.from(numbers), count, length: 1 },
  each: count === 0 ? 0 : size / count,
})

/** A reduction along axes, or of what differs along some: each number counts for as many elements as have it. */
const reducedAlong = (
  node: Reduce,
  x: NumberValue,
  shape: readonly number[],
  precision: Precision,
  powers: NumberValue,
): NumberValue => {
  const { kind, over } = node
  const from = node.arg.scope
  const own = typeof x === 'number' ? new Float64Array(sizeAlong(from, shape)).fill(x) : x
  // of what is the same for a whole leaf, all are what the first one is
  const isSame = from !== 'element' && !isAxes(from) && typeof powers === 'number'
  const {
    numbers: all,
    count,
    length,
    each,
  } = isSame ? onceEach(own, sizeAlong(over, shape), sizeOf(shape)) : groupsOf(own, from, over, shape)
  const results = new Float64Array(count)
  for (let k = 0; k < (isSame ? Math.min(1, count) : count); k++) {
    const whole = reduced(node, all.subarray(k * length, (k + 1) * length), length, precision, at(powers, k))
    results[k] =
      each === 0 ? (kind === 'max' ? Number.NEGATIVE_INFINITY : 0) : kind === 'max' ? whole : whole * each
  }
  if (isSame) results.fill(results[0] ?? Number.NaN)
  if (!isAxes(over)) return results[0] ?? Number.NaN
  // sums of squares stay as they are until their root is taken
  return kind === 'norm' || precision === float64 ? results : Float32Array.from(results)
}

/** Evaluates terms for one leaf, as an `Arithmetic` does. */
export const evaluate = (
  leaf: LeafWork<NumberValue>,
  known: (expr: Expr) => NumberValue | undefined,
  power?: NumberValue,
): ((expr: Expr) => NumberValue) => {
  const precision = precisionOf(leaf)
  const { round, array } = precision
  const { shape } = leaf.spec
  const length = sizeOf(shape)
  /** As one of a wider extent. */
  const as = (extent: Extent, { scope }: { readonly scope: Extent }, x: NumberValue): NumberValue =>
    typeof x === 'number' || extent === scope
      ? x
      : widened(x, scope, extent, shape, array(sizeAlong(extent, shape)))
  return fold<NumberValue, Mask>({
    known: (node) => {
      const value = known(node)
      return typeof value === 'number' ? round(value) : value
    },
    // a number of the tree's may come from a leaf of float64
    atom: (node) => {
      const value = input(leaf, node)
      return typeof value === 'number' ? round(value) : value
    },
    unary: (op, x) => (typeof x === 'number' ? round(unary[op](x)) : mapInto(op, x, array(x.length))),
    binary: (op, x, y, { scope, left, right }) =>
      typeof x === 'number' && typeof y === 'number'
        ? round(binary[op](x, y))
        : map2Into(op, as(scope, left, x), as(scope, right, y), array(sizeAlong(scope, shape))),
    compare: (op, x, y, { scope, left, right }) => {
      const test = compare[op]
      if (typeof x === 'number' && typeof y === 'number') return test(x, y)
      const [a, b] = [as(scope, left, x), as(scope, right, y)]
      const mask = new Uint8Array(sizeAlong(scope, shape))
      for (let i = 0; i < mask.length; i++) mask[i] = test(at(a, i), at(b, i)) ? 1 : 0
      return mask
    },
    select: (mask, x, y, node) => {
      const { scope, test } = node
      if (typeof mask === 'boolean') return mask ? as(scope, node.then, x) : as(scope, node.else, y)
      const out = array(sizeAlong(scope, shape))
      const which =
        test.scope === scope ? mask : widened(mask, test.scope, scope, shape, new Uint8Array(out.length))
      const [a, b] = [as(scope, node.then, x), as(scope, node.else, y)]
      for (let i = 0; i < out.length; i++) out[i] = which[i] === 1 ? at(a, i) : at(b, i)
      return out
    },
    reduce: (node, arg) => {
      const x = arg()
      const { kind, over } = node
      if (isAxes(over) || isAxes(node.arg.scope)) {
        const result = reducedAlong(node, x, shape, precision, power ?? 1)
        return typeof result === 'number' && over === 'leaf' && kind !== 'norm' ? round(result) : result
      }
      const result = reduced(node, x, length, precision, at(power ?? 1, 0))
      // a leaf's share of a tree's sum is rounded with the whole sum, and squares with their root
      return over === 'leaf' && kind !== 'norm' ? round(result) : result
    },
  })
}

/** Gives every output its shape, and memory of its own. */
export const finish = (leaf: LeafWork<NumberValue>, values: Values<NumberValue>): Values<NumberValue> => {
  const { shape } = leaf.spec
  const { array } = precisionOf(leaf)
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const { scope = 'leaf', expr } = leaf.plan.outputs[name] ?? {}
      if (shapeAlong(scope, shape).length === 0) return [name, at(value, 0)]
      const own = array(sizeAlong(scope, shape))
      if (typeof value === 'number') own.fill(value)
      else if (expr === undefined || expr.scope === scope) own.set(value)
      else widened(value, expr.scope, scope, shape, own)
      return [name, own]
    }),
  )
}

/** What the numbers of norms are to be multiplied by, given the sums of their squares; `null` where nothing is lost. */
const powersFor = (squares: NumberValue): NumberValue | null => {
  const of = (sum: number): number => powerFor(sum, float64Squares)
  const powers = typeof squares === 'number' ? of(squares) : Float64Array.from(squares, of)
  return (typeof powers === 'number' ? powers === 1 : powers.every((power) => power === 1)) ? null : powers
}

/** The norms of some leaves' numbers. */
const root = (
  squares: NumberValue,
  powers: NumberValue | null,
  leaves: readonly LeafWork<NumberValue>[],
): NumberValue => {
  const rounds = leaves.every(isFloat32)
  const of = (sum: number, power: number): number =>
    power === 1 && rounds ? root32(sum) : Math.sqrt(sum) / power
  if (typeof squares === 'number') return of(squares, at(powers ?? 1, 0))
  const roots = squares.map((sum, k) => of(sum, at(powers ?? 1, k)))
  return rounds ? Float32Array.from(roots) : roots
}

/** The norms of some leaves' numbers, from the sums of squares, which `again` makes of numbers times powers of two. */
export const normsOf = (
  squares: NumberValue,
  leaves: readonly LeafWork<NumberValue>[],
  again: (powers: NumberValue) => NumberValue,
): NumberValue => {
  // of float32 they are numbers of float64 in any case
  const powers = leaves.every(isFloat32) ? null : powersFor(squares)
  return root(powers === null ? squares : again(powers), powers, leaves)
}

/** Computes steps on numbers and typed arrays. */
export const numberInterpreter: Interpreter<NumberValue> = perLeaf({
  scalar: (value) => value,
  combine: (kind, a, b) => binary[kind === 'max' ? 'max' : 'add'](at(a, 0), at(b, 0)),
  evaluate,
  powerFor: powersFor,
  root,
  finish,
  tidy: (compute) => compute(), // the garbage collector sees to it
})
