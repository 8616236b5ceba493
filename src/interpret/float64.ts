/**
 * The operators on single numbers in float64, and with them the host's part of a step: every term that is made
 * of scalars and constants alone.
 */
import { GradpipeError } from '../error.js'
import { type BinaryOp, type CompareOp, type Expr, fold, type UnaryOp } from '../rule/expr.js'

/** Functions of one number. */
export const unary: Readonly<Record<UnaryOp, (x: number) => number>> = {
  neg: (x) => -x,
  abs: Math.abs,
  sqrt: Math.sqrt,
  sign: Math.sign,
  exp: Math.exp,
  log: Math.log,
  tanh: Math.tanh,
}

/** Functions of two numbers. */
export const binary: Readonly<Record<BinaryOp, (x: number, y: number) => number>> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  pow: (x, y) => x ** y,
  min: Math.min,
  max: Math.max,
}

/** Comparisons of two numbers. */
export const compare: Readonly<Record<CompareOp, (x: number, y: number) => boolean>> = {
  lt: (x, y) => x < y,
  le: (x, y) => x <= y,
  eq: (x, y) => x === y,
  ne: (x, y) => x !== y,
}

/**
 * Evaluates terms of scope `host`.
 *
 * Throws `InvalidArgument` for a scalar that is not among `scalars`.
 */
export const evaluateHost = (scalars: Readonly<Record<string, number>>): ((expr: Expr) => number) =>
  fold<number, boolean>({
    atom: (node) => {
      if (node._tag === 'Const') return node.value
      const value = node._tag === 'Scalar' ? scalars[node.name] : undefined
      if (value === undefined)
        throw new GradpipeError(
          'InvalidArgument',
          node._tag === 'Scalar' ? node.name : node._tag,
          'a scalar of the rule',
          'no such scalar',
        )
      return value
    },
    unary: (op, x) => unary[op](x),
    binary: (op, x, y) => binary[op](x, y),
    compare: (op, x, y) => compare[op](x, y),
    select: (test, x, y) => (test ? x : y),
    reduce: (node) => {
      throw new GradpipeError('InvalidArgument', node.site, 'a term of scope host', 'a reduction')
    },
  })
