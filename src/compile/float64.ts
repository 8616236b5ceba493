/** The operators on single numbers in float64. */

import { erf } from '../random/erf.js'
import type { BinaryOp, CompareOp, UnaryOp } from '../rule/expr.js'

/** To the nearest whole number, of two the even one; Math.round takes the greater one. */
const round = (x: number): number => {
  const near = Math.round(x)
  return Math.abs(x % 1) === 0.5 && near % 2 !== 0 ? near - 1 : near
}

/** 1/(1 + e⁻ˣ), where the exponential never overflows. */
const sigmoid = (x: number): number => {
  const e = Math.exp(-Math.abs(x))
  return (x < 0 ? e : 1) / (1 + e)
}

const functions: Record<UnaryOp, (x: number) => number> = {
  neg: (x) => -x,
  abs: Math.abs,
  sqrt: Math.sqrt,
  sign: Math.sign,
  exp: Math.exp,
  log: Math.log,
  tanh: Math.tanh,
  floor: Math.floor,
  round,
  sin: Math.sin,
  cos: Math.cos,
  sigmoid,
  erf: () => {
    throw new TypeError('who takes terms of others brings the error function')
  },
}

/** Functions of one number. */
export const unary: Readonly<typeof functions> = functions

/** Brings the error function, which no rule of the library has: whoever takes terms that others write does. */
export const bringErf = (): void => {
  functions.erf = erf
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
