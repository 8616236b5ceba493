/** The function of `injectHyperparams` as data: it is asked what it makes of some hyperparameters, and where it puts each. */
import { GradpipeError } from '../error.js'
import { shown } from '../options.js'
import { type Description, numberOf, type Place, refused } from './json.js'

/** The function that is described with where hyperparameters go. */
export const INJECT = 'injectHyperparams'

/** Numbers by name. */
export type Hyperparams = Readonly<Record<string, number>>

/** What a hyperparameter may be instead: which of these the function refuses does not matter. */
const others = (value: number): readonly number[] =>
  value === 0 || !Number.isFinite(value)
    ? [0.25, 0.5, 0.75, 1, 2, 3]
    : [0.5, 0.75, 0.9, 0.99, 1.01, 2, 10].map((factor) => value * factor)

/** So many of them the function must take. */
const FEWEST = 3

const isSame = (a: Description, b: Description): boolean => JSON.stringify(a) === JSON.stringify(b)

/** Two values of one hyperparameter. */
interface Change {
  readonly name: string
  readonly from: number
  readonly to: number
}

/** A description in which the hyperparameter stands where it does in what was made of both values; `undefined` where none does. */
const marked = (
  before: Description,
  [first, other]: readonly [Description, Description],
  change: Change,
): Description | undefined => {
  if (isSame(first, other)) return before
  const { name, from, to } = change
  if (isSame(first, numberOf(from)) && isSame(other, numberOf(to))) {
    const mark = { $hyperparameter: name }
    return isSame(before, first) || isSame(before, mark) ? mark : undefined
  }
  const [old, a, b] = [before, first, other].map((value) =>
    typeof value === 'object' && value !== null
      ? new Map(Object.entries(value))
      : new Map<string, Description>(),
  )
  if (old === undefined || a === undefined || b === undefined || a.size !== b.size) return undefined
  const entries: [string, Description][] = []
  for (const [key, value] of a) {
    const [was, changed] = [old.get(key), b.get(key)]
    const next =
      was === undefined || changed === undefined ? undefined : marked(was, [value, changed], change)
    if (next === undefined) return undefined
    entries.push([key, next])
  }
  if (entries.length === 0) return undefined
  return Array.isArray(first) ? entries.map(([, value]) => value) : Object.fromEntries(entries)
}

/** The hyperparameters at first. */
const firstOf = (given: unknown): Hyperparams =>
  Object.fromEntries(
    // injectHyperparams has checked it
    Object.entries(given as Readonly<Record<string, number | ((count: number) => number)>>).map(
      ([name, value]) => [name, typeof value === 'number' ? value : value(0)],
    ),
  )

/** What the function makes of the hyperparameters at first. */
export const innerOf = ([inner, given]: readonly unknown[]): unknown =>
  // injectHyperparams has checked it
  (inner as (hyperparams: Hyperparams) => unknown)(firstOf(given))

/**
 * What the function makes, as it is `written`, with `{ $hyperparameter: name }` where it puts one.
 *
 * Throws `InvalidArgument` for a function that does something else with a hyperparameter than to hand it on.
 */
export const innerWritten = (
  [inner, given]: readonly unknown[],
  place: Place,
  written: (made: unknown) => Description,
): Description => {
  const make = inner as (hyperparams: Hyperparams) => unknown // as innerOf calls it
  const first = firstOf(given)
  const base = written(make(first))
  if (/"\$inner":/.test(JSON.stringify(base)))
    throw refused(place, `what is made without ${INJECT}`, `${INJECT} in another`)
  let template = base
  for (const [name, from] of Object.entries(first)) {
    const found: Description[] = []
    for (const to of others(from)) {
      let other: Description
      try {
        other = written(make({ ...first, [name]: to }))
      } catch (error) {
        if (error instanceof GradpipeError) continue
        throw error
      }
      const next = marked(template, [base, other], { name, from, to })
      if (next === undefined || !isSame(next, found[0] ?? next))
        throw refused(place, 'a function that hands hyperparameters on', `one that computes with ${name}`)
      found.push(next)
    }
    if (found.length < FEWEST)
      throw refused(place, `a function that takes other values of ${name}`, `one for ${shown(from)}`)
    template = found[0] ?? template
  }
  return { $inner: template }
}
