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
}

/** Kernels reach their last form in the first round, so there the warm-up is so many times as long. */
const firstWarmUp = 3

/** The pace of a round. */
export const paceOf = (pace: Pace, round: number): Pace =>
  round === 0 ? { ...pace, warmUp: firstWarmUp * pace.warmUp } : pace

/**
 * Milliseconds of a step, for each parameter and each tensor, as a mean over peers of very different speed. It
 * decides only where a turn has too little time for the steps that it takes at least.
 */
const step = { parameter: 3e-6, tensor: 0.15 }

/** Milliseconds for each parameter to draw numbers, to open a session with them, and in the first turn to compare. */
const opening = 1.5e-5

/** The milliseconds of one turn of one peer. */
export const turnTime = (layout: Layout, pace: Pace, round: number): number => {
  const { warmUp, turn } = paceOf(pace, round)
  const parameters = parametersOf(layout)
  const least = leastSteps * (step.parameter * parameters + step.tensor * layout.shapes.length)
  return Math.max(warmUp + turn, least) + opening * parameters
}

/** Milliseconds: a turn of every peer for each rule, and of the copy, in every round. */
export const expected = ({ layouts, rules, rounds, pace }: Extent, peers: number): number => {
  let ms = 0
  for (const layout of layouts)
    for (let round = 0; round < rounds; round++)
      ms += turnTime(layout, pace, round) * (rules.length * peers + 1)
  return ms
}
