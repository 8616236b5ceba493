/** Every example that users are shown compiles under the project's own settings, runs, and frees its tensors. */
import assert from 'node:assert/strict'
import * as tf from '@tensorflow/tfjs'
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { typeErrors } from './compile.js'
import { type Example, examplesOf, files } from './extract.js'
import { moduleOf } from './plugin.js'

const byFile = files()
  .map((file) => [file, examplesOf(file)] as const)
  .filter(([, examples]) => examples.length > 0)

let errors: ReadonlyMap<Example, readonly string[]>

// one program over all of them, which cannot be cut smaller: it takes as long as the compiler does
beforeAll(() => {
  const all = byFile.flatMap(([, examples]) => examples).filter(({ noRun }) => noRun === undefined)
  const errorsOf = typeErrors(all)
  errors = new Map(all.map((example) => [example, errorsOf(example)]))
}, 300_000)

beforeEach(async () => {
  vi.stubGlobal('assert', assert)
  await tf.setBackend('cpu')
})

describe.each(byFile)('%s', (_, examples) => {
  for (const example of examples) {
    const { subject, line, noRun, keepsTensors } = example
    if (noRun !== undefined) {
      test.skip(`the example of ${subject} in line ${line} is not run: ${noRun}`)
      continue
    }
    const ending = keepsTensors ? 'and runs' : 'runs, and frees its tensors'
    test(`the example of ${subject} in line ${line} compiles, ${ending}`, async () => {
      expect(errors.get(example)).toEqual([])
      const before = tf.memory().numTensors
      await import(moduleOf(example))
      if (!keepsTensors) expect(tf.memory().numTensors - before, 'tensors left alive').toBe(0)
    })
  }
})
