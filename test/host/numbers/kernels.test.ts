/** What is compiled and launched for numbers and typed arrays. */
import { describe, expect, it } from 'vitest'
import { binary, unary } from '../../../src/compile/float64.js'
import { loopOf } from '../../../src/compile/loop.js'
import { inOrder } from '../../../src/compile/wasm/inOrder.js'
import { kernelBytes } from '../../../src/compile/wasm/kernel.js'
import { fromRule, kernelStatistics, type Leaf, step, zeros } from '../../../src/index.js'
import { Gradient, Reduce } from '../../../src/rule/expr.js'

/** A rule that nobody else has, with a number of its own. */
const ruleOf = (rate: number) =>
  fromRule({
    slots: { m: zeros },
    scalars: { rate },
    step: ({ g, m }, { rate: a }) => ({ update: m.add(g).mul(a).sub(0.123456), m: m.sub(g.mul(0.654321)) }),
  })

const counted = (run: () => unknown): readonly [compilations: number, launches: number] => {
  const before = kernelStatistics()
  run()
  const after = kernelStatistics()
  return [after.compilations - before.compilations, after.launches - before.launches]
}

const walk = (leaf: Leaf, rate: number) => {
  const tx = ruleOf(rate)
  return () => step(tx)(leaf, tx.init(leaf), leaf)
}

describe('kernels for arrays', () => {
  it('are one per structure of a rule and precision, whatever the numbers and the lengths', () => {
    expect(counted(walk(new Float32Array(500), 0.1))).toEqual([1, 1])
    expect(counted(walk(new Float32Array(700), 0.2))).toEqual([0, 1])
    expect(counted(walk(new Float64Array(500), 0.1))).toEqual([1, 1])
  })

  it.each<readonly [string, Leaf]>([
    ['a number', 7],
    ['a Float32Array of 64', new Float32Array(64)],
    ['a Float64Array of 64', new Float64Array(64)],
  ])('are none for %s, but loops', (_, leaf) => {
    expect(counted(walk(leaf, 0.3))).toEqual([0, 1])
  })

  it('take many leaves in one launch', () => {
    const tx = ruleOf(0.1)
    // plain numbers are float64, and so are these
    walk(new Float64Array(500), 0.1)()
    const leaves = Array.from({ length: 500 }, (_, i) => i)
    expect(counted(() => step(tx)(leaves, tx.init(leaves), leaves))).toEqual([0, 1])
  })

  it.each([
    ['float32', 4, Float32Array],
    ['float64', 8, Float64Array],
  ] as const)('of %s go on with sums in order from where they were', (precision, bytes, Kind) => {
    const memory = new WebAssembly.Memory({ initial: 1 })
    const loop = loopOf(
      [],
      [Reduce('sum', 'leaf', Gradient), Reduce('norm', 'leaf', Gradient), Reduce('max', 'leaf', Gradient)],
    )
    const module = new WebAssembly.Module(kernelBytes(loop, { isShared: false, precision, sums: inOrder }))
    const { run } = new WebAssembly.Instance(module, { env: { memory, ...unary, ...binary } }).exports
    const [table, cells, data] = [64, 256, 1024]
    const x = new Kind(Float64Array.from({ length: 100 }, (_, i) => Math.sin(i) * 10 ** (i % 9)))
    new Kind(memory.buffer, data, x.length).set(x)
    const results = new Float64Array(memory.buffer, cells, 6)
    results.set([0, 1, 0, 0.5, Number.NEGATIVE_INFINITY, 1])
    for (const [from, size] of [
      [0, 37],
      [37, 0],
      [37, 63],
    ] as const) {
      new Int32Array(memory.buffer, table, 4).set([size, 0, cells, data + bytes * from])
      if (typeof run === 'function') run(table, 1)
    }
    let [sum, squares] = [0, 0]
    for (const each of x) {
      sum += each
      const square = (each * 0.5) ** 2
      squares += precision === 'float32' ? Math.fround(square) : square
    }
    expect([results[0], results[2], results[4]]).toEqual([sum, squares, Math.max(...x)])
  })
})
