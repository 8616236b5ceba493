/** Compiles a user's project as `tsc` does. */
import ts from 'typescript'
import { isThorough } from '../laws/runs.js'
import { hostOf, isOfPackage } from '../packageFiles.js'

/** What the compiler says. */
export interface Compilation {
  /** Files with errors: `package/path` of a package, the path in the project otherwise. */
  readonly files: readonly string[]
  readonly text: string
}

/**
 * What the compiler finds in a program: without `CI` in the files of the user and of ours, since all declarations of
 * TypeScript itself and of other packages take several times as long.
 */
const foundIn = (program: ts.Program): readonly ts.Diagnostic[] =>
  isThorough
    ? ts.getPreEmitDiagnostics(program)
    : [
        ...program.getOptionsDiagnostics(),
        ...program
          .getSourceFiles()
          .filter(({ fileName }) => !isOfPackage(fileName))
          .flatMap((file) => [
            ...program.getSyntacticDiagnostics(file),
            ...program.getSemanticDiagnostics(file),
          ]),
      ]

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
  const found = [...errors, ...foundIn(program)]
  const files = found.flatMap(({ file }) =>
    file === undefined ? [] : [file.fileName.replace(/^.*node_modules\//, '').replace(`${home}/`, '')],
  )
  const format = { ...host, getCurrentDirectory: () => home }
  return { files: [...new Set(files)].sort(), text: ts.formatDiagnostics(found, format) }
}
