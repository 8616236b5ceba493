/** valueAt: a hyperparameter that is a number or a schedule, at a count. */
import type { Schedule } from './schedule.js'

/** The schedule's value at the count; a number is its own at every count. */
export const valueAt = (hyperparameter: number | Schedule, count: number): number =>
  typeof hyperparameter === 'function' ? hyperparameter(count) : hyperparameter
