/** Reductions as code: what a turn adds, and what comes of all. Sums may be made in several ways. */
import { access, type Code, local, op } from './assembler.js'
import { type Accumulators, RESULTS, type Variables } from './variables.js'
import type { Width, Widths } from './width.js'

/** Whether the elements are gone through for the first time, or once more. */
export type Time = 'first' | 'again'

/** A way to add up: sums, and the squares of norms. */
export interface Sums {
  /** How many bytes of the results each reduction has; the first eight are its value, in float64. */
  readonly cell: 8 | 16
  /** Leaves what a reduction begins with on the stack: of a maximum in the elements' precision. */
  readonly start: (each: Accumulators, i: number) => Code
  /** Takes what is on the stack, with a local variable for it. */
  readonly accumulate: (width: Width, each: Accumulators, kept: number, time: Time) => Code
  /** Adds what the vectors of several turns have left in those variables. */
  readonly addKept: (width: Width, each: Accumulators, kept: readonly number[]) => Code
  /** Puts together what the accumulators have. */
  readonly gather: (each: Accumulators) => Code
  /** How to go through the elements once more where sums have lost numbers; `null` where that is not the kernel's. */
  readonly again: {
    readonly anyLost: (sums: readonly Accumulators[]) => Code
    readonly choosePower: (each: Accumulators) => Code
    readonly replaceLost: (each: Accumulators) => Code
  } | null
}

/** Where a reduction keeps what a turn has. */
const keptAt = (vars: Variables, width: Width, { reduce }: Accumulators, turn: number): number =>
  vars.values[width.type](reduce, `turn ${turn}`)

/** Before the elements. */
export const begin = ({ accumulators }: Variables, { vector }: Widths, sums: Sums): Code =>
  accumulators.flatMap((each, i) => [
    ...each.vectors.flatMap((into) => [
      ...vector.constant(each.reduce.kind === 'max' ? Number.NEGATIVE_INFINITY : 0),
      ...local.set(into),
    ]),
    ...sums.start(each, i),
    ...local.set(each.rest),
  ])

/** Takes what is on the stack for a reduction. */
export const accumulate = (
  vars: Variables,
  width: Width,
  sums: Sums,
  each: Accumulators,
  turn: number,
  time: Time,
): Code => {
  if (each.reduce.kind !== 'max') return sums.accumulate(width, each, keptAt(vars, width, each, turn), time)
  const { vectors, rest } = each
  const into = width.elements === 1 ? rest : (vectors[turn % vectors.length] ?? 0)
  return [...local.get(into), ...op(width.ops.max), ...local.set(into)]
}

/** After so many turns. */
export const addKept = (vars: Variables, width: Width, sums: Sums, turnCount: number): Code =>
  vars.accumulators.flatMap((each) => {
    if (each.reduce.kind === 'max') return []
    const kept = Array.from({ length: turnCount }, (_, turn) => keptAt(vars, width, each, turn))
    return sums.addKept(width, each, kept)
  })

/** After the elements. */
export const gather = ({ accumulators }: Variables, { scalar, vector }: Widths, sums: Sums): Code =>
  accumulators.flatMap((each) => {
    if (each.reduce.kind !== 'max') return sums.gather(each)
    const [first = 0, ...others] = each.vectors
    return [
      ...local.get(first),
      ...others.flatMap((other) => [...local.get(other), ...op(vector.ops.max)]),
      ...local.set(first),
      ...local.get(each.rest),
      ...Array.from({ length: vector.elements }, (_, i) => [
        ...local.get(first),
        ...vector.extract(i),
        ...op(scalar.ops.max),
      ]).flat(),
      ...local.set(each.rest),
    ]
  })

/** Writes the results. */
export const finish = ({ accumulators }: Variables, { toDouble }: Widths, { cell }: Sums): Code =>
  accumulators.flatMap(({ reduce, rest }, i) => [
    ...local.get(RESULTS),
    ...local.get(rest),
    ...(reduce.kind === 'max' ? toDouble : []),
    ...access('f64.store', cell * i),
  ])
