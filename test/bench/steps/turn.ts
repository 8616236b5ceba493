/** A turn of a training: steps to warm up, then steps whose times are taken. */
import type { Pace } from '../measure.js'
import type { Training } from './session.js'

/** What a turn found. */
export interface Readings {
  /** Milliseconds of each step. */
  readonly steps: readonly number[]
  /** Milliseconds of each that the optimizer took, where that is known. */
  readonly optimizer: readonly number[]
  /** The losses of all steps, those of the warm-up among them. */
  readonly losses: readonly number[]
}

/** Takes a turn: at least one step that counts. A step that is longer than both times needs no warm-up. */
export const turn = async (
  training: Training,
  { warmUp, turn }: Pick<Pace, 'warmUp' | 'turn'>,
): Promise<Readings> => {
  const [steps, optimizer, losses]: [number[], number[], number[]] = [[], [], []]
  const take = async (): Promise<{ readonly ms: number; readonly optimizing: number | null }> => {
    const [start, before] = [performance.now(), training.optimizer()]
    losses.push(await training.step())
    const [end, after] = [performance.now(), training.optimizer()]
    return { ms: end - start, optimizing: before === null || after === null ? null : after - before }
  }
  const count = ({ ms, optimizing }: Awaited<ReturnType<typeof take>>): void => {
    steps.push(ms)
    if (optimizing !== null) optimizer.push(optimizing)
  }
  const end = performance.now() + warmUp
  while (performance.now() < end) {
    const taken = await take()
    if (taken.ms > warmUp + turn) count(taken)
  }
  const over = performance.now() + (steps.length > 0 ? 0 : turn)
  while (steps.length === 0 || performance.now() < over) count(await take())
  return { steps, optimizer, losses }
}
