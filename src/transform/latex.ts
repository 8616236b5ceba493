/** latex: the formula of a transformation, or of a schedule. */

import { latexOfRule, latexOfSchedule } from '../compile/latex.js'
import { GradpipeError } from '../error.js'
import { checkRange, transformation } from '../range.js'
import { termOf } from '../schedule/fromTerm.js'
import type { Schedule } from '../schedule/schedule.js'
import type { GradientTransformation } from './transformation.js'

/**
 * Prints the rule of a transformation as LaTeX, for a large matrix of float32 at the root of a tree: a line for every
 * slot and one for the update $u_t$, in terms of the gradient $g_t$ and the parameter $p_{t-1}$. What is reduced along the
 * first axis has the index $i$ below it, along the second $j$.
 *
 * Prints the term of a schedule likewise, with the value $v(t)$ at the count $t$.
 *
 * Throws `InvalidArgument` for a transformation that is not made of rules, and for a schedule that is a function of one's
 * own: `fromTerm` makes one that is a term.
 *
 * @category Rules
 * @example
 * ```ts
 * import { latex, trace } from 'gradpipe'
 *
 * assert.equal(
 *   latex(trace(0.9)),
 *   String.raw`\begin{aligned}
 * \mathrm{trace}_t &= g_t + \beta \, \mathrm{trace}_{t-1} \\
 * u_t &= \mathrm{trace}_t
 * \end{aligned}`,
 * )
 * ```
 */
export const latex = (tx: GradientTransformation | Schedule): string => {
  const term = typeof tx === 'function' ? termOf(tx) : undefined
  if (term !== undefined) return latexOfSchedule(term)
  checkRange('latex', tx, transformation)
  if (typeof tx === 'function' || tx.ruled === undefined)
    throw new GradpipeError('InvalidArgument', 'latex', 'a transformation made of rules', 'an ordinary one')
  return latexOfRule(tx.ruled.begin().program.rule({ path: [], shape: [1024, 1024], dtype: 'float32' }))
}
