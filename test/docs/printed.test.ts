/** What the table of transformations prints can be copied: every example in it compiles and runs as it stands there. */
import * as tf from '@tensorflow/tfjs'
import * as gradpipe from 'gradpipe'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { transformationsPage } from '../../docs/tables/transformations.js'
import { useBackend } from '../backends.js'
import { typeErrors } from '../examples/compile.js'

const page = transformationsPage()
const calls = [...page.matchAll(/^\| `\w+` \| `(.*?)` \| (?:\d+|no) \|/gm)].map(([, call = '']) =>
  call.replaceAll('\\|', '|'),
)
const names = Object.keys(gradpipe).filter((name) =>
  calls.some((call) => new RegExp(`\\b${name}\\b`).test(call)),
)

test('there are examples, one in each row of the table', () => {
  expect(calls.length).toBe(page.split('\n').filter((line) => line.startsWith('| `')).length)
  expect(calls.length).toBeGreaterThan(100)
})

test('they are right to the type checker', { timeout: 120_000 }, () => {
  const code = [
    `import { ${names.join(', ')} } from 'gradpipe'`,
    ...calls.map((call) => `export const _${calls.indexOf(call)} = ${call}`),
  ]
  const example = {
    file: 'docs/transformations.md',
    line: 1,
    subject: 'the table',
    code: code.join('\n'),
    keepsTensors: false,
    noRun: undefined,
  }
  expect(
    typeErrors([example])(example).map((error) => [error, calls[Number(/:(\d+):/.exec(error)?.[1]) - 2]]),
  ).toEqual([])
})

test.each(calls)('%s makes a transformation, and its first state', async (call) => {
  await useBackend('cpu')
  const { numTensors } = tf.memory()
  const { outputText } = ts.transpileModule(`made = ${call}`, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  })
  const values = names.map((name): unknown => Reflect.get(gradpipe, name))
  const tx: { init(params: object): unknown } = new Function(
    ...names,
    `let made; ${outputText}; return made`,
  )(...values)
  const w = tf.ones([2, 2])
  const params = call.startsWith('lookahead(') ? { fast: { w }, slow: { w } } : { w }
  const state = tx.init(params)
  gradpipe.dispose(state, w)
  expect(tf.memory().numTensors).toBe(numTensors)
})
