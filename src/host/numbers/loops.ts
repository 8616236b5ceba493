/**
 * Loops of the operators that most rules are made of, each with its own: one loop for all that calls the operator by a
 * name costs ten times as much.
 */
import { binary, compare, unary } from '../../compile/float64.js'
import type { BinaryOp, CompareOp, UnaryOp } from '../../rule/expr.js'
import type { Elements } from '../../rule/ndarray.js'

const at = (x: Elements, i: number): number => x[i] as number

/** A function of every element. */
export const mapInto = (op: UnaryOp, x: Elements, out: Elements): Elements => {
  const { length } = out
  switch (op) {
    case 'neg':
      for (let i = 0; i < length; i++) out[i] = -at(x, i)
      return out
    case 'abs':
      for (let i = 0; i < length; i++) out[i] = Math.abs(at(x, i))
      return out
    case 'sqrt':
      for (let i = 0; i < length; i++) out[i] = Math.sqrt(at(x, i))
      return out
    default: {
      const f = unary[op]
      for (let i = 0; i < length; i++) out[i] = f(at(x, i))
      return out
    }
  }
}

/** A function of a number and every element. */
const withLeft = (op: BinaryOp, x: number, y: Elements, out: Elements): Elements => {
  const { length } = out
  switch (op) {
    case 'add':
      for (let i = 0; i < length; i++) out[i] = x + at(y, i)
      return out
    case 'sub':
      for (let i = 0; i < length; i++) out[i] = x - at(y, i)
      return out
    case 'mul':
      for (let i = 0; i < length; i++) out[i] = x * at(y, i)
      return out
    case 'div':
      for (let i = 0; i < length; i++) out[i] = x / at(y, i)
      return out
    default: {
      const f = binary[op]
      for (let i = 0; i < length; i++) out[i] = f(x, at(y, i))
      return out
    }
  }
}

/** A function of every element and a number. */
const withRight = (op: BinaryOp, x: Elements, y: number, out: Elements): Elements => {
  const { length } = out
  switch (op) {
    case 'add':
      for (let i = 0; i < length; i++) out[i] = at(x, i) + y
      return out
    case 'sub':
      for (let i = 0; i < length; i++) out[i] = at(x, i) - y
      return out
    case 'mul':
      for (let i = 0; i < length; i++) out[i] = at(x, i) * y
      return out
    case 'div':
      for (let i = 0; i < length; i++) out[i] = at(x, i) / y
      return out
    default: {
      const f = binary[op]
      for (let i = 0; i < length; i++) out[i] = f(at(x, i), y)
      return out
    }
  }
}

/** A function of all elements of two. */
const withBoth = (op: BinaryOp, x: Elements, y: Elements, out: Elements): Elements => {
  const { length } = out
  switch (op) {
    case 'add':
      for (let i = 0; i < length; i++) out[i] = at(x, i) + at(y, i)
      return out
    case 'sub':
      for (let i = 0; i < length; i++) out[i] = at(x, i) - at(y, i)
      return out
    case 'mul':
      for (let i = 0; i < length; i++) out[i] = at(x, i) * at(y, i)
      return out
    case 'div':
      for (let i = 0; i < length; i++) out[i] = at(x, i) / at(y, i)
      return out
    default: {
      const f = binary[op]
      for (let i = 0; i < length; i++) out[i] = f(at(x, i), at(y, i))
      return out
    }
  }
}

/** A function of two, one of which may be the same number everywhere. */
export const map2Into = (
  op: BinaryOp,
  x: number | Elements,
  y: number | Elements,
  out: Elements,
): Elements => {
  if (typeof x !== 'number') return typeof y === 'number' ? withRight(op, x, y, out) : withBoth(op, x, y, out)
  return typeof y === 'number' ? out.fill(binary[op](x, y)) : withLeft(op, x, y, out)
}

const of = (x: number | Elements, i: number): number => (typeof x === 'number' ? x : at(x, i))

/** Of every element of two the one that a comparison says; any of the four may be the same number everywhere. */
export const selectInto = (
  op: CompareOp,
  left: number | Elements,
  right: number | Elements,
  then: number | Elements,
  otherwise: number | Elements,
  out: Elements,
): Elements => {
  const test = compare[op]
  for (let i = 0; i < out.length; i++) out[i] = of(test(of(left, i), of(right, i)) ? then : otherwise, i)
  return out
}
