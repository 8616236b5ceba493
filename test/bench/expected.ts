/** How long a bench will take, from its plan: told before it starts. */
import { type Layout, parametersOf } from './layouts.js'
import { leastSteps, type Pace } from './measure.js'
import type { RuleName } from './rules.js'

/** What is measured, and for how long: JSON, for a process that measures it. */
export interface Extent {
  readonly layouts: readonly Layout[]
  readonly rules: readonly RuleName[]
  readonly rounds: number
  readonly pace: Pace
  /** How long a step takes, roughly, where that is not as on tensors. */
  readonly step?: StepTime
}

/** Milliseconds of a step, for each parameter and each leaf. */
interface StepTime {
  readonly parameter: number
  readonly leaf: number
}

/** Kernels reach their last form in the first round, so there the warm-up is so many times as long. */
const firstWarmUp = 3

/** The pace of a round. */
export const paceOf = (pace: Pace, round: number): Pace =>
  round === 0 ? { ...pace, warmUp: firstWarmUp * pace.warmUp } : pace

/**
 * A step on tensors, as a mean over peers of very different speed. It decides where a turn has too little time for the
 * steps that it takes at least.
 */
const onTensors: StepTime = { parameter: 8e-6, leaf: 0.15 }

/** Steps of a peer's first turn before it is timed: some are compared, one makes the state, and one is counted. */
const untimed = 5

/** Milliseconds for each parameter to draw numbers, to open a session with them, and in the first turn to compare. */
const opening = 1.5e-5

/** The milliseconds of one turn of one peer. */
export const turnTime = (layout: Layout, pace: Pace, round: number, step: StepTime = onTensors): number => {
  const { warmUp, turn } = paceOf(pace, round)
  const parameters = parametersOf(layout)
  const one = step.parameter * parameters + step.leaf * layout.shapes.length
  return Math.max(warmUp + turn, leastSteps * one) + (round === 0 ? untimed * one : 0) + opening * parameters
}

/** Milliseconds: a turn of every peer for each rule, and of the copy, in every round. */
export const expected = ({ layouts, rules, rounds, pace, step }: Extent, peers: number): number => {
  let ms = 0
  for (const layout of layouts)
    for (let round = 0; round < rounds; round++)
      ms += turnTime(layout, pace, round, step) * (rules.length * peers + 1)
  return ms
}
