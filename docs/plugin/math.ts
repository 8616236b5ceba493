/**
 * Formulas in Markdown: `$…$` in a line and `$$…$$` on lines of their own, rendered by KaTeX while the page
 * is made, so that the reader's browser runs nothing.
 */
import katex from 'katex'

/** What is used of a token of markdown-it. */
interface Token {
  content: string
  /** What stands after a fence. */
  readonly info?: string
  block: boolean
  map: [number, number] | null
}

/** What is used of the states in which the rules of markdown-it run. */
interface InlineState {
  readonly src: string
  pos: number
  push(type: string, tag: string, nesting: 0): Token
}

interface BlockState {
  readonly src: string
  readonly bMarks: readonly number[]
  readonly tShift: readonly number[]
  readonly eMarks: readonly number[]
  line: number
  push(type: string, tag: string, nesting: 0): Token
}

/** What is used of markdown-it, which TypeDoc brings along without its types. */
export interface Markdown {
  readonly inline: {
    readonly ruler: {
      before(name: string, newName: string, rule: (state: InlineState, silent: boolean) => boolean): void
    }
  }
  readonly block: {
    readonly ruler: {
      before(
        name: string,
        newName: string,
        rule: (state: BlockState, start: number, end: number, silent: boolean) => boolean,
        options: { readonly alt: readonly string[] },
      ): void
    }
  }
  readonly renderer: {
    readonly rules: Record<
      string,
      (tokens: readonly Token[], index: number, ...rest: readonly unknown[]) => string
    >
  }
}

/** A formula that stands in a line, from its first dollar on. A price (`$5 and $6`) is not one. */
const inLine = /^(?:\$\$([^$]+)\$\$|\$((?!\s)(?:\\.|[^$\\`])*?(?<!\s))\$(?!\d))/

function inlineRule(state: InlineState, silent: boolean): boolean {
  const [whole, display, text] = inLine.exec(state.src.slice(state.pos)) ?? []
  const formula = display ?? text
  if (whole === undefined || formula === undefined || formula === '') return false
  if (!silent) {
    const token = state.push('math', 'math', 0)
    token.content = formula
    token.block = display !== undefined
  }
  state.pos += whole.length
  return true
}

/** A block rule, since the lines of a formula may begin with `-`, `+` or `=`, which mean lists and headings. */
function blockRule(state: BlockState, start: number, end: number, silent: boolean): boolean {
  const line = (i: number): string =>
    state.src.slice((state.bMarks[i] ?? 0) + (state.tShift[i] ?? 0), state.eMarks[i]).trimEnd()
  if (line(start) !== '$$') return false
  if (silent) return true
  let next = start + 1
  while (next < end && line(next) !== '$$') next++
  const token = state.push('math', 'math', 0)
  token.content = Array.from({ length: next - start - 1 }, (_, i) => line(start + 1 + i)).join('\n')
  token.block = true
  token.map = [start, next]
  state.line = next + 1
  return true
}

/** Teaches markdown-it formulas; `onError` hears of those that KaTeX does not understand. */
export function formulas(onError: (formula: string, error: unknown) => void): (markdown: Markdown) => void {
  return ({ inline, block, renderer }) => {
    inline.ruler.before('escape', 'math', inlineRule)
    block.ruler.before('fence', 'math', blockRule, { alt: ['paragraph', 'blockquote', 'list'] })
    renderer.rules.math = (tokens, index) => {
      const { content = '', block: displayMode = false } = tokens[index] ?? {}
      try {
        return katex.renderToString(content, { displayMode, strict: 'error', throwOnError: true })
      } catch (error) {
        onError(content, error)
        return ''
      }
    }
  }
}
