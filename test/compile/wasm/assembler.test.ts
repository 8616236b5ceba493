import { describe, expect, it } from 'vitest'
import {
  access,
  assemble,
  type Code,
  call,
  constant,
  local,
  type ModuleSpec,
  op,
  when,
  whileLoop,
} from '../../../src/compile/wasm/assembler.js'

const memory = new WebAssembly.Memory({ initial: 1 })

type Run = (...given: readonly number[]) => unknown

const isRun = (value: unknown): value is Run => typeof value === 'function'

/** Assembles a function, lets the engine validate it, and gives it back. */
const run = (
  given: Partial<ModuleSpec> & { readonly body: Code },
  imports: WebAssembly.ModuleImports = {},
): Run => {
  const bytes = assemble({
    shared: false,
    imports: [],
    type: { parameters: [], results: ['i32'] },
    locals: [],
    ...given,
  })
  expect(WebAssembly.validate(bytes)).toBe(true)
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory, ...imports } })
  const { run: exported } = instance.exports
  if (!isRun(exported)) throw new Error('no function')
  return exported
}

describe('the assembler', () => {
  it.each([
    ...[0, 1, -1, 63, 64, -64, -65, 127, 128, -128, 8191, 8192, -8192, -8193],
    ...[2 ** 20 - 1, 2 ** 20, 2 ** 27, -(2 ** 27) - 1, 2 ** 31 - 1, -(2 ** 31)],
  ])('writes the integer %d as the engine reads it', (value) => {
    expect(run({ body: constant.i32(value) })()).toBe(value)
  })

  it.each([0, -0, 1.5, 2 ** -149, 3.4028234663852886e38, Number.POSITIVE_INFINITY, Number.NaN])(
    'writes the float32 %d as the engine reads it',
    (value) => {
      expect(run({ type: { parameters: [], results: ['f32'] }, body: constant.f32(value) })()).toBe(value)
    },
  )

  it.each([0, -0, 0.1, 2 ** -1074, Number.MAX_VALUE, Number.NEGATIVE_INFINITY, Number.NaN])(
    'writes the float64 %d as the engine reads it',
    (value) => {
      expect(run({ type: { parameters: [], results: ['f64'] }, body: constant.f64(value) })()).toBe(value)
    },
  )

  it.each([0, 1, 127, 128, 16_383, 16_384, 65_532])('loads and stores at an offset of %d', (offset) => {
    new DataView(memory.buffer).setInt32(offset, 12345, true)
    expect(run({ body: [...constant.i32(0), ...access('i32.load', offset)] })()).toBe(12345)
  })

  it.each([1, 127, 128, 129, 300])('numbers %d local variables', (count) => {
    const last = count // after one parameter
    const given = run({
      type: { parameters: ['i32'], results: ['i32'] },
      locals: Array.from({ length: count }, () => 'i32' as const),
      body: [...local.get(0), ...local.set(last), ...local.get(last), ...local.get(1), ...op('i32.add')],
    })
    // the first of the variables is the last one, or still 0
    expect(given(7)).toBe(count === 1 ? 14 : 7)
  })

  it('measures a body of more than 16,384 bytes', () => {
    const body = [
      ...constant.i32(0),
      ...Array.from({ length: 10_000 }, () => [...constant.i32(1), ...op('i32.add')]).flat(),
    ]
    expect(run({ body })()).toBe(10_000)
  })

  it('repeats while a condition holds, and not once if it never does', () => {
    const sum = run({
      type: { parameters: ['i32'], results: ['i32'] },
      locals: ['i32'],
      body: [
        ...whileLoop(local.get(0), [
          ...[...local.get(1), ...local.get(0), ...op('i32.add'), ...local.set(1)],
          ...[...local.get(0), ...constant.i32(1), ...op('i32.sub'), ...local.set(0)],
        ]),
        ...local.get(1),
      ],
    })
    expect([0, 1, 4, 100].map((n) => sum(n))).toEqual([0, 1, 10, 5050])
  })

  it('does something where a condition holds', () => {
    const chosen = run({
      type: { parameters: ['i32'], results: ['i32'] },
      body: [...when(local.get(0), [...constant.i32(7), ...local.set(0)]), ...local.get(0)],
    })
    expect([0, 1].map((n) => chosen(n))).toEqual([0, 7])
  })

  it('calls imported functions by their index', () => {
    const type = { parameters: ['f64', 'f64'], results: ['f64'] } as const
    const body = [...local.get(0), ...local.get(1), ...call(1)]
    const power = run(
      { imports: ['sum', 'pow'].map((name) => ({ name, type })), type, body },
      {
        sum: (x: number, y: number) => x + y,
        pow: Math.pow,
      },
    )
    expect(power(2, 10)).toBe(1024)
  })

  it('declares a shared memory, and the engine takes no other for it', () => {
    const bytes = assemble({
      shared: true,
      imports: [],
      type: { parameters: [], results: ['i32'] },
      locals: [],
      body: constant.i32(1),
    })
    expect(WebAssembly.validate(bytes)).toBe(true)
    const module = new WebAssembly.Module(bytes)
    const shared = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true })
    expect(() => new WebAssembly.Instance(module, { env: { memory: shared } })).not.toThrow()
    expect(() => new WebAssembly.Instance(module, { env: { memory } })).toThrow(WebAssembly.LinkError)
  })
})
