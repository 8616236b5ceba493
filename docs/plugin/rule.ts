/**
 * `{@rule EXPRESSION}` becomes the formula that the library's own `latex` interpreter prints: the docs cannot
 * drift from the code. The expression is evaluated among the exports of `gradpipe`, with those of
 * `gradpipe/objax` as `objax`; it is a transformation, or a factory that needs no arguments. Where it has
 * braces of its own, it stands between backticks:
 *
 *     {@rule scaleByAdam}
 *     {@rule `scaleByAdam({ nesterov: true })`}
 */

import type { GradientTransformation } from 'gradpipe'
import * as gradpipe from 'gradpipe'
import * as objax from 'gradpipe/objax'

const { latex } = gradpipe

/** What an expression may name. */
const scope: Readonly<Record<string, unknown>> = { ...gradpipe, objax }

/** What an expression stands for. */
export function transformationOf(expression: string): GradientTransformation {
  const evaluate = new Function(...Object.keys(scope), `return (${expression.replace(/^`+|`+$/g, '')})`)
  const value: unknown = evaluate(...Object.values(scope))
  // what is no transformation, those refuse who print it
  return (typeof value === 'function' ? value() : value) as GradientTransformation
}

/** The formula of a rule, in one line, since Markdown gives the beginning of a line a meaning. */
export const formulaOf = (expression: string): string =>
  latex(transformationOf(expression)).replaceAll('\n', ' ')
