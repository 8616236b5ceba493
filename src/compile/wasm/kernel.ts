/**
 * Kernel: a loop as a WebAssembly module, with SIMD over four elements.
 *
 * Its function walks a table with an entry per leaf, or piece of one, so that one call does many, each in three
 * turns: several vectors at once while there are as many, then one vector, then the last elements one by one. All
 * operations are IEEE's: the results are those of numbers in float32, bit for bit.
 *
 * An entry of the table has these 32-bit words: the number of elements, the address of the uniforms (float32),
 * the address of the reductions' results (float64), an address per stream, an address per store. A store may go
 * where a stream came from: every element is read before it is written.
 *
 * Where a sum has lost numbers, the piece is gone through again.
 */
import { parts } from '../../rule/expr.js'
import type { Loop } from '../loop.js'
import { access, assemble, type Code, constant, lane, local, op, when, whileLoop } from './assembler.js'
import { declared, type Imported, importsOf } from './imports.js'
import {
  accumulate,
  addKept,
  anyLost,
  choosePower,
  gather,
  keptAt,
  replaceLost,
  type Time,
} from './reductions.js'
import { evaluator } from './terms.js'
import { COUNT, makeLocals, parameters, TABLE, type Variables, variables } from './variables.js'
import { scalar, vector, type Width } from './width.js'

// the table

/** How many words of an entry come before the addresses of streams. */
export const HEADER = 3

/** How many 32-bit words an entry of a loop's table has. */
export const entryWords = ({ streams, stores }: Loop): number => HEADER + streams.length + stores.length

// one turn

/** Reads, computes and writes as many elements as are computed at once, `turn` times as many further on. */
const element = (
  width: Width,
  loop: Loop,
  vars: Variables,
  imports: readonly Imported[],
  turn: number,
  time: Time,
): Code => {
  const offset = 4 * width.elements * turn
  const variable = vars.values[width.type]
  const evaluate = evaluator(width, loop, vars, imports)
  return [
    ...loop.streams.flatMap((node, i) => [
      ...local.get(vars.streams[i] ?? 0),
      ...access(width.load, offset),
      ...local.set(variable(node)),
    ]),
    ...loop.stores.flatMap((node, i) => [
      ...local.get(vars.stores[i] ?? 0),
      ...evaluate(node),
      ...access(width.store, offset),
    ]),
    ...vars.accumulators.flatMap((each) => [
      ...evaluate(each.reduce.arg),
      ...accumulate(width, each, turn, keptAt(vars, width, each, turn), time),
    ]),
  ]
}

/** Goes through the elements while there are enough for so many turns at once. */
const turns = (
  width: Width,
  loop: Loop,
  vars: Variables,
  imports: readonly Imported[],
  count: number,
  time: Time,
): Code => {
  const elements = width.elements * count
  const advance = (address: number): Code => [
    ...local.get(address),
    ...constant.i32(4 * elements),
    ...op('i32.add'),
    ...local.set(address),
  ]
  return whileLoop(
    [...local.get(vars.left), ...constant.i32(elements), ...op('i32.ge_u')],
    [
      ...Array.from({ length: count }, (_, turn) => element(width, loop, vars, imports, turn, time)).flat(),
      ...addKept(vars, width, count),
      ...[...vars.streams, ...vars.stores].flatMap(advance),
      ...local.get(vars.left),
      ...constant.i32(elements),
      ...op('i32.sub'),
      ...local.set(vars.left),
    ],
  )
}

// one leaf

const begin = (loop: Loop, vars: Variables): Code => {
  const word = (index: number): Code => [...local.get(TABLE), ...access('i32.load', 4 * index)]
  const addresses = [...vars.streams, ...vars.stores]
  return [
    ...[...word(0), ...local.set(vars.left)],
    ...addresses.flatMap((address, i) => [...word(HEADER + i), ...local.set(address)]),
    ...loop.uniforms.flatMap((node, i) => [
      ...word(1),
      ...access('v128.load32_splat', 4 * i),
      ...local.tee(vars.values.v128(node)),
      ...lane['f32x4.extract_lane'](0),
      ...local.set(vars.values.f32(node)),
    ]),
    ...vars.accumulators.flatMap(({ reduce, vectors, rest }) => {
      const start = reduce.kind === 'max' ? Number.NEGATIVE_INFINITY : 0
      return [
        ...vectors.flatMap((each) => [...vector.constant(start), ...local.set(each)]),
        ...(reduce.kind === 'max' ? constant.f32(start) : constant.f64(start)),
        ...local.set(rest),
      ]
    }),
  ]
}

/** Goes through a leaf, with so many vectors in the larger turns. */
const pass = (
  loop: Loop,
  vars: Variables,
  imports: readonly Imported[],
  vectors: number,
  time: Time,
): Code => [
  ...begin(loop, vars),
  ...(vectors > 1 ? turns(vector, loop, vars, imports, vectors, time) : []),
  ...turns(vector, loop, vars, imports, 1, time),
  ...turns(scalar, loop, vars, imports, 1, time),
  ...vars.accumulators.flatMap(gather),
]

const finish = ({ accumulators }: Variables): Code =>
  accumulators.flatMap((each, i) => [
    ...local.get(TABLE),
    ...access('i32.load', 8),
    ...local.get(each.rest),
    ...(each.reduce.kind === 'max' ? op('f64.promote_f32') : []),
    ...access('f64.store', 8 * i),
  ])

/** Vectors per turn: eight, where so much code still pays. */
const unrolled = ({ uses }: Loop): number => {
  const operators = [...uses.keys()].filter((node) => parts(node).length > 0).length
  return operators <= 64 ? 8 : operators <= 256 ? 2 : 1
}

/** The bytes of the module that runs a loop over the leaves of a table: `run(table, count)`. */
export const kernelBytes = (loop: Loop, shared: boolean): Uint8Array<ArrayBuffer> => {
  const locals = makeLocals()
  const vars = variables(locals, loop)
  const imports = importsOf(loop)
  const sums = vars.accumulators.filter(({ reduce }) => reduce.kind !== 'max')
  const body = whileLoop(local.get(COUNT), [
    ...pass(loop, vars, imports, unrolled(loop), 'first'),
    // a loop that reduces stores nothing, and so can be run again
    ...(sums.length > 0
      ? when(anyLost(sums), [
          ...sums.flatMap(choosePower),
          ...pass(loop, vars, imports, 1, 'again'),
          ...sums.flatMap(replaceLost),
        ])
      : []),
    ...finish(vars),
    ...local.get(TABLE),
    ...constant.i32(4 * entryWords(loop)),
    ...op('i32.add'),
    ...local.set(TABLE),
    ...local.get(COUNT),
    ...constant.i32(1),
    ...op('i32.sub'),
    ...local.set(COUNT),
  ])
  return assemble({
    shared,
    imports: declared(imports),
    type: { parameters, results: [] },
    locals: locals.types,
    body,
  })
}
