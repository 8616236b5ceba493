/**
 * The interpreter for numbers and typed arrays, without TensorFlow.js: the reference for all others.
 *
 * Numbers and Float64Array are computed in float64. Float32Array is computed in float32: every operation is
 * rounded, reductions are accumulated in float64 and rounded once. Of a norm, the squares are rounded and their sum is,
 * and then the root.
 */

import { binary, compare, unary } from '../../compile/float64.js'
import { float32Squares, float64Squares, powerFor, root32 } from '../../compile/squares.js'
import { type Expr, fold } from '../../rule/expr.js'
import { sizeOf } from '../../rule/leaf.js'
import { perLeaf } from '../perLeaf.js'
import { type Interpreter, input, type LeafWork } from '../work.js'
import { map2Into, mapInto } from './loops.js'
import type { NumberValue } from './values.js'

type Mask = boolean | Uint8Array

const at = (x: NumberValue, i: number): number => (typeof x === 'number' ? x : (x[i] ?? Number.NaN))

const isTrue = (mask: Mask, i: number): boolean => (typeof mask === 'boolean' ? mask : mask[i] === 1)

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

const isFloat32 = (leaf: LeafWork<NumberValue>): boolean => leaf.spec.dtype === 'float32'

const precisionOf = (leaf: LeafWork<NumberValue>): Precision => (isFloat32(leaf) ? float32 : float64)

const scaled = (x: NumberValue, power: number): NumberValue =>
  typeof x === 'number' ? x * power : Float64Array.from(x, (each) => each * power)

const evaluate = (
  leaf: LeafWork<NumberValue>,
  known: (expr: Expr) => NumberValue | undefined,
  power?: NumberValue,
): ((expr: Expr) => NumberValue) => {
  const { round, array, squares } = precisionOf(leaf)
  const length = sizeOf(leaf.spec.shape)
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
    unary: (op, x) => (typeof x === 'number' ? round(unary[op](x)) : mapInto(op, x, array(length))),
    binary: (op, x, y) =>
      typeof x === 'number' && typeof y === 'number'
        ? round(binary[op](x, y))
        : map2Into(op, x, y, array(length)),
    compare: (op, x, y) => {
      const test = compare[op]
      if (typeof x === 'number' && typeof y === 'number') return test(x, y)
      const mask = new Uint8Array(length)
      for (let i = 0; i < length; i++) mask[i] = test(at(x, i), at(y, i)) ? 1 : 0
      return mask
    },
    select: (mask, x, y) => {
      if (typeof mask === 'boolean') return mask ? x : y
      const out = array(length)
      for (let i = 0; i < length; i++) out[i] = isTrue(mask, i) ? at(x, i) : at(y, i)
      return out
    },
    reduce: (node, arg) => {
      const x = arg()
      if (node.kind === 'norm')
        return power === undefined ? squares(x, length) : float64.squares(scaled(x, at(power, 0)), length)
      let result = node.kind === 'sum' ? 0 : Number.NEGATIVE_INFINITY
      for (let i = 0; i < length; i++)
        result = node.kind === 'sum' ? result + at(x, i) : Math.max(result, at(x, i))
      // a leaf's share of a tree's sum is rounded with the whole sum
      return node.over === 'leaf' ? round(result) : result
    },
  })
}

/** Computes steps on numbers and typed arrays. */
export const numberInterpreter: Interpreter<NumberValue> = perLeaf({
  scalar: (value) => value,
  combine: (kind, a, b) => binary[kind === 'max' ? 'max' : 'add'](at(a, 0), at(b, 0)),
  evaluate,
  powerFor: (squares) => {
    const power = powerFor(at(squares, 0), float64Squares)
    return power === 1 ? null : power
  },
  root: (squares, power, leaves) =>
    power === null && leaves.every(isFloat32)
      ? root32(at(squares, 0))
      : Math.sqrt(at(squares, 0)) / at(power ?? 1, 0),
  finish: (leaf, values) =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => {
        const scalar = leaf.plan.outputs[name]?.scope !== 'element' || leaf.spec.shape.length === 0
        if (scalar) return [name, at(value, 0)]
        const { array } = precisionOf(leaf)
        const own = array(sizeOf(leaf.spec.shape))
        if (typeof value === 'number') own.fill(value)
        else own.set(value)
        return [name, own]
      }),
    ),
  tidy: (compute) => compute(), // the garbage collector sees to it
})
