/** What the page shows: a race, how far it is shown, and what follows from the two. */
import type { Interval, Point } from './functions.js'
import { pathOf, type Race, type Runner, type RunnerPath } from './race.js'

export interface State {
  readonly race: Race
  /** How many steps are shown; a fraction, so that slow speeds move evenly. */
  readonly head: number
  readonly playing: boolean
  /** In steps per second. */
  readonly speed: number
}

/** A runner with its whole path. */
export interface Lane {
  readonly runner: Runner
  readonly path: RunnerPath
}

/** All that a view may read. */
export interface Shown {
  readonly state: State
  /** The step that is shown, a whole number. */
  readonly step: number
  readonly lanes: readonly Lane[]
}

/** What a view may ask for. */
export type Change = (change: (state: State) => State) => void

/** What shows a part of the page. */
export interface View {
  readonly render: (shown: Shown) => void
  /** Ends what it has running. */
  readonly stop: () => void
}

/** Within the picture, to two digits behind the point. */
const tidy = (value: number, [low, high]: Interval): number =>
  Math.round(Math.min(high, Math.max(low, value)) * 100) / 100

/** Moves the start of a race. */
export const withStart = (change: Change, to: (start: Point) => Point): void =>
  change((state) => {
    const { objective, start } = state.race
    const { x, y } = to(start)
    const moved = { x: tidy(x, objective.domain.x), y: tidy(y, objective.domain.y) }
    return { ...state, race: { ...state.race, start: moved } }
  })

/** The last point of a lane's path up to a step. */
export const lastOf = ({ path }: Lane, step: number): number => Math.min(step, path.points.length - 1)

/** How many paths are kept: those of a slider that goes back and forth. */
const kept = 64

/** Paths of races, each worked out once: a slider changes one of them. */
export const lanesOf = (): ((race: Race) => readonly Lane[]) => {
  const paths = new Map<string, RunnerPath>()
  return (race) =>
    race.runners.map((runner) => {
      const { objective, start, steps } = race
      const { optimizer, settings } = runner
      const key = JSON.stringify([objective.name, start, steps, optimizer.name, optimizer.code(settings)])
      const path = paths.get(key) ?? pathOf(race, runner)
      // what was used last stands last, and the first is forgotten
      paths.delete(key)
      paths.set(key, path)
      const [oldest] = paths.keys()
      if (paths.size > kept && oldest !== undefined) paths.delete(oldest)
      return { runner, path }
    })
}
