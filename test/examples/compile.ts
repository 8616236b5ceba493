/** One TypeScript program over all examples, each a module that stands beside the file that it comes from. */
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { hostOf } from '../packageFiles.js'
import { type Example, root } from './extract.js'

/** The compiler's settings for the project. */
export function projectOptions(): ts.CompilerOptions {
  const path = join(root, 'tsconfig.json')
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(path, ts.sys.readFile).config,
    ts.sys,
    dirname(path),
  )
  return options
}

const globals = join(root, 'example-globals.d.ts')

/** What every example may use without importing it. */
const declarations = `declare const assert: typeof import('node:assert').strict`

const pathOf = ({ file, line }: Example): string => join(root, `${file}.${line}.ts`)

/** The messages of the type checker, by example. */
export function typeErrors(examples: readonly Example[]): (example: Example) => readonly string[] {
  const options: ts.CompilerOptions = {
    ...projectOptions(),
    moduleDetection: ts.ModuleDetectionKind.Force,
    // An example shows a value; it need not use it, nor declare the types of what it exports.
    noUnusedLocals: false,
    noUnusedParameters: false,
    isolatedDeclarations: false,
    declaration: false,
  }
  const sources = new Map(examples.map((example) => [pathOf(example), example.code] as const)).set(
    globals,
    declarations,
  )
  const host = hostOf(options)
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (path) => sources.has(path) || fileExists(path)
  host.readFile = (path) => sources.get(path) ?? readFile(path)
  host.getSourceFile = (path, language, ...more) => {
    const text = sources.get(path)
    return text === undefined
      ? getSourceFile(path, language, ...more)
      : ts.createSourceFile(path, text, language)
  }
  const program = ts.createProgram([...sources.keys()], options, host)
  return (example) => {
    const file = program.getSourceFile(pathOf(example))
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      ({ file: at, start = 0, messageText }) => {
        const line = at === undefined ? '?' : at.getLineAndCharacterOfPosition(start).line + 1
        return `${example.file}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
      },
    )
  }
}
