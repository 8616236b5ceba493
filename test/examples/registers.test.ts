/** Who copies an example has tensors for leaves: it imports what makes them so. */
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { examplesOf, files } from './extract.js'

/** The modules that a program loads: an import of types alone loads nothing. */
const loaded = (code: string): readonly string[] =>
  ts
    .createSourceFile('example.ts', code, ts.ScriptTarget.ES2022)
    .statements.filter(ts.isImportDeclaration)
    .filter(({ importClause }) => importClause?.phaseModifier !== ts.SyntaxKind.TypeKeyword)
    .flatMap(({ moduleSpecifier }) => (ts.isStringLiteral(moduleSpecifier) ? [moduleSpecifier.text] : []))

// The tests' own setup makes tensors leaves, so that an example runs without it, too.
const lacksTensors = (code: string): boolean => {
  const modules = loaded(code)
  return (
    modules.some((name) => name.startsWith('@tensorflow/')) &&
    modules.includes('gradpipe') &&
    !modules.some((name) => ['gradpipe/tfjs', 'gradpipe/objax', 'gradpipe/laws'].includes(name))
  )
}

test('an example with tensors that imports gradpipe alone is found', () => {
  const [tf, alone] = [`import * as tf from '@tensorflow/tfjs'`, `import { adam } from 'gradpipe'`]
  expect(lacksTensors(`${tf}\n${alone}`)).toBe(true)
  expect(lacksTensors(`${tf}\n${alone}\nimport type { TrainStep } from 'gradpipe/tfjs'`)).toBe(true)
  expect(lacksTensors(`${tf}\n${alone}\nimport 'gradpipe/tfjs'`)).toBe(false)
  expect(lacksTensors(`${tf}\n${alone}\nimport { nn } from 'gradpipe/objax'`)).toBe(false)
  expect(lacksTensors(`${tf}\n${alone}\nimport { save } from 'gradpipe/checkpoint'`)).toBe(true)
  expect(lacksTensors(alone)).toBe(false)
})

describe('every example with tensors imports what makes them leaves', () => {
  const byFile = files()
    .map((file) => [file, examplesOf(file)] as const)
    .filter(([, examples]) => examples.some(({ code }) => loaded(code).includes('gradpipe')))

  test.each(byFile)('%s', (_, examples) => {
    expect(examples.filter(({ code }) => lacksTensors(code)).map(({ line }) => `line ${line}`)).toEqual([])
  })
})
