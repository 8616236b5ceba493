/** What kernels import is the same in a worker, which has nothing but its text. */
import { expect, test } from 'vitest'
import { importedFunctions } from '../../../../src/compile/wasm/imports.js'
import { functionsProgram } from '../../../../src/host/tfjs/wasm/worker.js'

/** Numbers of every size and both signs, and those that are special. */
const some: readonly number[] = [
  ...Array.from({ length: 2001 }, (_, i) => (i - 1000) / 125),
  ...Array.from({ length: 61 }, (_, i) => 10 ** (i - 30)),
  ...[-0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
]

test('the functions of a worker are those of the thread that steps, bit for bit', () => {
  const inWorker: typeof importedFunctions = new Function(`${functionsProgram}; return functions`)()
  expect(Object.keys(inWorker).sort()).toEqual(Object.keys(importedFunctions).sort())
  for (const [name, run] of Object.entries(importedFunctions))
    expect(some.map((x) => inWorker[name]?.(x, 1.5))).toEqual(some.map((x) => run(x, 1.5)))
})
