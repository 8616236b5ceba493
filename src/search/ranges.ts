/** Ranges of options. */
import { GradpipeError } from '../error.js'

/** A range in words, and what lies in it. */
export type Range = readonly [words: string, holds: (x: number) => boolean]

/** Whole numbers from 1. */
export const steps: Range = ['a whole number of at least 1', (x) => Number.isInteger(x) && x >= 1]

/** From 0. */
export const notNegative: Range = ['a number of at least 0', (x) => x >= 0]

/** Above 0, infinity too. */
export const positive: Range = ['a positive number', (x) => x > 0]

/** Between 0 and 1, both excluded. */
export const fraction: Range = ['a number between 0 and 1', (x) => x > 0 && x < 1]

/** Throws `InvalidArgument` for the first of some values that lies not in its range. */
export const checkRanges = (
  name: string,
  values: Readonly<Record<string, unknown>>,
  ranges: Readonly<Record<string, Range>>,
): void => {
  for (const [option, [words, holds]] of Object.entries(ranges)) {
    const value = values[option]
    if (typeof value !== 'number' || !holds(value))
      throw new GradpipeError('InvalidArgument', `${name}.${option}`, words, String(value))
  }
}
