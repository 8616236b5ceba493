/**
 * Kernel: a loop as a WebAssembly module, with SIMD over four elements of float32 or two of float64.
 *
 * Its function walks a table with an entry per leaf, or piece of one, so that one call does many, each in three
 * turns: several vectors at once while there are as many, then one vector, then the last elements one by one. All
 * operations are IEEE's: the results are those of numbers in that precision, bit for bit.
 *
 * An entry of the table has these 32-bit words: the number of elements, the address of the uniforms (in the elements'
 * precision), the address of the reductions' results (float64), an address per stream, an address per store. A store may go
 * where a stream came from: every element is read before it is written.
 *
 * Where a sum has lost numbers, the piece is gone through again, and nothing is stored then.
 */
import { parts } from '../../rule/fold.js'
import type { Loop } from '../loop.js'
import { access, assemble, type Code, constant, local, op, whileLoop } from './assembler.js'
import { declared, type Imported, importsOf } from './imports.js'
import type { Reducing, Time } from './reductions.js'
import { evaluator } from './terms.js'
import { COUNT, makeLocals, parameters, RESULTS, TABLE, type Variables, variables } from './variables.js'
import { float32, float64, type Precision, type Width, type Widths } from './width.js'

/** What a kernel is made for. */
export interface Make {
  /** Whether its memory is shared among threads. */
  readonly isShared: boolean
  readonly precision: Precision
  /** How sums are made, of a loop that has any: `inOrder`, or of float32 `inTurns`. */
  readonly sums: (widths: Widths) => Reducing
}

// the table

/** How many words of an entry come before the addresses of streams. */
export const HEADER = 3

/** How many 32-bit words an entry of a loop's table has. */
export const entryWords = ({ streams, stores }: Loop): number => HEADER + streams.length + stores.length

// one turn

/** A kernel being made. */
interface Making {
  readonly loop: Loop
  readonly vars: Variables
  readonly imports: readonly Imported[]
  readonly widths: Widths
  /** Not of a loop that only stores. */
  readonly sums: Reducing | undefined
}

/** Reads, computes and writes as many elements as are computed at once, `turn` times as many further on. */
const element = (
  { loop, vars, imports, widths, sums }: Making,
  width: Width,
  turn: number,
  time: Time,
): Code => {
  const offset = widths.bytes * width.elements * turn
  const variable = vars.values[width.type]
  const evaluate = evaluator(width, loop, vars, imports)
  return [
    loop.streams.map((node, i) => [
      local.get(vars.streams[i] ?? 0),
      access(width.load, offset),
      local.set(variable(node)),
    ]),
    (time === 'first' ? loop.stores : []).map((node, i) => [
      local.get(vars.stores[i] ?? 0),
      evaluate(node),
      access(width.store, offset),
    ]),
    vars.accumulators.map((each) => [
      evaluate(each.reduce.arg),
      sums?.accumulate(vars, width, each, turn, time) ?? [],
    ]),
  ]
}

/** Adds to a local variable, or takes away from it. */
const change = (index: number, how: 'i32.add' | 'i32.sub', by: number): Code => [
  local.get(index),
  constant.i32(by),
  op(how),
  local.set(index),
]

/** Goes through the elements while there are enough for so many turns at once. */
const turns = (making: Making, width: Width, count: number, time: Time): Code => {
  const { vars, widths, sums } = making
  const elements = width.elements * count
  return whileLoop(
    [local.get(vars.left), constant.i32(elements), op('i32.ge_u')],
    [
      Array.from({ length: count }, (_, turn) => element(making, width, turn, time)),
      sums?.addKept(vars, width, count) ?? [],
      [...vars.streams, ...vars.stores].map((address) => change(address, 'i32.add', widths.bytes * elements)),
      change(vars.left, 'i32.sub', elements),
    ],
  )
}

// one leaf

const enter = ({ loop, vars, widths, sums }: Making): Code => {
  const word = (index: number): Code => [local.get(TABLE), access('i32.load', 4 * index)]
  const addresses = [...vars.streams, ...vars.stores]
  return [
    [word(0), local.set(vars.left)],
    [word(2), local.set(RESULTS)],
    addresses.map((address, i) => [word(HEADER + i), local.set(address)]),
    loop.uniforms.map((node, i) => [
      word(1),
      access(widths.loadSplat, widths.bytes * i),
      local.tee(vars.values.v128(node)),
      widths.vector.extract(0),
      local.set(vars.values[widths.scalar.type](node)),
    ]),
    sums?.begin(vars) ?? [],
  ]
}

/** Goes through a leaf, with so many vectors in the larger turns. */
const pass = (making: Making, vectors: number, time: Time): Code => {
  const { vars, widths, sums } = making
  return [
    enter(making),
    vectors > 1 ? turns(making, widths.vector, vectors, time) : [],
    turns(making, widths.vector, 1, time),
    turns(making, widths.scalar, 1, time),
    sums?.gather(vars) ?? [],
  ]
}

/** Vectors per turn: eight, where so much code still pays. */
const unrolled = ({ uses }: Loop): number => {
  const operators = [...uses.keys()].filter((node) => parts(node).length > 0).length
  return operators <= 64 ? 8 : operators <= 256 ? 2 : 1
}

/** The bytes of the module that runs a loop over the leaves of a table: `run(table, count)`. */
export const kernelBytes = (loop: Loop, { isShared, precision, sums }: Make): Uint8Array<ArrayBuffer> => {
  const widths = precision === 'float32' ? float32 : float64
  const locals = makeLocals()
  const reducing = loop.reductions.length > 0 ? sums(widths) : undefined
  const vars = variables(locals, loop, reducing?.accumulators ?? (() => []))
  const making: Making = { loop, widths, vars, imports: importsOf(loop), sums: reducing }
  const body = whileLoop(local.get(COUNT), [
    pass(making, unrolled(loop), 'first'),
    reducing?.again(vars, () => pass(making, 1, 'again')) ?? [],
    reducing?.finish(vars) ?? [],
    change(TABLE, 'i32.add', 4 * entryWords(loop)),
    change(COUNT, 'i32.sub', 1),
  ])
  return assemble({
    shared: isShared,
    imports: declared(making.imports),
    type: { parameters, results: [] },
    locals: locals.types,
    body,
  })
}
