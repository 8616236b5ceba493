import { describe, expect, it } from 'vitest'
import * as float64 from '../../../src/compile/float64.js'
import { type Loop, loopOf } from '../../../src/compile/loop.js'
import { entryWords, HEADER, kernelBytes } from '../../../src/compile/wasm/kernel.js'
import { inTurns } from '../../../src/compile/wasm/turns.js'
import {
  Binary,
  type BinaryOp,
  Compare,
  type Expr,
  Gradient,
  Parameter,
  Reduce,
  Scalar,
  Select,
  Slot,
  Unary,
  type UnaryOp,
} from '../../../src/rule/expr.js'
import { instructions } from './instructions.js'

/** Memories as TensorFlow.js's builds have them: of one thread, and of several. */
const memories: readonly (readonly [string, boolean, () => WebAssembly.Memory])[] = [
  ['plain', false, () => new WebAssembly.Memory({ initial: 4 })],
  ['shared', true, () => new WebAssembly.Memory({ initial: 4, maximum: 8, shared: true })],
]

type Run = (table: number, count: number) => void

const isRun = (value: unknown): value is Run => typeof value === 'function'

const kernel = (loop: Loop, isShared: boolean, memory: WebAssembly.Memory): Run => {
  const module = new WebAssembly.Module(kernelBytes(loop, { isShared, precision: 'float32', sums: inTurns }))
  const { run } = new WebAssembly.Instance(module, { env: { memory, ...float64.unary, ...float64.binary } })
    .exports
  if (!isRun(run)) throw new Error('no function')
  return run
}

const UNIFORMS = 64
const TABLE = 256
const RESULTS = 8192
/** Tensors are aligned to no more than an element: the worst of places for vectors. */
const HEAP = 16_388

interface Entry {
  readonly size: number
  readonly streams: readonly number[]
  readonly stores: readonly number[]
}

const writeTable = (memory: WebAssembly.Memory, loop: Loop, entries: readonly Entry[]): void => {
  const words = new Int32Array(memory.buffer)
  for (const [row, { size, streams, stores }] of entries.entries()) {
    const at = TABLE / 4 + row * entryWords(loop)
    words.set([size, UNIFORMS, RESULTS + 8 * loop.reductions.length * row], at)
    words.set([...streams, ...stores], at + HEADER)
  }
}

const a = Scalar('a')
const m = Slot('m', 'element')
const sizes = [0, 1, 2, 3, 4, 5, 7, 8, 31, 32, 33, 36, 63, 64, 65, 100, 127, 129]

