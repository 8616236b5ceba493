/**
 * Ratio: terms times a quotient which may be no number, or one of few digits, although the product is one.
 *
 * Of two norms near the ends of the numbers, the quotient is beyond them. So a power of two goes to the element first,
 * and the quotient has the rest; nearly always it is one. Where operations of TensorFlow.js would have to wait for a
 * device to tell, it is always one: there a quotient below 2⁻¹²⁶ counts as zero.
 */
import type { Condition } from './condition.js'
import { Binary, Compare, type Expr, Reduce, Select, Unary } from './expr.js'
import { fold, rebuilt } from './fold.js'
import type { Scope } from './scope.js'
import { constant, type Operand, select, type Term } from './term.js'

const FAR = 2 ** 64

/** A power of two that brings a number nearer to one: of all but the smallest and the largest, one. */
const reach = (x: Term<Scope>): Term<Scope> => select(x.gt(FAR), 1 / FAR, select(x.lt(1 / FAR), FAR, 1))

const isConst = (node: Expr, value: number): boolean => node._tag === 'Const' && node.value === value

/** What number a power of two brings nearer to one; `undefined` of any other term. */
export const reachOf = (node: Expr): Expr | undefined =>
  node._tag === 'Select' && isConst(node.then, 1 / FAR) && isConst(node.test.left, FAR)
    ? node.test.right
    : undefined

/** Whether a number is so small or so large that its power of two is not one. */
export const isFar = (x: number): boolean => x > FAR || x < 1 / FAR

/**
 * A term that is `from` long made `to` long: $x \cdot (t / f)$. Where a condition holds, the first of some, it has that
 * one's factor instead.
 */
export const lengthened = (
  x: Term<'element'>,
  from: Term<Scope>,
  to: Operand<Scope>,
  ...unless: readonly (readonly [test: Condition<Scope>, factor: number])[]
): Term<'element'> => {
  const power = reach(unless.reduceRight((rest, [test]) => select(test, 1, rest), from))
  const quotient = (typeof to === 'number' ? constant(to) : to).div(from.mul(power))
  return x.mul(power).mul(unless.reduceRight((rest, [test, factor]) => select(test, factor, rest), quotient))
}

/** A term as people write it: without the powers of two that only keep quotients within the numbers. */
export const withoutReach: (expr: Expr) => Expr = (expr) =>
  fold<Expr, Compare>({
    atom: (node) => node,
    unary: Unary,
    binary: (op, x, y) => (op === 'mul' && reachOf(y) !== undefined ? x : Binary(op, x, y)),
    compare: Compare,
    select: Select,
    reduce: (node, arg) => Reduce(node.kind, node.over, arg(), node.site),
    matrices: rebuilt,
  })(expr)
