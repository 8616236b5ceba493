/**
 * How hard the tests try laws: the same few cases each time, four times as many where `CI` is set; or `LAWS_RUNS` new ones per
 * law and kind of leaves.
 */
import type { RunOptions } from '../../laws/index.js'

const given = process.env.LAWS_RUNS

/** Whether somebody asked for more than what fits into a minute. */
export const isLong: boolean = given !== undefined

/** How many cases there are where nobody asks for more: `few` of them with `CI` set. */
export const runsOf = (few: number): number => Number(given ?? (process.env.CI ? few : Math.ceil(few / 4)))

/**
 * The same where each case makes a device compile: without `CI` an eighth, since in software that takes a second for what
 * a case needs.
 */
export const compilingRunsOf = (few: number): number =>
  Number(given ?? (process.env.CI ? few : Math.ceil(few / 8)))

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
