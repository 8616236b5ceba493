/** A race: a function, a start, and some optimizers; and the paths that come of it. All of it is data. */
import { GradpipeError, step } from 'gradpipe'
import type { Interval, Objective, Point } from './functions.js'
import { learningRate, type Optimizer, type Settings } from './optimizers.js'

/** One optimizer in a race, with the settings that differ from the usual ones. */
export interface Runner {
  readonly optimizer: Optimizer
  readonly settings: Settings
}

export interface Race {
  readonly objective: Objective
  readonly start: Point
  readonly steps: number
  readonly runners: readonly Runner[]
}

/** Where a runner was: `points[i]` and `losses[i]` after i steps, from the start on. */
export interface RunnerPath {
  readonly points: readonly Point[]
  readonly losses: readonly number[]
  /** Whether it left for infinity; the path ends there. */
  readonly lost: boolean
}

/** How many steps a race may have. */
export const stepsRange: Interval = [10, 2000]

/** How far from the picture a runner is given up, in widths of the picture. */
const lostAfter = 1000

/** The usual settings of an optimizer on a function. */
export const usualSettings = ({ suited }: Objective, { name, settings }: Optimizer): Settings => {
  const own = suited[name] ?? {}
  const given: Settings = typeof own === 'number' ? { [learningRate]: own } : own
  return Object.fromEntries(settings.map((setting) => [setting.name, given[setting.name] ?? setting.initial]))
}

/** Runs one optimizer: with `step`, on plain numbers, as any program would. */
export const pathOf = (
  { objective, start, steps }: Omit<Race, 'runners'>,
  { optimizer, settings }: Runner,
): RunnerPath => {
  const { value, gradient, domain } = objective
  const tx = optimizer.make(settings)
  const next = step(tx)
  const far = lostAfter * (domain.x[1] - domain.x[0])
  const points = [start]
  const losses = [value(start)]
  let params = start
  let state = tx.init(start)
  for (let i = 0; i < steps; i++) {
    const at = params
    const grads = gradient(at, i)
    try {
      ;[params, state] = next(at, state, grads, {
        value: value(at),
        grad: grads,
        // the library gives back a tree like the parameters
        valueAndGradFn: (there) => ({ value: value(there as Point), grads: gradient(there as Point, i) }),
      })
    } catch (error) {
      // a schedule from an address may give what is no rate
      if (error instanceof GradpipeError) return { points, losses, lost: true }
      throw error
    }
    const loss = value(params)
    if (!Number.isFinite(loss) || !(Math.hypot(params.x, params.y) < far))
      return { points, losses, lost: true }
    points.push(params)
    losses.push(loss)
  }
  return { points, losses, lost: false }
}
