/** Reductions: sums, maxima, norms and means over the tree, a leaf, or the rows and columns of its matrices, as terms. */
import { inOrder } from '../compile/wasm/inOrder.js'
import { bring } from '../host/brought.js'
import { boundStage, sitesOf } from '../host/kernels/bindReductions.js'
import { reduceStage } from '../host/kernels/reduce.js'
import { sharesInCells, sharesOfColumns } from '../host/numbers/shares.js'
import { Binary, type Expr, Reduce, type ReduceKind, Unary } from '../rule/expr.js'
import type { Scope } from '../rule/scope.js'
import { exprOf, type Operand, Term } from '../rule/term.js'

/**
 * What a reduction leaves one value for: the tree, each leaf, each matrix of a leaf, or each row or column.
 *
 * @category Rules
 */
export type Whole = 'tree' | 'leaf' | 'matrix' | 'row' | 'column'

/** Brings what computes reductions, which only those who reduce need. */
export const bringReductions = (): void =>
  bring({
    reductions: {
      sites: sitesOf,
      bound: boundStage,
      stage: reduceStage,
      inOrder,
      inColumns: sharesOfColumns,
      inCells: sharesInCells,
    },
  })

const reduced = <O extends Whole>(kind: ReduceKind, x: Operand<Scope>, over: O): Term<O> => {
  bringReductions()
  return new Term(Reduce(kind, over, exprOf(x)), over)
}

/** Of two reductions over the same. */
const quotient = <O extends Whole>(x: Term<O>, y: Expr): Term<O> =>
  new Term(Binary('div', x.expr, y), x.scope)

/**
 * The sum of all elements of the tree, of the leaf, or of each matrix, row or column of it; 0 of none.
 *
 * What has one value for several elements counts once for each of them: `sum(1, 'row')` is how many elements a row has.
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
export const sum = <O extends Whole>(x: Operand<Scope>, over: O): Term<O> => reduced('sum', x, over)

/**
 * The greatest element of the tree, of the leaf, or of each matrix, row or column of it; −∞ of none.
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
export const max = <O extends Whole>(x: Operand<Scope>, over: O): Term<O> => reduced('max', x, over)

/**
 * How many elements the tree, the leaf, or each matrix, row or column of it has.
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
export const size = <O extends Whole>(over: O): Term<O> => sum(1, over)

/**
 * The Euclidean norm $\sqrt{\sum x^2}$ of the tree, of the leaf, or of each matrix, row or column of it; 0 of none.
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
export const norm = <O extends Whole>(x: Term<Scope>, over: O): Term<O> => reduced('norm', x, over)

/** The root of the mean square; NaN of no elements. */
export const rms = <O extends Whole>(x: Term<Scope>, over: O): Term<O> =>
  quotient(norm(x, over), Unary('sqrt', size(over).expr))

/**
 * The arithmetic mean of the tree, of the leaf, or of each matrix, row or column of it; NaN of no elements.
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
export const mean = <O extends Whole>(x: Operand<Scope>, over: O): Term<O> =>
  quotient(sum(x, over), size(over).expr)
