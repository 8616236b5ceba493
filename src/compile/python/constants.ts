/** Terms of constants alone: Python computes them as they stand, in float64, where it has the same operation. */

import type { Expr } from '../../rule/expr.js'
import { fold } from '../../rule/fold.js'
import { binary, compare, unary } from '../float64.js'
import { atom, negated, numberText, operation, type Printed } from './text.js'

/** A term of constants: its value, and how it is written. */
interface Constant {
  readonly value: number
  readonly printed: Printed
}

/** Functions that Python has without a library of arrays, and that are as exact there. */
const functions: ReadonlyMap<string, string> = new Map([
  ['abs', 'abs'],
  ['sqrt', 'math.sqrt'],
])

const literal = (value: number): Constant => ({ value, printed: numberText(value) })

/** A value with its text, where Python comes to it too: it throws where JavaScript has an infinity or NaN. */
const written = (value: number, printed: Printed): Constant =>
  Number.isFinite(value) ? { value, printed } : literal(value)

/**
 * Prints terms of constants and of scalars whose values are known; `undefined` for others. `named` says what a scalar is
 * called where its value is.
 */
export const constantText = (
  values: ReadonlyMap<string, number>,
  named: (scalar: string) => string,
): ((expr: Expr) => Printed | undefined) => {
  const visit = fold<Constant | null, boolean | null>({
    atom: (node) => {
      if (node._tag === 'Const') return literal(node.value)
      const value = node._tag === 'Scalar' ? values.get(node.name) : undefined
      if (value === undefined || node._tag !== 'Scalar') return null
      return { value, printed: atom(named(node.name)) }
    },
    unary: (op, x) => {
      if (x === null) return null
      const value = unary[op](x.value)
      if (op === 'neg') return written(value, negated(x.printed))
      const name = functions.get(op)
      return name === undefined ? literal(value) : written(value, atom(`${name}(${x.printed.text})`))
    },
    binary: (op, x, y) => {
      if (x === null || y === null) return null
      const value = binary[op](x.value, y.value)
      return op === 'min' || op === 'max'
        ? literal(value)
        : written(value, operation(op, x.printed, y.printed))
    },
    compare: (op, x, y) => (x === null || y === null ? null : compare[op](x.value, y.value)),
    select: (test, x, y) => (test === null ? null : test ? x : y),
    reduce: () => null,
  })
  return (expr) => {
    const printed = visit(expr)?.printed
    return printed && { ...printed, plain: true }
  }
}
