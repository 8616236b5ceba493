/**
 * Sums in order: element by element in float64, as numbers are added, whatever the precision of the elements.
 *
 * A sum goes on from what is in its cell of the results, so that a leaf may be done in pieces. Beside it, the cell has
 * the power of two that the elements of a norm are multiplied by: whether a sum of squares has lost numbers is seen
 * when it is complete, and then it is done again.
 */
import { access, type Code, local, op } from './assembler.js'
import { type Reducing, reducing, type Sums } from './reductions.js'
import { type Accumulators, RESULTS } from './variables.js'
import type { Width, Widths } from './width.js'

/** How many bytes a cell has: what was added up so far, and the power. */
const CELL = 16

const read = (i: number, word: 0 | 1): Code => [
  ...local.get(RESULTS),
  ...access('f64.load', CELL * i + 8 * word),
]

/** Sums in order, of elements in a precision. */
export const inOrder = (widths: Widths): Reducing => {
  const { toDouble, fromDouble } = widths
  const add = (width: Width, { rest }: Accumulators, kept: number): Code =>
    Array.from({ length: width.elements }, (_, i) => [
      ...local.get(rest),
      ...local.get(kept),
      ...width.extract(i),
      ...toDouble,
      ...op('f64.add'),
      ...local.set(rest),
    ]).flat()
  const square = (width: Width, { power }: Accumulators, kept: number): Code => [
    ...local.get(power),
    ...width.splat,
    width.ops.mul,
    ...local.tee(kept),
    ...local.get(kept),
    width.ops.mul,
  ]
  const sums: Sums = {
    cell: CELL,
    start: ({ reduce, power }, i) => [
      ...(reduce.kind === 'norm' ? [...read(i, 1), ...fromDouble, ...local.set(power)] : []),
      ...read(i, 0),
      ...(reduce.kind === 'max' ? fromDouble : []),
    ],
    accumulate: (width, each, kept) => [
      ...(each.reduce.kind === 'norm' ? square(width, each, kept) : []),
      ...local.set(kept),
      ...add(width, each, kept),
    ],
    addKept: () => [],
    gather: () => [],
    again: null,
  }
  return reducing(sums, widths)
}
