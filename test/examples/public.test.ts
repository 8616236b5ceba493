/** Every public export tells what it is, in which category it stands, and, where it is a value, shows itself at work. */
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { hostOf } from '../packageFiles.js'
import { projectOptions } from './compile.js'
import { root } from './extract.js'

const entries = ['src/index.ts', 'src/objax/index.ts', 'src/fp-ts/index.ts', 'laws/index.ts']

/** The exports of a module, those of its namespaces included, by name. */
function exportsOf(checker: ts.TypeChecker, module: ts.Symbol, prefix = ''): readonly [string, ts.Symbol][] {
  return checker.getExportsOfModule(module).flatMap((symbol): readonly [string, ts.Symbol][] => {
    const name = prefix + symbol.name
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    return target.flags & ts.SymbolFlags.ValueModule
      ? exportsOf(checker, target, `${name}.`)
      : [[name, target]]
  })
}

/** A law, or what makes one, is its own example: it says what holds, and the tests try it on the catalogue. */
function isLaw(checker: ts.TypeChecker, symbol: ts.Symbol): boolean {
  const type = checker.getTypeOfSymbol(symbol)
  return [type, ...type.getCallSignatures().map((signature) => signature.getReturnType())].some(
    (made) => made.symbol?.name === 'Law' || made.aliasSymbol?.name === 'Law',
  )
}

/** What an export lacks. */
function missing(checker: ts.TypeChecker, symbol: ts.Symbol): readonly string[] {
  const tags = symbol.getJsDocTags(checker).map(({ name }) => name)
  return [
    ...(symbol.getDocumentationComment(checker).length === 0 ? ['a docstring'] : []),
    ...(tags.includes('category') ? [] : ['@category']),
    ...(symbol.flags & ts.SymbolFlags.Value && !tags.includes('example') && !isLaw(checker, symbol)
      ? ['@example']
      : []),
  ]
}

describe('the public exports', () => {
  const program = ts.createProgram(
    entries.map((entry) => join(root, entry)),
    projectOptions(),
    hostOf(projectOptions()),
  )
  const checker = program.getTypeChecker()

  test.each(entries)('of %s each have a docstring, a category and, if a value, an example', (entry) => {
    const file = program.getSourceFile(join(root, entry))
    const module = file && checker.getSymbolAtLocation(file)
    if (module === undefined) throw new Error(`${entry} exports nothing`)
    const lacking = exportsOf(checker, module).map(
      ([name, symbol]) => [name, missing(checker, symbol)] as const,
    )
    expect(lacking.length).toBeGreaterThan(0)
    expect(
      lacking.filter(([, what]) => what.length > 0).map(([name, what]) => `${name}: ${what.join(', ')}`),
    ).toEqual([])
  })
})
