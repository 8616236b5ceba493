/**
 * Marks the examples that run in a browser: their `<pre>` gets `data-example`, by which the script of the site finds them.
 * Its value is `continues` where an example goes on from the one before it.
 */
import type { Markdown } from './math.js'

/** What a browser has not: files and processes of Node. */
const needsNode = /\bfrom 'node:|\bimport 'node:/

/** The mark of a block by the words after its fence; `undefined` where there is nothing to run. */
export const markOf = (info: string, code: string): string | undefined => {
  const [language, flag = ''] = info.trim().split(/\s+/)
  if (language !== 'ts' || flag === 'no-run' || needsNode.test(code)) return undefined
  return flag === 'continues' ? flag : ''
}

/** Teaches markdown-it the marks. */
export const examples = ({ renderer: { rules } }: Markdown): void => {
  const { fence } = rules
  if (fence === undefined) throw new Error('markdown-it has no rule for fences')
  rules.fence = (tokens, index, ...rest) => {
    const { info = '', content = '' } = tokens[index] ?? {}
    const mark = markOf(info, content)
    const written = fence(tokens, index, ...rest)
    return mark === undefined ? written : written.replace('<pre>', `<pre data-example="${mark}">`)
  }
}
