/** The learning rate that `injectHyperparams` keeps in a state: finds it, and sets it. */
import { getAllWithPath, type LookupOptions, set } from '../../arithmetic/lookup.js'
import { GradpipeError } from '../../error.js'
import { shown } from '../../options.js'
import { dispose } from '../../program/dispose.js'
import type { Path } from '../../tree/path.js'
import type { Stepper } from './stepper.js'

const NAME = 'learningRate'

const injected: LookupOptions = {
  filtering: (path, value) => path.at(-2) === 'hyperparams' && typeof value === 'number',
}

/** Where a rate stands, and what it is. */
export interface InjectedRate {
  readonly path: Path
  readonly rate: number
}

/** The rate in a state; `undefined` if there is none, or several. */
export const injectedRate = (state: unknown): InjectedRate | undefined => {
  const [first, ...others] = getAllWithPath(state, NAME, injected)
  if (first === undefined || others.length > 0) return undefined
  return { path: first[0], rate: Number(first[1]) }
}

/** A state with another rate; it shares everything else with the given one. */
export const withRate = (state: unknown, rate: number): unknown => set(state, { [NAME]: rate }, injected)

/** The rate in a state without variables; `undefined` if there can be no such state. */
export const firstRate = ({ init }: Stepper<unknown>): InjectedRate | undefined => {
  try {
    const state = init({})
    const found = injectedRate(state)
    dispose(state)
    return found
  } catch {
    return undefined
  }
}

const unable = (given: string): GradpipeError =>
  new GradpipeError(
    'InvalidArgument',
    'optimizer.learningRate',
    'a transformation whose rate can be set: injectHyperparams((h: { learningRate: number }) => tx(h.learningRate))({ learningRate: 0.1 })',
    given,
  )

/** The rate that a step without variables uses, if the state has one. */
const rateUsed = (stepper: Stepper<unknown>, rate?: number): number | undefined => {
  const state = stepper.init({})
  const [params, next] = stepper.step({}, rate === undefined ? state : withRate(state, rate), {}, {})
  const used = injectedRate(next)?.rate
  dispose(params, next)
  return used
}

/** Whether a step without variables can be made: some transformations need more than can be given here. */
const canStep = (stepper: Stepper<unknown>): boolean => {
  try {
    rateUsed(stepper)
    return true
  } catch {
    return false
  }
}

/**
 * Throws `InvalidArgument` unless a transformation accepts a rate: it must have exactly one, which is not a schedule,
 * and the number must be in its range.
 */
export const expectSettable = (stepper: Stepper<unknown>, rate: unknown): InjectedRate => {
  if (typeof rate !== 'number' || !Number.isFinite(rate))
    throw new GradpipeError('InvalidArgument', 'optimizer.learningRate', 'a finite number', shown(rate))
  const first = firstRate(stepper)
  if (first === undefined) throw unable('one without, or with several')
  if (canStep(stepper) && rateUsed(stepper, rate) !== rate) throw unable('one with a schedule in its place')
  return { path: first.path, rate }
}
