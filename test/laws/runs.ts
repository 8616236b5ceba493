/**
 * How hard the tests try laws: the same few cases each time, for a minute in all; or `LAWS_RUNS` new ones per law and
 * kind of leaves.
 */
import type { RunOptions } from '../../laws/index.js'

const given = process.env.LAWS_RUNS

/** Whether somebody asked for more than what fits into a minute. */
export const isLong: boolean = given !== undefined

const runsOf = (few: number): number => Number(given ?? few)

/** Cases per law and kind, and where they start. */
export const trying = (few: number): Pick<RunOptions, 'runs' | 'seed'> =>
  isLong ? { runs: runsOf(few) } : { runs: few, seed: 20 }

/** The same for fast-check's own `assert`. */
export const asserting = (few: number): { readonly numRuns: number; readonly seed?: number } =>
  isLong ? { numRuns: runsOf(few) } : { numRuns: few, seed: 20 }
