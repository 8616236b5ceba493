/**
 * Pack: eight columns of a matrix side by side, as WebAssembly. A product reads them once per four rows, and a row of
 * the matrix that is somewhere else each time would be fetched from further away.
 *
 * `run(to, from, step, depth)` writes `depth` rows of eight numbers. `rows`: the columns are columns, and rows are
 * `step` bytes apart. `columns`: the columns are rows, `step` bytes apart, which are turned four by four. `squares`: what is
 * turned are squares of eight rows side by side, `step` bytes apart.
 */
import { access, assemble, type Code, constant, local, op, shuffle, whileLoop } from './assembler.js'

const [to, from, step, depth] = [0, 1, 2, 3]
const eight = [0, 1, 2, 3, 4, 5, 6, 7] as const

const add = (variable: number, more: Code): Code => [
  ...local.get(variable),
  ...more,
  ...op('i32.add'),
  ...local.set(variable),
]

/** Goes on by so many rows of eight numbers. */
const advance = (rows: number): Code => [
  ...add(to, constant.i32(32 * rows)),
  ...add(depth, constant.i32(-rows)),
]

/** Runs the body while there are so many rows. */
const whileRows = (rows: number, body: Code): Code =>
  whileLoop([...local.get(depth), ...constant.i32(rows), ...op('i32.ge_u')], body)

const rows: Code = whileRows(1, [
  ...[0, 16].flatMap((offset) => [
    ...local.get(to),
    ...local.get(from),
    ...access('v128.load', offset),
    ...access('v128.store', offset),
  ]),
  ...add(from, local.get(step)),
  ...advance(1),
])

/** The variable with the address of a column, and that of its next four numbers. */
const column = (i: number): number => 4 + i
const four = (i: number): number => 12 + i

/** Two vectors' numbers, mixed. */
const mix = (a: number, b: number, lanes: readonly [number, number, number, number]): Code => [
  ...local.get(a),
  ...local.get(b),
  ...shuffle(lanes),
]

/** Turns four numbers of four columns: stores four rows, from one on, half of each. */
const turn = (half: 0 | 1, first = 0): Code => {
  const [a, b, c, d] = [four(4 * half), four(4 * half + 1), four(4 * half + 2), four(4 * half + 3)]
  const row = (i: number, low: Code, high: Code, lanes: readonly [number, number, number, number]): Code => [
    ...local.get(to),
    ...low,
    ...high,
    ...shuffle(lanes),
    ...access('v128.store', 32 * (first + i) + 16 * half),
  ]
  const [ab, cd] = [mix(a, b, [0, 4, 1, 5]), mix(c, d, [0, 4, 1, 5])]
  const [abHigh, cdHigh] = [mix(a, b, [2, 6, 3, 7]), mix(c, d, [2, 6, 3, 7])]
  return [
    ...row(0, ab, cd, [0, 1, 4, 5]),
    ...row(1, ab, cd, [2, 3, 6, 7]),
    ...row(2, abHigh, cdHigh, [0, 1, 4, 5]),
    ...row(3, abHigh, cdHigh, [2, 3, 6, 7]),
  ]
}

const goOn = (bytes: number): Code => eight.flatMap((i) => add(column(i), constant.i32(bytes)))

const columns: Code = [
  ...eight.flatMap((i) => [
    ...(i === 0 ? local.get(from) : [...local.get(column(i - 1)), ...local.get(step), ...op('i32.add')]),
    ...local.set(column(i)),
  ]),
  ...whileRows(4, [
    ...eight.flatMap((i) => [...local.get(column(i)), ...access('v128.load', 0), ...local.set(four(i))]),
    ...turn(0),
    ...turn(1),
    ...goOn(16),
    ...advance(4),
  ]),
  ...whileRows(1, [
    ...eight.flatMap((i) => [
      ...local.get(to),
      ...local.get(column(i)),
      ...access('f32.load', 0),
      ...access('f32.store', 4 * i),
    ]),
    ...goOn(4),
    ...advance(1),
  ]),
]

const squares: Code = whileRows(8, [
  ...([0, 4] as const).flatMap((some) => [
    ...eight.flatMap((i) => [
      ...local.get(from),
      ...access('v128.load', 32 * i + 4 * some),
      ...local.set(four(i)),
    ]),
    ...turn(0, some),
    ...turn(1, some),
  ]),
  ...add(from, local.get(step)),
  ...advance(8),
])

const bytes =
  (body: Code) =>
  (shared: boolean): Uint8Array<ArrayBuffer> =>
    assemble({
      shared,
      imports: [],
      type: { parameters: ['i32', 'i32', 'i32', 'i32'], results: [] },
      locals: [...eight.map(() => 'i32' as const), ...eight.map(() => 'v128' as const)],
      body,
    })

/** The bytes of the module for columns that are columns. */
export const rowsBytes: (shared: boolean) => Uint8Array<ArrayBuffer> = bytes(rows)

/** The bytes of the module for columns that are rows. */
export const columnsBytes: (shared: boolean) => Uint8Array<ArrayBuffer> = bytes(columns)

/** The bytes of the module for squares. */
export const squaresBytes: (shared: boolean) => Uint8Array<ArrayBuffer> = bytes(squares)
