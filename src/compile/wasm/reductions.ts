/** Reductions as code: what a turn adds, and what comes of all. Sums may be made in several ways. */
import type { Reduce } from '../../rule/expr.js'
import { access, type Code, local, when } from './assembler.js'
import { type Accumulators, type Locals, RESULTS, takeSome, type Variables } from './variables.js'
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

/** What a kernel does for its reductions. */
export interface Reducing {
  /** Where each has what it has added up. */
  readonly accumulators: (locals: Locals, reductions: readonly Reduce[]) => readonly Accumulators[]
  /** Before the elements. */
  readonly begin: (vars: Variables) => Code
  /** Takes what is on the stack for a reduction. */
  readonly accumulate: (vars: Variables, width: Width, each: Accumulators, turn: number, time: Time) => Code
  /** After so many turns. */
  readonly addKept: (vars: Variables, width: Width, turns: number) => Code
  /** After the elements. */
  readonly gather: (vars: Variables) => Code
  /** Goes through the elements once more where sums have lost numbers: a loop that reduces stores nothing. */
  readonly again: (vars: Variables, pass: () => Code) => Code
  /** Writes the results. */
  readonly finish: (vars: Variables) => Code
}

const isSum = ({ reduce }: Accumulators): boolean => reduce.kind !== 'max'

/** The accumulators of reductions of elements of that width. */
export const accumulatorsOf =
  ({ type }: Width): Reducing['accumulators'] =>
  (locals, reductions) =>
    reductions.map((reduce) => ({
      reduce,
      vectors: takeSome(locals, 'v128', 4),
      rest: locals.take(reduce.kind === 'max' ? type : 'f64'),
      before: locals.take('f64'),
      power: locals.take(type),
    }))

/** Sums in some way, and maxima, which there is one way to make. */
export const reducing = (sums: Sums, { scalar, vector, toDouble }: Widths): Reducing => ({
  accumulators: accumulatorsOf(scalar),
  begin: ({ accumulators }) =>
    accumulators.flatMap((each, i) => [
      ...each.vectors.flatMap((into) => [
        ...vector.constant(isSum(each) ? 0 : Number.NEGATIVE_INFINITY),
        ...local.set(into),
      ]),
      ...sums.start(each, i),
      ...local.set(each.rest),
    ]),
  accumulate: (vars, width, each, turn, time) => {
    if (isSum(each)) return sums.accumulate(width, each, keptAt(vars, width, each, turn), time)
    const { vectors, rest } = each
    const into = width.elements === 1 ? rest : (vectors[turn % vectors.length] ?? 0)
    return [...local.get(into), width.ops.max, ...local.set(into)]
  },
  addKept: (vars, width, turns) =>
    vars.accumulators.filter(isSum).flatMap((each) => {
      const kept = Array.from({ length: turns }, (_, turn) => keptAt(vars, width, each, turn))
      return sums.addKept(width, each, kept)
    }),
  gather: ({ accumulators }) =>
    accumulators.flatMap((each) => {
      if (isSum(each)) return sums.gather(each)
      const [first = 0, ...others] = each.vectors
      return [
        ...local.get(first),
        ...others.flatMap((other) => [...local.get(other), vector.ops.max]),
        ...local.set(first),
        ...local.get(each.rest),
        ...Array.from({ length: vector.elements }, (_, i) => [
          ...local.get(first),
          ...vector.extract(i),
          scalar.ops.max,
        ]).flat(),
        ...local.set(each.rest),
      ]
    }),
  again: ({ accumulators }, pass) => {
    const { again } = sums
    const all = accumulators.filter(isSum)
    if (again === null || all.length === 0) return []
    return when(again.anyLost(all), [
      ...all.flatMap(again.choosePower),
      ...pass(),
      ...all.flatMap(again.replaceLost),
    ])
  },
  finish: ({ accumulators }) =>
    accumulators.flatMap((each, i) => [
      ...local.get(RESULTS),
      ...local.get(each.rest),
      ...(isSum(each) ? [] : toDouble),
      ...access('f64.store', sums.cell * i),
    ]),
})
