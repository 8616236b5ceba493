/** Takes times: in turns, so that whatever else the machine does falls on all peers alike. */
import type { Session } from './peer.js'

/** The middle one, or the mean of the middle two. */
export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  const [a = Number.NaN, b = Number.NaN] = [sorted[half - 1], sorted[half]]
  return sorted.length % 2 === 1 ? b : (a + b) / 2
}

/** How long a turn of a session takes, in milliseconds. */
export interface Pace {
  /** Until kernels are compiled by the better compiler, pages are there and caches are warm. */
  readonly warmUp: number
  /** While times are taken. */
  readonly turn: number
  /** From one reading of the clock to the next: many short steps, so that what the reading costs does not count. */
  readonly reading: number
}

const mostSteps = 200

const timed = async (session: Session, steps: number): Promise<number> => {
  session.prepare(steps)
  const start = performance.now()
  for (let i = 0; i < steps; i++) session.step()
  // without a wait there is nothing to await, not even an empty promise
  if (session.settle) await session.settle()
  return (performance.now() - start) / steps
}

/** Takes steps until the time is over, at least so many readings; the times of a step in milliseconds. */
const during = async (
  session: Session,
  time: number,
  steps: number,
  least: number,
): Promise<readonly number[]> => {
  const samples: number[] = []
  const end = performance.now() + time
  while (samples.length < least || performance.now() < end) samples.push(await timed(session, steps))
  return samples
}

/** A turn's readings at least, and the steps at least, however long they take: one to warm up, and the readings. */
const leastReadings = 2
export const leastSteps: number = 1 + leastReadings

/** One turn of a session: warm up, then take times. */
export const turn = async (session: Session, { warmUp, turn, reading }: Pace): Promise<readonly number[]> => {
  const end = performance.now() + warmUp
  const first = median(await during(session, warmUp / 2, 1, 1))
  const steps = Math.max(1, Math.min(mostSteps, Math.ceil(reading / first)))
  await during(session, end - performance.now(), steps, 0)
  return during(session, turn, steps, leastReadings)
}

/** The order of a round: each starts with another one, so that none always follows the same. */
export const rotated = <A>(all: readonly A[], by: number): readonly A[] =>
  all.map((_, i) => all[(i + by) % all.length] as A) // the index is within the array
