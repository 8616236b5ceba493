/**
 * What a step's numbers are made of: a transformation is asked what it does at many states, and what its answers depend on
 * is found out from them.
 *
 * The numbers of a state that are no slots (counts, hyperparameters that were injected) are known before any tensor is,
 * and so are a step's program and its scalars. What each of those is of them must be told to another engine as a
 * formula or as a table.
 */
import { GradpipeError } from '../error.js'
import type { Expr } from '../rule/expr.js'

/** A number of a step, by what it is made of. */
export type Source =
  /** The same in every step. */
  | { readonly _tag: 'Always'; readonly value: number }
  /** A number of the state, the one after it, or the one with the other sign. */
  | { readonly _tag: 'Same' | 'Next' | 'Negated'; readonly place: string }
  /** By a whole number of the state, which counts on from the last one, or begins again. */
  | {
      readonly _tag: 'Table'
      readonly place: string
      readonly values: readonly number[]
      readonly after: 'last' | 'again'
    }
  /** A term of the step's scalars. */
  | { readonly _tag: 'Term'; readonly expr: Expr }

/** What was answered where a number of the state had some value. */
export type Sample = readonly [at: number, answer: number]

/** How far a number of a state goes. */
export type Range =
  /** A count: as far as one likes. */
  | { readonly _tag: 'Count'; readonly asked: number }
  /** One of few whole numbers. */
  | { readonly _tag: 'Few' }
  /** Any number, which somebody else may change. */
  | { readonly _tag: 'Any' }

/** The longest period that is looked for. */
const LONGEST = 64

const every = (samples: readonly Sample[], holds: (at: number, answer: number) => boolean): boolean =>
  samples.every(([at, answer]) => holds(at, answer))

/** The answers at 0, 1, 2 and so on, as far as there are all. */
const inOrder = (samples: readonly Sample[]): readonly number[] => {
  const byPlace = new Map(samples)
  const values: number[] = []
  for (let i = 0; ; i++) {
    const value = byPlace.get(i)
    if (value === undefined) return values
    values.push(value)
  }
}

/** The values of a function that repeats itself; `undefined` of others. */
const repeating = (values: readonly number[], samples: readonly Sample[]): readonly number[] | undefined => {
  for (let period = 2; period <= LONGEST && 2 * period <= values.length; period++)
    if (every(samples, (at, answer) => Object.is(answer, values[at % period]))) return values.slice(0, period)
  return undefined
}

/** The values of a function that stays what it is from some place on, that one among them; `undefined` of others. */
const settling = (values: readonly number[], samples: readonly Sample[]): readonly number[] | undefined => {
  const last = samples.reduce<Sample>((a, b) => (b[0] > a[0] ? b : a), [-1, Number.NaN])[1]
  let from = values.length
  while (from > 0 && Object.is(values[from - 1], last)) from--
  if (2 * from > values.length) return undefined
  return every(samples, (at, answer) => at < from || Object.is(answer, last))
    ? values.slice(0, from + 1)
    : undefined
}

/**
 * The source of some answers, which depend on the number at `place` alone. `name` and `what` name them in
 * errors.
 *
 * Throws `InvalidArgument` for what is no formula that is known, and has no table.
 */
export const sourceOf = (
  name: string,
  what: string,
  place: string,
  range: Range,
  samples: readonly Sample[],
  steps: number | undefined,
): Source => {
  if (every(samples, (at, answer) => Object.is(at, answer))) return { _tag: 'Same', place }
  if (every(samples, (at, answer) => Object.is(at + 1, answer))) return { _tag: 'Next', place }
  if (every(samples, (at, answer) => at === -answer)) return { _tag: 'Negated', place }
  if (range._tag === 'Any')
    throw new GradpipeError(
      'InvalidArgument',
      `${name}.tx.${what}`,
      `what ${place} is, or its negative`,
      'a value that ordinary code makes of it',
    )
  const values = inOrder(samples)
  if (range._tag === 'Few') return { _tag: 'Table', place, values, after: 'last' }
  const again = repeating(values, samples)
  if (again !== undefined) return { _tag: 'Table', place, values: again, after: 'again' }
  const settled = settling(values, samples)
  if (settled !== undefined) return { _tag: 'Table', place, values: settled, after: 'last' }
  if (steps === undefined)
    throw new GradpipeError(
      'InvalidArgument',
      `${name}.options.steps`,
      `for how many steps ${what} goes as a table, since a function of ${place} gives it`,
      'nothing',
    )
  return { _tag: 'Table', place, values: values.slice(0, steps), after: 'last' }
}
