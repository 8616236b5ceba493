/** What kernels import is the same in a worker, which has nothing but its text. */
import { expect, test } from 'vitest'
import { binary, bringErf, unary } from '../../../../src/compile/float64.js'
import { imported } from '../../../../src/compile/wasm/imports.js'
import { functionsProgram } from '../../../../src/host/tfjs/wasm/worker.js'

/** Numbers of every size and both signs, and those that are special. */
const some: readonly number[] = [
  ...Array.from({ length: 2001 }, (_, i) => (i - 1000) / 125),
  ...Array.from({ length: 61 }, (_, i) => 10 ** (i - 30)),
  ...[-0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
]

type Functions = Readonly<Record<string, (x: number, y: number) => number>>

test('the functions of a worker are those of the thread that steps, bit for bit', () => {
  bringErf()
  const here: Functions = { ...unary, ...binary }
  const inWorker: Functions = new Function(`${functionsProgram}; return functions`)()
  expect(Object.keys(inWorker).sort()).toEqual(Object.keys(imported).sort())
  for (const [name, run] of Object.entries(inWorker))
    expect(some.map((x) => run(x, 1.5))).toEqual(some.map((x) => here[name]?.(x, 1.5)))
})
