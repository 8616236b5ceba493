/** Measures: what is to be known of updates, as a term. */
import { GradpipeError } from '../error.js'
import { shown } from '../options.js'
import type { TreeValue } from '../program/program.js'
import { withoutUnused } from '../rule/condition.js'
import { Gradient } from '../rule/expr.js'
import type { Params } from '../rule/leaf.js'
import type { Extent, Scope } from '../rule/scope.js'
import { Term } from '../rule/term.js'
import { hasMatrices } from '../rule/view.js'

/**
 * A measure: a function from the term of the updates to a term. It is called once, when the transformation is made,
 * not in every step.
 *
 * A term of scope `tree`, such as `norm(u, 'tree')`, gives one number; one of scope `leaf`, such as `norm(u,
 * 'leaf')`, a number for each leaf; one of scope `element`, a tree like the updates.
 *
 * @category Building blocks
 */
export type Measure<S extends Scope = Scope> = (updates: Term<'element'>) => Term<S>

/**
 * What is kept of a measure of scope `S`: one leaf for the tree, or a tree like the updates.
 *
 * @category Building blocks
 */
export type Measured<S extends Scope> = S extends 'host' | 'tree' ? TreeValue : Params

/** How far a slot for a measure reaches. */
export type Reach = 'tree' | 'leaf' | 'element'

/** How far a slot for a term reaches: what is the same for all is kept once. */
export const reachOf = (extent: Extent): Reach =>
  extent === 'host' || extent === 'tree' ? 'tree' : extent === 'leaf' ? 'leaf' : 'element'

/** A measure's term. Throws `InvalidArgument` for what is not a measure. */
export const measured = (
  path: string,
  measure: Measure,
  updates: Term<'element'> = new Term(Gradient, 'element'),
): Term<Scope> => {
  if (typeof measure !== 'function')
    throw new GradpipeError('InvalidArgument', path, 'a function of a term', shown(measure))
  const term: unknown = withoutUnused(path, () => measure(updates))
  if (term instanceof Term && !hasMatrices([term.expr])) return term
  if (term instanceof Term)
    throw new GradpipeError(
      'InvalidArgument',
      path,
      'a term of the tree, of leaves or of elements',
      'one of matrices, rows or columns, which a measure knows nothing of',
    )
  throw new GradpipeError('InvalidArgument', path, 'a function that returns a term', shown(term))
}
