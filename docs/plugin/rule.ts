/**
 * `{@rule EXPRESSION}` becomes the formula that the library's own `latex` interpreter prints: the docs cannot
 * drift from the code. The expression is evaluated against the exports of `gradpipe`; it is a transformation,
 * or a factory that needs no arguments. Where it has braces of its own, it stands between backticks:
 *
 *     {@rule scaleByAdam}
 *     {@rule `scaleByAdam({ nesterov: true })`}
 */
import * as gradpipe from 'gradpipe'

const { latex } = gradpipe

/** The formula of a rule, in one line, since Markdown gives the beginning of a line a meaning. */
export function formulaOf(expression: string): string {
  const names = Object.keys(gradpipe)
  const evaluate = new Function(...names, `return (${expression.replace(/^`+|`+$/g, '')})`)
  const value: unknown = evaluate(...Object.values(gradpipe))
  // The parameter's type cannot be checked: `latex` itself refuses what is not a transformation.
  const transformation = (typeof value === 'function' ? value() : value) as Parameters<typeof latex>[0]
  return latex(transformation).replaceAll('\n', ' ')
}
