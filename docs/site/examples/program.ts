/** An example in TypeScript becomes the module that a worker runs: without types, its imports led to files of the site. */
import { javascriptLanguage } from '@codemirror/lang-javascript'
import { transform } from 'sucrase'
import type { Said } from './said.js'

/** Where the imports of an example lead. */
export interface Sources {
  /** The module that runs first; it exports `finished`. */
  readonly host: string
  /** By the names that an example may import. */
  readonly modules: Readonly<Record<string, string>>
}

/** What is wrong with an example before it runs, and in which line. */
export interface Mistake {
  readonly message: string
  readonly line: number | undefined
}

export type Program =
  | {
      readonly is: 'ready'
      readonly code: string
      /**
       * What a browser does not tell of a module that does not start: a program that fails in the line of the first import of
       * what is not exported.
       */
      readonly diagnosis: string
    }
  | { readonly is: 'mistaken'; readonly mistake: Mistake }

const mistaken = (message: string, line?: number): Program => ({ is: 'mistaken', mistake: { message, line } })

/** The name of `finished` in the module; an example has its own names. */
const finished = '__finished'

/** Checks that a module exports what is taken from it, in one line. */
const checkOf = (name: string, url: string, taken: readonly string[]): string =>
  `for (const each of ${JSON.stringify(taken)}) if (!(each in (await import(${JSON.stringify(url)})))) ` +
  `throw new SyntaxError(${JSON.stringify(name)} + ' does not export ' + each);`

/** What the diagnosis says where every import is right. */
const noProgram = `postMessage(${JSON.stringify({
  kind: 'failed',
  message: 'The example does not start: it is no valid program. Is a name declared twice?',
} satisfies Partial<Said>)})`

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length

interface Specifier {
  readonly from: number
  readonly to: number
  readonly name: string
  /** What is taken from the module by name. */
  readonly taken: readonly string[]
}

/** The names between the braces of an import or an export, as the other module has them. */
const takenBy = (declaration: string): readonly string[] =>
  (/{([^}]*)}/.exec(declaration)?.[1] ?? '').split(',').flatMap((part) => part.trim().split(/\s/)[0] || [])

/** Where a module says the names of others: in imports and exports, and in `import(…)` of a text. */
const specifiersOf = (code: string): readonly Specifier[] => {
  const found: Specifier[] = []
  javascriptLanguage.parser.parse(code).iterate({
    enter: ({ name, from, to, node }) => {
      if (name !== 'String') return
      const { parent } = node
      const isStatic = parent?.name === 'ImportDeclaration' || parent?.name === 'ExportDeclaration'
      const isDynamic = parent?.name === 'DynamicImport'
      if (isStatic || isDynamic)
        found.push({
          from,
          to,
          name: code.slice(from + 1, to - 1),
          taken: isStatic ? takenBy(code.slice(parent.from, from)) : [],
        })
    },
  })
  return found
}

const withoutTypes = (code: string): string =>
  // lines stay where they are
  transform(code, { transforms: ['typescript'], disableESTransforms: true }).code

/** The module for the worker; lines are those of the example. */
export const programOf = (example: string, { host, modules }: Sources): Program => {
  let code: string
  try {
    code = withoutTypes(example)
  } catch (error) {
    const [, message = String(error), line] =
      /^(?:Error transforming [^:]*: )?(.*?)(?: \((\d+):\d+\))?$/s.exec(
        error instanceof Error ? error.message : String(error),
      ) ?? []
    return mistaken(message, line === undefined ? undefined : Number(line))
  }
  let at = 0
  const parts: string[] = []
  const checks: string[] = []
  for (const { from, to, name, taken } of specifiersOf(code)) {
    const url = Object.hasOwn(modules, name) ? modules[name] : undefined
    // what leads somewhere by itself is left to the browser and to the policy of the site
    if (url === undefined && !/^(https?|blob|data):/.test(name))
      return mistaken(
        `There is no ${name} here. An example may import ${Object.keys(modules).join(', ')}.`,
        lineAt(code, from),
      )
    if (url !== undefined && taken.length > 0) {
      const line = lineAt(code, from) - 1
      checks[line] = `${checks[line] ?? ''}${checkOf(name, url, taken)}`
    }
    parts.push(code.slice(at, from), url === undefined ? code.slice(from, to) : JSON.stringify(url))
    at = to
  }
  const before = `import { finished as ${finished} } from ${JSON.stringify(host)};`
  return {
    is: 'ready',
    code: `${before} ${parts.join('')}${code.slice(at)}\n${finished}()\n`,
    diagnosis: `${before} ${Array.from(checks, (line) => line ?? '').join('\n')}\n${noProgram}\n`,
  }
}
