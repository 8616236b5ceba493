/**
 * How hard the tests try laws: the same few cases each time, eight times as many where `CI` is set; or `LAWS_RUNS` new ones per
 * law and kind of leaves.
 */
import type { RunOptions } from '../../laws/index.js'

const given = process.env.LAWS_RUNS

/** Whether somebody asked for more than what fits into a minute. */
export const isLong: boolean = given !== undefined

/** Whether tests do all of their work: without `CI` some take fewer steps, or a part of the cases. */
export const isThorough: boolean = isLong || Boolean(process.env.CI)

/** How many cases there are where nobody asks for more: `few` of them with `CI` set. */
export const runsOf = (few: number): number => Number(given ?? (isThorough ? few : Math.ceil(few / 8)))

/** Cases per law and kind, and where they start. */
export const trying = (few: number): Pick<RunOptions, 'runs' | 'seed'> => ({
  runs: runsOf(few),
  ...(!isLong && { seed: 20 }),
})

/** The same for fast-check's own `assert`. */
export const asserting = (few: number): { readonly numRuns: number; readonly seed?: number } => ({
  numRuns: runsOf(few),
  ...(!isLong && { seed: 20 }),
})

/**
 * Without `CI` one of every `parts` of some things, by turns: who has the next place `at` has the ones after these. Of fewer
 * there is one.
 */
export const inTurn = <A>(all: readonly A[], at: number, parts: number): readonly A[] =>
  isThorough ? all : all.filter((_, i) => (i + at) % Math.min(parts, all.length) === 0)
