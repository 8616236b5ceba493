/** Trains one workload with its contenders in turns, round after round, in one process. */
import { median, type Pace, rotated } from '../measure.js'
import type { Report } from '../progress.js'
import type { Result } from '../result.js'
import type { Training } from './session.js'
import { type Readings, turn } from './turn.js'

/** How long steps are timed. */
export interface StepPace {
  readonly rounds: number
  /** Milliseconds of steps that do not count, at first: kernels are compiled, and reach their last form. */
  readonly opening: number
  readonly pace: Pick<Pace, 'warmUp' | 'turn'>
  /** A contender that is slow counts as measured once it has so many readings, and takes no more turns. */
  readonly enough: number
}

/** What a device takes where a step may be longer than a turn, such as one that is a program: milliseconds. */
export interface Device {
  /** The first step beyond what the others are: kernels are compiled. */
  readonly compiling: number
  /** Each step. */
  readonly step: number
}

/** One that trains. */
export interface Contender {
  readonly peer: string
  /** Milliseconds that a step takes at least, where that is much. */
  readonly slow: number
  /** What it trains on, where that is slow without being one that is measured less. */
  readonly device?: Device
  /** Opens a training, and takes turns. */
  readonly open: () => Promise<{
    readonly take: (pace: StepPace['pace']) => Promise<Readings>
    readonly close: () => Promise<void>
  }>
}

/** Losses are compared over so many first steps. */
const compared = 3

/** What is known beforehand of how long a contender takes. */
type Foreseen = Pick<Contender, 'slow' | 'device'>

/** Whole steps that begin within some time; where a step is short, that time. */
const filled = (ms: number, step: number): number => (step > 0 ? Math.ceil(ms / step) * step : ms)

/** Milliseconds of a turn, in a round. A step of a slow one is a turn; there are as many as are enough. */
const turnTime = ({ slow, device }: Foreseen, { pace, enough }: StepPace, round: number): number => {
  const { warmUp, turn } = pace
  if (slow > warmUp + turn) return round < enough ? slow : 0
  const step = device?.step ?? 0
  return step > warmUp + turn ? step : filled(warmUp, step) + filled(turn, step)
}

/** Milliseconds of steps that do not count, by the plan: a slow one is not warmed up. */
const warming = ({ slow }: Foreseen, { opening }: StepPace): number => (slow === 0 ? opening : 0)

/** What those come to: at least the first step, in which kernels are compiled. */
const openingTime = (one: Foreseen, plan: StepPace): number => {
  const { compiling, step } = one.device ?? { compiling: 0, step: 0 }
  return Math.max(warming(one, plan), compiling + step)
}

/** Milliseconds that a workload will take, from its contenders, the rounds and the pace. */
export const expected = (contenders: readonly Foreseen[], pace: StepPace): number =>
  contenders.reduce((sum, one) => {
    const turns = Array.from({ length: pace.rounds }, (_, round) => turnTime(one, pace, round))
    return turns.reduce((a, b) => a + b, sum + openingTime(one, pace))
  }, 0)

/** By how much losses differ at most, as a share. */
const apart = (reference: readonly number[], losses: readonly number[]): number => {
  const pairs = reference.slice(0, compared).map((a, i) => [a, losses[i]] as const)
  const known = pairs.filter((pair): pair is readonly [number, number] => pair[1] !== undefined)
  return Math.max(...known.map(([a, b]) => (a === b ? 0 : Math.abs(a - b) / Math.abs(a))))
}

type Open = Awaited<ReturnType<Contender['open']>>

/** What is known of a contender so far. */
interface State {
  readonly one: Contender
  readonly steps: number[]
  readonly optimizer: number[]
  readonly losses: number[]
  opened: Open | null
  failed: boolean
}

const takeTurn = async (state: State, plan: StepPace): Promise<void> => {
  const opening = state.opened === null ? warming(state.one, plan) : 0
  state.opened ??= await state.one.open()
  if (opening > 0) {
    const { losses } = await state.opened.take({ warmUp: opening, turn: 0 })
    state.losses.push(...losses)
  }
  const { steps, optimizer, losses } = await state.opened.take(plan.pace)
  state.steps.push(...steps)
  state.optimizer.push(...optimizer)
  state.losses.push(...losses)
}

/** Milliseconds of a training step of a workload, by contender; losses are held against the first one's. */
export const run = async (
  name: string,
  contenders: readonly Contender[],
  plan: StepPace,
  { say, done }: Report,
): Promise<readonly Result[]> => {
  const states = contenders.map(
    (one): State => ({
      one,
      steps: [],
      optimizer: [],
      losses: [],
      opened: null,
      failed: false,
    }),
  )
  for (let round = 0; round < plan.rounds; round++)
    for (const state of rotated(states, round)) {
      const over = state.one.slow > 0 && state.steps.length >= plan.enough
      if (!state.failed && !over)
        try {
          await takeTurn(state, plan)
        } catch (error) {
          state.failed = true
          say(`${state.one.peer} failed on ${name}: ${error instanceof Error ? error.message : error}`)
        }
      done(turnTime(state.one, plan, round) + (round === 0 ? openingTime(state.one, plan) : 0))
    }
  for (const { opened } of states) await opened?.close()
  const measured = states.filter(({ failed, steps }) => !failed && steps.length > 0)
  const [reference] = measured
  return measured.map(
    ({ one, steps, optimizer, losses }): Result => ({
      runtime: 'training',
      peer: one.peer,
      rule: 'training step',
      layout: name,
      ms: median(steps),
      least: Math.min(...steps),
      readings: steps.length,
      ...(optimizer.length > 0 && { optimizer: median(optimizer) }),
      ...(reference && { difference: apart(reference.losses, losses) }),
    }),
  )
}

/** A contender in this process, on a backend that is made the active one for its turns. */
export const here = (
  peer: string,
  slow: number,
  open: () => Promise<Training>,
  activate: () => Promise<unknown>,
): Contender => ({
  peer,
  slow,
  open: async () => {
    await activate()
    const training = await open()
    return {
      take: async (pace) => {
        await activate()
        return turn(training, pace)
      },
      close: async () => {
        await activate()
        training.close()
      },
    }
  },
})
