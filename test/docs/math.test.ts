/** The formulas of the reference are formulas, and what only looks like one stays as it was written. */
import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { formulas, type Markdown } from '../../docs/plugin/math.js'

/** The parser that TypeDoc uses. */
type Parser = new () => Markdown & { render(text: string): string }
const MarkdownIt: Parser = createRequire(createRequire(import.meta.url).resolve('typedoc'))('markdown-it')

function render(text: string): { readonly html: string; readonly errors: readonly string[] } {
  const errors: string[] = []
  const markdown = new MarkdownIt()
  formulas((formula) => errors.push(formula))(markdown)
  return { html: markdown.render(text), errors }
}

/** The LaTeX sources that KaTeX kept in a page. */
const sources = (html: string): readonly (string | undefined)[] =>
  [...html.matchAll(/<annotation encoding="application\/x-tex">(.*?)<\/annotation>/gs)].map(
    ([, source]) => source,
  )

describe('formulas in Markdown', () => {
  test('underscores and stars between dollars are not emphasis', () => {
    const { html } = render('with $a_1 * b_{1} * c$ and $\\mu$.')
    expect(sources(html)).toEqual(['a_1 * b_{1} * c', '\\mu'])
    expect(html).not.toContain('<em>')
  })

  test('a formula on lines of its own may begin with a sign', () => {
    const { html } = render('Then\n$$\n- a\n= b\n$$\nand so on.')
    expect(sources(html)).toEqual(['- a\n= b'])
    expect(html).toContain('katex-display')
    expect(html).not.toMatch(/<li>|<h1>/)
  })

  test('two dollars within a line make a display too', () => {
    const { html } = render('It is $$\\frac{1}{2}$$ here.')
    expect(sources(html)).toEqual(['\\frac{1}{2}'])
    expect(html).toContain('katex-display')
  })

  test.each(['costs $5 to $6', 'costs \\$5$', 'one $ alone', 'see `$x$`', 'a $ b $ c'])(
    '%s is no formula',
    (text) => {
      expect(sources(render(text).html)).toEqual([])
    },
  )

  test('a formula that KaTeX does not understand is reported', () => {
    expect(render('$\\frac{1}$').errors).toEqual(['\\frac{1}'])
    expect(render('$\\nosuchthing$').errors).toEqual(['\\nosuchthing'])
  })
})
