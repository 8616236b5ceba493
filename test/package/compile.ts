/**
 * Compiles a user's project as `tsc` does. The declarations of other packages are parsed once in a process, since they are
 * most of what a project reads.
 */
import { join } from 'node:path'
import ts from 'typescript'

/** Where the packages lie to which a user's are links. */
const packages = join(import.meta.dirname, '../../node_modules').replaceAll('\\', '/')

const parsed = new Map<string, ts.SourceFile | undefined>()

const hostOf = (options: ts.CompilerOptions): ts.CompilerHost => {
  const host = ts.createCompilerHost(options)
  return {
    ...host,
    getSourceFile: (name, how, ...more) => {
      if (!name.startsWith(packages)) return host.getSourceFile(name, how, ...more)
      const key = `${name} ${typeof how === 'object' ? `${how.languageVersion} ${how.impliedNodeFormat}` : how}`
      if (!parsed.has(key)) parsed.set(key, host.getSourceFile(name, how, ...more))
      return parsed.get(key)
    },
  }
}

/** What the compiler says. */
export interface Compilation {
  /** Files with errors: `package/path` of a package, the path in the project otherwise. */
  readonly files: readonly string[]
  readonly text: string
}

/** Compiles the files of a project, with the compiler's options as a `tsconfig.json` has them. */
export const compile = (
  home: string,
  include: readonly string[],
  compilerOptions: Readonly<Record<string, string | boolean | readonly string[]>>,
): Compilation => {
  const config = { compilerOptions, include }
  const { options, fileNames, errors } = ts.parseJsonConfigFileContent(config, ts.sys, home)
  const host = hostOf(options)
  const program = ts.createProgram(fileNames, options, host)
  const found = [...errors, ...ts.getPreEmitDiagnostics(program), ...program.emit().diagnostics]
  const files = found.flatMap(({ file }) =>
    file === undefined ? [] : [file.fileName.replace(/^.*node_modules\//, '').replace(`${home}/`, '')],
  )
  const format = { ...host, getCurrentDirectory: () => home }
  return { files: [...new Set(files)].sort(), text: ts.formatDiagnostics(found, format) }
}
