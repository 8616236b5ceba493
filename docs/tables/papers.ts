/** The table of papers in the source, by which printed modules name theirs. */
import * as gradpipe from 'gradpipe'
import { factories } from './factories.js'

/** How long a line of source may be. */
const WIDTH = 110

const quoted = (text: string): string => (text.includes("'") ? JSON.stringify(text) : `'${text}'`)

/** The categories of what no transformation is made by. */
const others = ['Minimizing', 'Rules']

/** A factory's entry, as Biome formats it. */
const entry = (name: string, papers: readonly string[]): string => {
  const line = `  ${name}: [${papers.map(quoted).join(', ')}],`
  return line.length <= WIDTH
    ? line
    : `  ${name}: [\n${papers.map((paper) => `    ${quoted(paper)},\n`).join('')}  ],`
}

/** The file. */
export const papersSource = (): string =>
  [
    '/** The papers that the comments of factories name: authors, title, year. Written by `npm run tables`. */',
    'export const papers: Readonly<Record<string, readonly string[]>> = {',
    ...factories(new Set(Object.keys(gradpipe)))
      .filter(({ category, papers }) => papers.length > 0 && !others.includes(category))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, papers }) => entry(name, papers)),
    '}',
    '',
  ].join('\n')