describe.each(memories)('a kernel on %s memory', (_, isShared, make) => {
  it('computes every element of every leaf, and touches nothing beside', () => {
    const stores = [Binary('add', Parameter, Binary('mul', a, Gradient)), Binary('mul', m, m)]
    const loop = loopOf(stores, [])
    const memory = make()
    const floats = new Float32Array(memory.buffer)
    const run = kernel(loop, isShared, memory)
    floats[UNIFORMS / 4] = 3
    let next = HEAP / 4
    // an element is a whole number that tells its place
    const entries = sizes.map((size): Entry => {
      const place = (): number => {
        const at = next
        next += size + 1
        for (let i = at; i < next; i++) floats[i] = i - HEAP / 4
        return at * 4
      }
      return { size, streams: loop.streams.map(place), stores: stores.map(place) }
    })
    const expected = floats.slice()
    for (const { size, streams, stores: places } of entries) {
      const at = (node: Expr): number => (streams[loop.streams.indexOf(node)] ?? 0) / 4
      for (let i = 0; i < size; i++) {
        const [p, g, s] = [Parameter, Gradient, m].map((node) => floats[at(node) + i] ?? Number.NaN)
        expected[(places[0] ?? 0) / 4 + i] = Math.fround((p ?? 0) + Math.fround(3 * (g ?? 0)))
        expected[(places[1] ?? 0) / 4 + i] = (s ?? 0) * (s ?? 0)
      }
    }
    writeTable(memory, loop, entries)
    const from = HEAP / 4
    run(TABLE, entries.length)
    expect(floats.slice(from, next)).toEqual(expected.slice(from, next))
    expect([...floats.slice(next)].every((x) => x === 0)).toBe(true)
  })

  it('writes over what it has read', () => {
    const loop = loopOf([Binary('sub', Parameter, Binary('mul', a, Gradient))], [])
    const memory = make()
    const floats = new Float32Array(memory.buffer)
    const run = kernel(loop, isShared, memory)
    floats[UNIFORMS / 4] = 0.5
    for (const size of sizes) {
      const place = (node: Expr): number => HEAP + (node === Parameter ? 0 : 4 * size)
      for (let i = 0; i < size; i++) {
        floats[HEAP / 4 + i] = i
        floats[HEAP / 4 + size + i] = 2 * i + 2
      }
      writeTable(memory, loop, [{ size, streams: loop.streams.map(place), stores: [HEAP] }])
      run(TABLE, 1)
      expect([...floats.slice(HEAP / 4, HEAP / 4 + size)].every((x) => x === -1)).toBe(true)
    }
  })

  it('reduces every leaf on its own, in float64', () => {
    const loop = loopOf(
      [],
      [
        Reduce('sum', 'leaf', Binary('mul', Gradient, Gradient)),
        Reduce('max', 'leaf', Gradient),
        Reduce('sum', 'tree', Gradient, 'sum0'),
      ],
    )
    const memory = make()
    const floats = new Float32Array(memory.buffer)
    const run = kernel(loop, isShared, memory)
    let next = HEAP / 4
    const entries = sizes.map((size): Entry => {
      const at = next
      for (let i = 0; i < size; i++) floats[next++] = i - 10
      return { size, streams: [at * 4], stores: [] }
    })
    writeTable(memory, loop, entries)
    run(TABLE, entries.length)
    const results = new Float64Array(memory.buffer, RESULTS)
    for (const [row, size] of sizes.entries()) {
      const x = Array.from({ length: size }, (_, i) => i - 10)
      expect([...results.slice(3 * row, 3 * row + 3)]).toEqual([
        x.reduce((sum, each) => sum + each * each, 0),
        Math.max(...x),
        x.reduce((sum, each) => sum + each, 0),
      ])
    }
  })

  it('sums what float32 cannot hold on the way', () => {
    const loop = loopOf([], [Reduce('sum', 'leaf', Gradient)])
    const memory = make()
    const floats = new Float32Array(memory.buffer)
    const run = kernel(loop, isShared, memory)
    const huge = Math.fround(3e38)
    for (const [size, at] of [
      [64, 3],
      [64, 60],
      [70, 69],
    ] as const) {
      const x = Array.from({ length: size }, (_, i) => (i % 2 === 0 ? huge : i % 4 === 1 ? huge : -huge))
      x[at] = 1
      floats.set(x, HEAP / 4)
      writeTable(memory, loop, [{ size, streams: [HEAP], stores: [] }])
      run(TABLE, 1)
      const exact = x.reduce((sum, each) => sum + each, 0)
      const [sum = Number.NaN] = new Float64Array(memory.buffer, RESULTS)
      expect(Math.abs(sum / exact - 1)).toBeLessThan(1e-12)
    }
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'sees %d wherever it is among the elements it reduces',
    (special) => {
      const loop = loopOf([], [Reduce('sum', 'leaf', Gradient), Reduce('max', 'leaf', Gradient)])
      const memory = make()
      const floats = new Float32Array(memory.buffer)
      const run = kernel(loop, isShared, memory)
      const size = 71
      for (let at = 0; at < size; at++) {
        floats.fill(1, HEAP / 4, HEAP / 4 + size)
        floats[HEAP / 4 + at] = special
        writeTable(memory, loop, [{ size, streams: [HEAP], stores: [] }])
        run(TABLE, 1)
        const [sum, max] = new Float64Array(memory.buffer, RESULTS)
        expect(sum).toBe(special)
        expect(max).toBe(special === Number.NEGATIVE_INFINITY ? 1 : special)
      }
    },
  )
})

// every operator

const unary: readonly UnaryOp[] = [
  ...(['neg', 'abs', 'sqrt', 'sign', 'exp', 'log', 'tanh'] as const),
  ...(['floor', 'round', 'sin', 'cos', 'sigmoid', 'erf'] as const),
]
const binary: readonly BinaryOp[] = ['add', 'sub', 'mul', 'div', 'pow', 'min', 'max']

/** A term with every operator in it. */
const everything: Expr = Select(
  Compare('lt', Gradient, Parameter),
  unary.reduce((term, op) => Unary(op, term), Gradient as Expr),
  Select(
    Compare('le', Gradient, m),
    Select(Compare('eq', Gradient, a), Parameter, m),
    Select(
      Compare('ne', Gradient, Parameter),
      binary.reduce((term, op) => Binary(op, term, Parameter), m as Expr),
      a,
    ),
  ),
)

/** So many operators that fewer vectors are computed in a turn. */
const long = (length: number): Expr =>
  Array.from({ length }).reduce<Expr>((term) => Binary('add', term, Unary('abs', term)), Gradient)

describe('the module of a kernel', () => {
  const loops: readonly (readonly [string, Loop])[] = [
    ['every operator', loopOf([everything], [])],
    ['every reduction', loopOf([], [Reduce('sum', 'leaf', everything), Reduce('max', 'tree', m, 'max0')])],
    ['a hundred operators', loopOf([long(50)], [])],
    ['a thousand operators', loopOf([long(500)], [])],
    ['nothing but a copy', loopOf([Gradient], [])],
    ['nothing but a number', loopOf([a], [])],
  ]

  it.each(loops)('of %s is valid, on memory of one thread and of several', (_, loop) => {
    for (const isShared of [false, true])
      expect(WebAssembly.validate(kernelBytes(loop, { isShared, precision: 'float32', sums: inTurns }))).toBe(
        true,
      )
  })

  it.each(loops)(
    'of %s has no instruction of relaxed SIMD, nor one that waits for another thread',
    (_, loop) => {
      const found = instructions(kernelBytes(loop, { isShared: true, precision: 'float32', sums: inTurns }))
      expect(found.length).toBeGreaterThan(20)
      // 0xfd 0x100 and up is relaxed SIMD, 0xfe are atomics
      expect(found.filter(({ opcode, simd }) => opcode === 0xfe || (simd ?? 0) > 0xff)).toEqual([])
      expect(found.at(-1)?.opcode).toBe(0x0b)
    },
  )

  it('imports no more functions than it calls', () => {
    const importsOf = (loop: Loop): readonly string[] =>
      WebAssembly.Module.imports(
        new WebAssembly.Module(kernelBytes(loop, { isShared: false, precision: 'float32', sums: inTurns })),
      ).map(({ name }) => name)
    expect(importsOf(loopOf([Binary('add', Gradient, Parameter)], []))).toEqual(['memory'])
    expect(importsOf(loopOf([Unary('tanh', Gradient)], []))).toEqual(['tanh', 'memory'])
    // of scalars alone: that is the host's work
    expect(importsOf(loopOf([Binary('add', Gradient, Unary('exp', a))], []))).toEqual(['memory'])
  })
})
