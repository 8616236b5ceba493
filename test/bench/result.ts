/** What a run found out. */
import type { Allocation } from './allocation.js'
import type { RuleName } from './rules.js'

/** What one peer did on one problem. */
export interface Result {
  readonly runtime: string
  readonly peer: string
  readonly rule: RuleName | 'copy'
  readonly layout: string
  readonly parameters: number
  /** Milliseconds of a step: the median and the least of so many readings. */
  readonly ms: number
  readonly least: number
  readonly readings: number
  readonly allocation?: Allocation
  /** The difference from the first peer that has the rule, as a share of the change. */
  readonly difference?: number
}
