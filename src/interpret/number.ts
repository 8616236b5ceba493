/**
 * The interpreter for numbers and typed arrays, without TensorFlow.js: the reference for all others.
 *
 * Numbers and Float64Array are computed in float64. Float32Array is computed in float32: every operation is
 * rounded, reductions are accumulated in float64 and rounded once.
 */
import { type Expr, fold } from '../rule/expr.js'
import { binary, compare, unary } from './float64.js'
import { perLeaf } from './perLeaf.js'
import { type Interpreter, input, type LeafWork } from './work.js'

/** A value of this interpreter: a number for a scalar, an array for a value per element. */
export type NumberValue = number | Float64Array | Float32Array

type Elements = Float64Array | Float32Array

type Mask = boolean | Uint8Array

const at = (x: NumberValue, i: number): number => (typeof x === 'number' ? x : (x[i] ?? Number.NaN))

const isTrue = (mask: Mask, i: number): boolean => (typeof mask === 'boolean' ? mask : mask[i] === 1)

/** How a leaf computes: its precision and its kind of array. */
interface Precision {
  readonly round: (x: number) => number
  readonly array: (length: number) => Float64Array | Float32Array
}

const float64: Precision = { round: (x) => x, array: (length) => new Float64Array(length) }
const float32: Precision = { round: Math.fround, array: (length) => new Float32Array(length) }

const precisionOf = (leaf: LeafWork<NumberValue>): Precision =>
  leaf.spec.dtype === 'float32' ? float32 : float64

const evaluate = (
  leaf: LeafWork<NumberValue>,
  known: (expr: Expr) => NumberValue | undefined,
): ((expr: Expr) => NumberValue) => {
  const { round, array } = precisionOf(leaf)
  const length = leaf.spec.shape[0] ?? 1
  const map1 = (f: (x: number) => number, x: NumberValue): NumberValue => {
    if (typeof x === 'number') return round(f(x))
    const out = array(length)
    for (let i = 0; i < length; i++) out[i] = f(x[i] as number)
    return out
  }
  const map2 = (f: (x: number, y: number) => number, x: NumberValue, y: NumberValue): NumberValue => {
    if (typeof x === 'number' && typeof y === 'number') return round(f(x, y))
    const out = array(length)
    // a loop for each case, since a test per element would cost more than the arithmetic
    if (typeof x === 'number') for (let i = 0; i < length; i++) out[i] = f(x, (y as Elements)[i] as number)
    else if (typeof y === 'number') for (let i = 0; i < length; i++) out[i] = f(x[i] as number, y)
    else for (let i = 0; i < length; i++) out[i] = f(x[i] as number, y[i] as number)
    return out
  }
  return fold<NumberValue, Mask>({
    known: (node) => {
      const value = known(node)
      return typeof value === 'number' ? round(value) : value
    },
    atom: (node) => input(leaf, node),
    unary: (op, x) => map1(unary[op], x),
    binary: (op, x, y) => map2(binary[op], x, y),
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
  combine: (kind, a, b) => binary[kind === 'sum' ? 'add' : 'max'](at(a, 0), at(b, 0)),
  evaluate,
  finish: (leaf, values) =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => {
        const scalar = leaf.plan.outputs[name]?.scope !== 'element' || leaf.spec.shape.length === 0
        if (scalar) return [name, at(value, 0)]
        const { array } = precisionOf(leaf)
        const own = array(leaf.spec.shape[0] ?? 0)
        if (typeof value === 'number') own.fill(value)
        else own.set(value)
        return [name, own]
      }),
    ),
  tidy: (compute) => compute(), // the garbage collector sees to it
})
