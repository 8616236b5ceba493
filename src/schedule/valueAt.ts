/**
 * valueAt: what a hyperparameter is at a count.
 */
import type { Schedule } from './schedule.js'

/** The value at a count of what is a number or a schedule. */
export const valueAt = (value: number | Schedule, count: number): number =>
  typeof value === 'function' ? value(count) : value
