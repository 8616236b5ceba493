/** Reductions: sums, maxima, norms and means over a leaf or the tree, as terms. */
import { Binary, type Expr, Reduce, type ReduceKind, Unary } from './expr.js'
import type { Scope } from './scope.js'
import { exprOf, type Operand, Term } from './term.js'

const reduced = <O extends 'leaf' | 'tree'>(kind: ReduceKind, x: Operand<Scope>, over: O): Term<O> =>
  new Term(Reduce(kind, over, exprOf(x)), over)

/** Of two reductions over the same. */
const quotient = <O extends 'leaf' | 'tree'>(x: Term<O>, y: Expr): Term<O> =>
  new Term(Binary('div', x.expr, y), x.scope)

/**
 * The sum of all elements of the leaf, or of the tree; 0 of none.
 *
 * @category Rules
 * @example
 * ```ts
 * import { fromRule, sum } from 'gradpipe'
 *
 * const shares = fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: g.div(sum(g, 'tree')) }) })
 * assert.deepEqual(shares.update([1, 3], shares.init([0, 0]))[0], [0.25, 0.75])
 * ```
 */
export const sum = <O extends 'leaf' | 'tree'>(x: Operand<Scope>, over: O): Term<O> => reduced('sum', x, over)

/**
 * The greatest element of the leaf, or of the tree; −∞ of none.
 *
 * @category Rules
 * @example
 * ```ts
 * import { fromRule, max } from 'gradpipe'
 *
 * const relative = fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: g.div(max(g.abs(), 'tree')) }) })
 * assert.deepEqual(relative.update([-4, 2], relative.init([0, 0]))[0], [-1, 0.5])
 * ```
 */
export const max = <O extends 'leaf' | 'tree'>(x: Operand<Scope>, over: O): Term<O> => reduced('max', x, over)

/**
 * How many elements the leaf, or the tree, has.
 *
 * @category Rules
 * @example
 * ```ts
 * import { fromRule, size } from 'gradpipe'
 *
 * const perElement = fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: g.div(size('leaf')) }) })
 * assert.deepEqual([...perElement.update(Float64Array.of(1, 2), {})[0]], [0.5, 1])
 * ```
 */
export const size = <O extends 'leaf' | 'tree'>(over: O): Term<O> => sum(1, over)

/**
 * The Euclidean norm $\sqrt{\sum x^2}$ over the leaf or the tree; 0 of none.
 *
 * It is right wherever it is a number of the leaf's precision, also where the squares would overflow or vanish. An
 * infinite element makes it infinite, and one that is NaN makes it NaN.
 *
 * @category Rules
 * @example
 * ```ts
 * import { fromRule, norm } from 'gradpipe'
 *
 * const unit = fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: g.div(norm(g, 'tree')) }) })
 * assert.deepEqual(unit.update([3, 4], unit.init([0, 0]))[0], [0.6, 0.8])
 * ```
 */
export const norm = <O extends 'leaf' | 'tree'>(x: Term<Scope>, over: O): Term<O> => reduced('norm', x, over)

/** The root of the mean square over the leaf or the tree; NaN of no elements. */
export const rms = <O extends 'leaf' | 'tree'>(x: Term<Scope>, over: O): Term<O> =>
  quotient(norm(x, over), Unary('sqrt', size(over).expr))

/**
 * The arithmetic mean over the leaf or the tree; NaN of no elements.
 *
 * @category Rules
 * @example
 * ```ts
 * import { fromRule, mean } from 'gradpipe'
 *
 * const centred = fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: g.sub(mean(g, 'leaf')) }) })
 * assert.deepEqual([...centred.update(Float64Array.of(1, 3), {})[0]], [-1, 1])
 * ```
 */
export const mean = <O extends 'leaf' | 'tree'>(x: Operand<Scope>, over: O): Term<O> =>
  quotient(sum(x, over), size(over).expr)
