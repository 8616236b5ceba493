#!/usr/bin/env node
/**
 * What Vitest checks tests of types with: `tsc`; without `CI` it checks these tests alone, and of the sources what they
 * name, since all of them take several times as long. `npm run types` checks everything.
 */
import ts from 'typescript'

const check = (args) => {
  const fail = (diagnostic) => {
    throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'))
  }
  const { options: given } = ts.parseCommandLine(args)
  const { fileNames, options } = ts.getParsedCommandLineOfConfigFile(given.project, given, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: fail,
  })
  const host = ts.createCompilerHost(options)
  const program = ts.createProgram(fileNames, options, host)
  const found = [
    ...program.getOptionsDiagnostics(),
    ...fileNames.flatMap((name) => {
      const file = program.getSourceFile(name)
      return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]
    }),
  ]
  ts.sys.write(ts.formatDiagnostics(found, host))
  process.exitCode = found.length > 0 ? 1 : 0
}

const args = process.argv.slice(2)
if (process.env.CI || args.includes('--watch')) await import('typescript/lib/tsc.js')
else check(args)
