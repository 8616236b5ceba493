/**
 * A host for TypeScript's compiler. The declarations of packages are most of what a program reads: they are parsed once in
 * a process.
 */
import { join } from 'node:path'
import ts from 'typescript'

/** Where packages lie, also those to which a user's are links. */
const packages = join(import.meta.dirname, '../node_modules').replaceAll('\\', '/')

const parsed = new Map<string, ts.SourceFile | undefined>()

/** Whether a file is a package's, and not the repository's or a user's. */
export const isOfPackage = (name: string): boolean => name.startsWith(packages)

/** The compiler's own host, but for those files. */
export const hostOf = (options: ts.CompilerOptions): ts.CompilerHost => {
  const host = ts.createCompilerHost(options)
  return {
    ...host,
    getSourceFile: (name, how, ...more) => {
      if (!isOfPackage(name)) return host.getSourceFile(name, how, ...more)
      const key = `${name} ${typeof how === 'object' ? `${how.languageVersion} ${how.impliedNodeFormat}` : how}`
      if (!parsed.has(key)) parsed.set(key, host.getSourceFile(name, how, ...more))
      return parsed.get(key)
    },
  }
}
