/**
 * The zoom line search on the host: numbers of one dimension, and a way to have them.
 *
 * First the step grows until an interval is found that holds a good one, then the interval shrinks around it.
 */
import type { Process } from '../program/process.js'

// model

/** What is known of the loss at a step size. */
export interface Point {
  readonly stepsize: number
  readonly value: number
  readonly slope: number
}

/** By how much a point misses both criteria; 0 where it fulfils them. */
interface Errors {
  readonly decreaseError: number
  readonly curvatureError: number
}

type Tried = Point & Errors

/** What is searched for, and how hard. */
export interface ZoomCriteria {
  readonly maxLinesearchSteps: number
  /** Infinity without a bound. */
  readonly maxLearningRate: number
  readonly tol: number
  readonly increaseFactor: number
  readonly slopeRtol: number
  readonly curvRtol: number
  /** `null` without the approximate criterion. */
  readonly approxDecRtol: number | null
  readonly stepsizePrecision: number
}

/** What was found, and the errors of the point that was tried last: another one, where the search failed. */
export interface Found<P> extends Errors {
  readonly point: P
  readonly steps: number
  readonly failed: boolean
}

/** Between two step sizes lies a good one; `low` is the better of the two, not the lesser. */
interface Interval {
  readonly low: Point
  readonly high: Point
  /** A third point, for the cubic. */
  readonly third: Point
}

// criteria

/** Not below zero; infinite for NaN. */
const violation = (error: number): number =>
  Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(error, 0)

const judge = (start: Point, at: Point, criteria: ZoomCriteria): Tried => {
  const { slopeRtol, curvRtol, approxDecRtol } = criteria
  let decrease = at.value - start.value - slopeRtol * at.stepsize * start.slope
  if (approxDecRtol !== null) {
    // near a minimum, where values differ by roundings alone, slopes still tell
    const bySlope = at.slope - (2 * slopeRtol - 1) * start.slope
    const near = at.value - start.value - approxDecRtol * Math.abs(start.value)
    decrease = Math.min(Math.max(bySlope, near), decrease)
  }
  const { stepsize, value, slope } = at
  return {
    stepsize,
    value,
    slope,
    decreaseError: violation(decrease),
    curvatureError: violation(Math.abs(at.slope) - curvRtol * Math.abs(start.slope)),
  }
}

const errorOf = ({ decreaseError, curvatureError }: Tried): number => Math.max(decreaseError, curvatureError)

// interpolation

/** Where the cubic through three points, with the slope of the first, has a minimum; NaN where it has none. */
const cubicMinimum = (a: Point, b: Point, c: Point): number => {
  const [db, dc] = [b.stepsize - a.stepsize, c.stepsize - a.stepsize]
  const [rb, rc] = [b.value - a.value - a.slope * db, c.value - a.value - a.slope * dc]
  const denominator = (db * dc) ** 2 * (db - dc)
  const cube = (dc ** 2 * rb - db ** 2 * rc) / denominator
  const square = (db ** 3 * rc - dc ** 3 * rb) / denominator
  return a.stepsize + (-square + Math.sqrt(square * square - 3 * cube * a.slope)) / (3 * cube)
}

/** Where the parabola through two points, with the slope of the first, has its extreme. */
const quadraticMinimum = (a: Point, b: Point): number => {
  const db = b.stepsize - a.stepsize
  const square = (b.value - a.value - a.slope * db) / db ** 2
  return a.stepsize - a.slope / (2 * square)
}

/** A step size well inside the interval: of the cubic, else of the parabola, else the middle. */
const inside = ({ low, high, third }: Interval): number => {
  const length = Math.abs(high.stepsize - low.stepsize)
  const [left, right] = [Math.min(low.stepsize, high.stepsize), Math.max(low.stepsize, high.stepsize)]
  const isWithin = (at: number, margin: number): boolean =>
    at > left + margin * length && at < right - margin * length
  const cubic = cubicMinimum(low, high, third)
  if (isWithin(cubic, 0.2)) return cubic
  const quadratic = quadraticMinimum(low, high)
  return isWithin(quadratic, 0.1) ? quadratic : (low.stepsize + high.stepsize) / 2
}

const shrunk = ({ low, high }: Interval, middle: Tried): Interval => {
  if (middle.decreaseError > 0 || middle.value >= low.value) return { low, high: middle, third: high }
  // the minimum lies on the side to which the slope falls
  return middle.slope * (high.stepsize - low.stepsize) >= 0
    ? { low: middle, high: low, third: high }
    : { low: middle, high, third: low }
}

// search

/**
 * Searches from a start, given its value and slope. `sample` measures a point; `drop` is told of each that is not wanted
 * any more, never of the start, and of none that was found.
 */
export function* zoom<P extends Point>(
  start: P,
  guess: number,
  criteria: ZoomCriteria,
  sample: (stepsize: number) => Process<P>,
  drop: (point: P) => void,
): Process<Found<P>> {
  const { maxLinesearchSteps, maxLearningRate, tol, increaseFactor, stepsizePrecision } = criteria
  let alive: readonly P[] = []
  const retain = (...wanted: readonly P[]): void => {
    for (const point of alive) if (!wanted.includes(point)) drop(point)
    alive = alive.filter((point) => wanted.includes(point))
  }
  let before: Point = start
  // the best that decreases enough, should the slope never be small enough
  let safe: P = start
  let interval: Interval | null = null

  for (let steps = 1; ; steps++) {
    const narrow =
      interval !== null && Math.abs(interval.high.stepsize - interval.low.stepsize) <= stepsizePrecision
    const longer = steps === 1 ? guess : increaseFactor * before.stepsize
    const stepsize = interval === null ? Math.min(longer, maxLearningRate) : inside(interval)
    const point = yield* sample(stepsize)
    const tried = judge(start, point, criteria)
    alive = [...alive, point]
    const enough = tried.decreaseError <= tol
    if (enough && (interval === null || tried.value < safe.value)) safe = point
    retain(safe, point)

    const overshot = tried.decreaseError > 0 || (steps > 1 && tried.value >= before.value)
    if (interval !== null) interval = shrunk(interval, tried)
    else if (overshot) interval = { low: before, high: tried, third: before }
    else if (tried.slope >= 0) interval = { low: tried, high: before, third: tried }
    before = tried

    const found = { decreaseError: tried.decreaseError, curvatureError: tried.curvatureError, steps }
    // where the longest step that is allowed still descends, it is the best there is
    if (errorOf(tried) <= tol || (interval === null && longer >= maxLearningRate)) {
      retain(point)
      return { ...found, point, failed: false }
    }
    if (steps >= maxLinesearchSteps || (narrow && safe.stepsize > 0)) {
      const back = safe.stepsize > 0 || tried.decreaseError === Number.POSITIVE_INFINITY
      const chosen = back ? safe : point
      retain(chosen)
      return { ...found, point: chosen, failed: true }
    }
  }
}
