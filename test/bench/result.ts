/** What a run found out. */
import type { Allocation } from './allocation.js'
import type { RuleName } from './rules.js'

/** What one peer did on one problem. */
export interface Result {
  readonly runtime: string
  readonly peer: string
  readonly rule: RuleName | 'copy' | 'training step' | 'convolution' | 'lbfgs' | 'muon' | 'adafactor'
  readonly layout: string
  /** How many numbers are stepped or copied, where that counts. */
  readonly parameters?: number
  /** Milliseconds of a step: the median and the least of so many readings. */
  readonly ms: number
  readonly least: number
  readonly readings: number
  readonly allocation?: Allocation
  /** Milliseconds of a training step that the optimizer took, the median. */
  readonly optimizer?: number
  /** The difference from the first peer: of parameters, as a share of the change; in training, of the losses. */
  readonly difference?: number
}
