/**
 * What the sources say of each function of `gradpipe`: its signature, its comment, its options with their defaults, its
 * papers, and its first example. Read from the syntax alone.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

const root = join(import.meta.dirname, '../..')

/** An option, as its comment tells it. */
interface Option {
  readonly name: string
  readonly type: string
  readonly text: string
}

/** A function that users call. */
export interface Factory {
  readonly name: string
  readonly category: string
  /** `adam(learningRate, given?)` */
  readonly call: string
  /** The comment, without tags. */
  readonly text: string
  readonly options: readonly Option[]
  /** As in `@see`: authors, title, year. */
  readonly papers: readonly string[]
  readonly example: string | undefined
}

/** The categories of functions that make something, in the order in which they are told. */
export const categories: readonly string[] = [
  'Optimizers',
  'Schedules',
  'Combinators',
  'Wrappers',
  'Building blocks',
  'Line searches',
  'Minimizing',
  'Rules',
  'Transformations',
]

const sources = (): readonly ts.SourceFile[] =>
  readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) =>
      ts.createSourceFile(name, readFileSync(join(root, 'src', name), 'utf8'), ts.ScriptTarget.ES2022, true),
    )

const docOf = (node: ts.Node): ts.JSDoc | undefined =>
  ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).at(-1)

const textOf = (doc: ts.JSDoc | ts.JSDocTag | undefined): string =>
  (ts.getTextOfJSDocComment(doc?.comment) ?? '').trim()

const tag = (doc: ts.JSDoc | undefined, name: string): string | undefined =>
  doc?.tags?.flatMap((each) => (each.tagName.text === name ? [textOf(each)] : []))[0]

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

/**
 * The papers among what `@see` names between semicolons: what ends in a year after a comma. What follows the year is the
 * place in the paper.
 */
const papersOf = (doc: ts.JSDoc | undefined): readonly string[] =>
  (doc?.tags ?? []).filter(ts.isJSDocSeeTag).flatMap((see) =>
    // the text of the tag alone lacks the first word, which may be a name
    oneLine(see.getText().replace(/^@see|^\s*\*/gm, ' '))
      .split('; ')
      .flatMap((source) => /^.+?, (?:19|20)\d\d\b/.exec(source) ?? []),
  )

/** The interfaces and types of options, by name. */
type Records = ReadonlyMap<string, ts.InterfaceDeclaration>

const optionsOf = (name: string, records: Records): readonly Option[] => {
  const record = records.get(name)
  if (record === undefined) return []
  const inherited = (record.heritageClauses ?? []).flatMap(({ types }) =>
    types.flatMap(({ expression }) => optionsOf(expression.getText(), records)),
  )
  const own = record.members.flatMap((member): readonly Option[] => {
    if (!(ts.isPropertySignature(member) || ts.isMethodSignature(member))) return []
    const optional = member.questionToken === undefined ? '' : '?'
    const type = ts.isPropertySignature(member) ? (member.type?.getText() ?? '') : 'function'
    return [
      {
        name: `${member.name.getText()}${optional}`,
        type: oneLine(type),
        text: oneLine(textOf(docOf(member))),
      },
    ]
  })
  return [...own, ...inherited.filter(({ name }) => !own.some((each) => each.name === name))]
}

/** The parameters of a function, and the name of the type of its last one. */
const parametersOf = (list: readonly ts.ParameterDeclaration[]): readonly [call: string, last: string] => [
  list
    .map(({ dotDotDotToken, name, questionToken, initializer }) => {
      const optional = questionToken !== undefined || initializer !== undefined ? '?' : ''
      return `${dotDotDotToken === undefined ? '' : '...'}${name.getText().replace(/\s+/g, ' ')}${optional}`
    })
    .join(', '),
  list.at(-1)?.type?.getText().replace(/<.*$/s, '').split('&')[0]?.trim() ?? '',
]

/** The example's code, without what only the tests need. */
const exampleOf = (doc: ts.JSDoc | undefined): string | undefined =>
  /```ts[^\n]*\n([\s\S]*?)\n```/.exec(tag(doc, 'example') ?? '')?.[1]

const isExported = (node: ts.Node): boolean =>
  ts.canHaveModifiers(node) &&
  (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)

const functionsIn = (file: ts.SourceFile, records: Records): readonly Factory[] =>
  file.statements.flatMap((statement): readonly Factory[] => {
    if (!isExported(statement)) return []
    const doc = docOf(statement)
    const category = oneLine(tag(doc, 'category') ?? '')
    const made = (name: string, parameters: readonly ts.ParameterDeclaration[]): readonly Factory[] => {
      const [list, last] = parametersOf(parameters)
      return [
        {
          name,
          category,
          call: `${name}(${list})`,
          text: textOf(doc),
          options: optionsOf(last, records),
          papers: papersOf(doc),
          example: exampleOf(doc),
        },
      ]
    }
    if (ts.isFunctionDeclaration(statement) && statement.name !== undefined)
      return doc === undefined ? [] : made(statement.name.text, statement.parameters)
    if (!ts.isVariableStatement(statement)) return []
    return statement.declarationList.declarations.flatMap(({ name, initializer }) => {
      const called = initializer
      return called !== undefined && (ts.isArrowFunction(called) || ts.isFunctionExpression(called))
        ? made(name.getText(), called.parameters)
        : made(name.getText(), []).map((factory) => ({ ...factory, call: name.getText() }))
    })
  })

/** What of the namespaced functions and of other entries has names of its own there. */
const isOfMain = ({ fileName }: ts.SourceFile): boolean =>
  /^(block|minimize|optimizer|schedule|search|transform|wrapper|rule)\//.test(fileName)

/** Every function of the entry `gradpipe` in one of the categories, under the names that it exports. */
export const factories = (exported: ReadonlySet<string>): readonly Factory[] => {
  const files = sources()
  const records = new Map(
    files
      .flatMap((file) => file.statements.filter(ts.isInterfaceDeclaration))
      .map((node) => [node.name.text, node]),
  )
  const found = files
    .filter(isOfMain)
    .flatMap((file) => functionsIn(file, records))
    .filter(({ name, category }) => exported.has(name) && categories.includes(category))
  const names = new Set<string>()
  return categories.flatMap((category) =>
    found
      .filter((factory) => factory.category === category)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .filter(({ name }) => !names.has(name) && names.add(name)),
  )
}
