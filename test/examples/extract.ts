/**
 * Finds the examples: every ```ts block in a doc comment of src/ and laws/, in docs/*.md and in README.md.
 *
 * The words after ```ts say what is special about a block:
 *
 * - `continues`: it goes on where the block before it (in the same comment or page) ended;
 * - `keeps-tensors`: it leaves tensors alive on purpose;
 * - `no-run REASON`: it is only shown; why, stands here in words.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The folder of package.json. */
export const root: string = join(import.meta.dirname, '../..')

/** One block of code that is shown to users. */
export interface Example {
  /** Where it stands, relative to {@link root}, and the line (from 1) of its first line of code. */
  readonly file: string
  readonly line: number
  /** What it is an example of: an export, or a heading. */
  readonly subject: string
  /** What runs: the block, after those that it continues; lines as in the file. */
  readonly code: string
  readonly keepsTensors: boolean
  /** Why it does not run, if it does not. */
  readonly noRun: string | undefined
}

/** A run of lines that may hold blocks: a doc comment without its stars, or a whole page. */
interface Prose {
  readonly lines: readonly string[]
  /** How many lines of the file stand before it. */
  readonly offset: number
  readonly subjectAt: (line: number) => string
}

const lineCount = (text: string): number => text.split('\n').length - 1

/** The name that is declared first in the source text after a comment. */
const declaredName = (after: string): string =>
  /^\s*(?:(?:export|default|declare|abstract|async|const|let|function\*?|class|interface|type|enum|static|readonly|override|get|set|\*|as)\s+)*([\w$]+)/.exec(
    after,
  )?.[1] ?? 'the module'

const comments = (source: string): readonly Prose[] =>
  [...source.matchAll(/\/\*\*([\s\S]*?)\*\//g)].map((match) => {
    const subject = declaredName(source.slice(match.index + match[0].length))
    return {
      lines: (match[1] ?? '').split('\n').map((line) => line.replace(/^\s*\* ?/, '')),
      offset: lineCount(source.slice(0, match.index)),
      subjectAt: () => (subject === 'import' ? 'the module' : subject),
    }
  })

const page = (source: string): Prose => {
  const lines = source.split('\n')
  return {
    lines,
    offset: 0,
    subjectAt: (line) =>
      lines
        .slice(0, line)
        .filter((text) => /^#+ /.test(text))
        .at(-1)
        ?.replace(/^#+ /, '') ?? 'the page',
  }
}

const fail = (file: string, line: number, message: string): never => {
  throw new Error(`${file}:${line}: ${message}`)
}

function blocksOf(file: string, { lines, offset, subjectAt }: Prose): readonly Example[] {
  const found: Example[] = []
  /** The line of an `@example` that no block has followed yet. */
  let open: number | undefined
  const close = (): void => {
    if (open !== undefined) fail(file, open, 'this @example has no ```ts block')
  }
  for (let i = 0; i < lines.length; i++) {
    const text = lines[i] ?? ''
    if (/^\s*@\w/.test(text)) {
      close()
      open = /^\s*@example\b/.test(text) ? offset + i + 1 : undefined
    }
    const fence = /^(\s*)(```+)(.*)$/.exec(text)
    if (fence === null) continue
    const [, indent = '', ticks = '', info = ''] = fence
    const end = lines.findIndex((line, j) => j > i && line.trim() === ticks)
    if (end < 0) fail(file, offset + i + 1, 'this block does not end')
    const [language, flag, ...words] = info.trim().split(/\s+/)
    if (language === 'ts') {
      open = undefined
      const line = offset + i + 2
      if (flag !== undefined && !['continues', 'keeps-tensors', 'no-run'].includes(flag))
        fail(file, line - 1, `\`\`\`ts knows no word ${flag}`)
      if (flag === 'no-run' && words.length === 0) fail(file, line - 1, 'no-run is followed by the reason')
      const before = found.at(-1)
      if (flag === 'continues' && before === undefined) fail(file, line - 1, 'there is no block to continue')
      const start = flag === 'continues' && before !== undefined ? before.code : ''
      // Empty lines before it, so that a stack trace and a type error name the line in the file.
      const padding = '\n'.repeat(line - 1 - lineCount(start))
      const code = lines.slice(i + 1, end).map((row) => row.slice(row.startsWith(indent) ? indent.length : 0))
      found.push({
        file,
        line,
        subject: subjectAt(i),
        code: `${start}${padding}${code.join('\n')}\n`,
        keepsTensors: flag === 'keeps-tensors' || (flag === 'continues' && before?.keepsTensors === true),
        noRun: flag === 'no-run' ? words.join(' ') : undefined,
      })
    }
    i = end
  }
  close()
  return found
}

/** The examples in the text of a file; throws where a block says something that cannot be. */
export const examplesIn = (file: string, source: string): readonly Example[] =>
  (file.endsWith('.md') ? [page(source)] : comments(source)).flatMap((prose) => blocksOf(file, prose))

/** The examples of one file. */
export const examplesOf = (file: string): readonly Example[] =>
  examplesIn(file, readFileSync(join(root, file), 'utf8'))

const within = (folder: string, recursive: boolean, ending: string): readonly string[] =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive, encoding: 'utf8' })
        .filter((name) => name.endsWith(ending))
        .sort()
        .map((name) => `${folder}/${name}`)
    : []

/** The files that may hold examples. */
export const files = (): readonly string[] => [
  ...within('src', true, '.ts'),
  ...within('laws', true, '.ts'),
  ...within('docs', false, '.md'),
  ...(existsSync(join(root, 'README.md')) ? ['README.md'] : []),
]
