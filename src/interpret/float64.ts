/** The operators on single numbers in float64. */
import type { BinaryOp, CompareOp, UnaryOp } from '../rule/expr.js'

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
