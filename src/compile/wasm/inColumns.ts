/**
 * Sums of columns: every element is added to the number of its column, in float64, so that rows are added up in their order
 * whatever the precision. A loop has one reduction; its results are as many as an entry has elements, side by side.
 */
import { access, type Code, constant, local, type Mnemonic, op, swapHalves } from './assembler.js'
import { accumulatorsOf, type Reducing } from './reductions.js'
import { RESULTS } from './variables.js'
import type { Width, Widths } from './width.js'

/** Takes a number or two of float64 to those at an offset of the results. */
const take = (value: Code, offset: number, combine: Mnemonic, of: 'f64' | 'v128'): Code => [
  ...local.get(RESULTS),
  ...local.get(RESULTS),
  ...access(`${of}.load`, offset),
  ...value,
  ...op(combine),
  ...access(`${of}.store`, offset),
]

/** The two or four elements in a local variable as pairs of float64. */
const pairs = ({ elements }: Width, kept: number): readonly Code[] =>
  elements === 2
    ? [local.get(kept)]
    : [local.get(kept), [...local.get(kept), ...local.get(kept), ...swapHalves]].map((half) => [
        ...half,
        ...op('f64x2.promote_low_f32x4'),
      ])

/** Sums of columns, of elements in a precision. */
export const inColumns = ({ scalar, toDouble }: Widths): Reducing => ({
  accumulators: accumulatorsOf(scalar),
  begin: () => [],
  accumulate: ({ values }, width, { reduce }, turn) => {
    const kept = values[width.type](reduce, 'kept')
    const squared = [...local.tee(kept), ...local.get(kept), width.ops.mul]
    const how = reduce.kind === 'max' ? 'max' : 'add'
    const first = 8 * width.elements * turn
    return [
      ...(reduce.kind === 'norm' ? squared : []),
      ...local.set(kept),
      ...(width.elements === 1
        ? take([...local.get(kept), ...toDouble], first, `f64.${how}`, 'f64')
        : pairs(width, kept).flatMap((pair, i) => take(pair, first + 16 * i, `f64x2.${how}`, 'v128'))),
    ]
  },
  addKept: (_, { elements }, turns) => [
    ...local.get(RESULTS),
    ...constant.i32(8 * elements * turns),
    ...op('i32.add'),
    ...local.set(RESULTS),
  ],
  gather: () => [],
  again: () => [],
  finish: () => [],
})
