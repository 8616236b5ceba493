/** multiDot: products of a leaf's matrices, as a term. */
import { bring } from '../host/brought.js'
import { hasRounds, inRounds } from '../host/rounds.js'
import { Product } from '../rule/expr.js'
import { exprOf, Term } from '../rule/term.js'

/**
 * The matrix product $a\,b^\top c$ of three terms: NumPy's `multi_dot([a, b.T, c])`.
 *
 * All terms of a leaf have its shape, so the one in the middle is transposed, and the product has the leaf's shape again:
 * longer ones are nests of it, and $(a b^\top)^k c$ too. As in NumPy, the order is the cheaper one: $(a b^\top)\,c$ for a
 * matrix with no more rows than columns, $a\,(b^\top c)$ for others. A sum of products along rows or columns needs none of
 * this: `sum(a.mul(b), 'row')` is the diagonal of $a b^\top$.
 *
 * The last two axes of a leaf are its matrices, or those that the rule's `axes` name; all others tell one matrix from the
 * next. What comes before it in a rule is one pass over memory, and what comes after it another; matrices of one shape are
 * multiplied together, by TensorFlow.js, or on WASM by gradpipe itself. Arrays are computed in float64. The step throws
 * `ShapeMismatch` for a leaf without matrices, before anything is computed.
 *
 * @category Rules
 * @see NumPy and JAX, `linalg.multi_dot`
 * @example
 * ```ts
 * import { fromRule, multiDot, ndarray } from 'gradpipe'
 *
 * const cubed = fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: multiDot(g, g, g) }) })
 * const g = ndarray(Float64Array.of(0, 3, -2, 0), [2, 2])
 * assert.deepEqual([...cubed.update(g, {})[0].data], [0, 27, -8, 0])
 * ```
 */
export const multiDot = (a: Term<'element'>, b: Term<'element'>, c: Term<'element'>): Term<'element'> => {
  // only who multiplies has what multiplies
  bring({ rounds: inRounds, hasRounds })
  return new Term(Product(null, exprOf(a), exprOf(b), exprOf(c)), 'element')
}
