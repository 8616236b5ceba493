/** Ranges: what an option or an argument may be. */
import { GradpipeError } from './error.js'
import { nameInForce, shown } from './options.js'

/** What is wrong with a value, where more can be said of it: below the option, or in other words. */
export interface Fault {
  readonly path?: string
  readonly expected?: string
  readonly given: string
}

/** What else there is to say of a range. */
interface More {
  /** Of schedules, the range of what they give. */
  readonly ofSchedules?: Range
  /** What is wrong with a value that does not lie in it. */
  readonly fault?: (value: unknown) => Fault | undefined
}

/** A range in words, and what lies in it. */
export type Range = readonly [words: string, holds: (value: unknown) => boolean, more?: More]

/** Ranges by the names of options. */
export type Ranges = Readonly<Record<string, Range>>

// constructors, which are written out and not called, so that a bundle leaves out those that it does not use

/** Whether something is a number, and no NaN. */
const isNumber = (value: unknown): value is number => typeof value === 'number' && !Number.isNaN(value)

/** Any number but NaN. */
export const real: Range = ['a number', isNumber]

/** Any number but NaN and the infinities. */
export const finite: Range = ['a finite number', Number.isFinite]

/** From 0. */
export const notNegative: Range = ['a number of at least 0', (x) => isNumber(x) && x >= 0]

/** Above 0, infinity too. */
export const positive: Range = ['a positive number', (x) => isNumber(x) && x > 0]

/** Between 0 and 1, both excluded. */
export const fraction: Range = ['a number between 0 and 1', (x) => isNumber(x) && x > 0 && x < 1]

/** Above 1. */
export const aboveOne: Range = ['a number above 1', (x) => isNumber(x) && x > 1]

/** Decays of averages: at 1 nothing would ever come in. */
export const decay: Range = ['a number of at least 0, below 1', (x) => isNumber(x) && x >= 0 && x < 1]

/** From 0 to 1, both included. */
export const share: Range = ['a number from 0 to 1', (x) => isNumber(x) && x >= 0 && x <= 1]

/** Whole numbers from 1. */
export const steps: Range = [
  'a whole number of at least 1',
  (x) => isNumber(x) && Number.isSafeInteger(x) && x >= 1,
]

/** As often as a step may repeat something that it is written out for. */
export const few: Range = [
  'a whole number from 1 to 100',
  (x) => isNumber(x) && Number.isSafeInteger(x) && x >= 1 && x <= 100,
]

/** Whole numbers from 0. */
export const count: Range = [
  'a whole number of at least 0',
  (x) => isNumber(x) && Number.isSafeInteger(x) && x >= 0,
]

/** Whole numbers. */
export const integer: Range = ['a whole number', (x) => Number.isSafeInteger(x)]

/** A function. */
export const callable: Range = ['a function', (value) => typeof value === 'function']

/** Whether something has methods of these names. */
const has = (value: unknown, ...names: readonly string[]): boolean =>
  typeof value === 'object' &&
  value !== null &&
  names.every((name) => typeof Reflect.get(value, name) === 'function')

/** A factory that was not called, and what stands outermost. */
const noTransformation = (value: unknown): Fault | undefined => {
  if (has(value, 'stepping')) return { given: 'what only a step takes: it stands outermost' }
  if (typeof value !== 'function') return undefined
  const name = value.name === '' ? 'f' : value.name
  return { given: `the function ${name}, which makes one: call it, as ${name}(…)` }
}

/** A transformation. */
export const transformation: Range = [
  'a transformation',
  (value) => has(value, 'init', 'update') && !has(value, 'stepping'),
  { fault: noTransformation },
]

const takesExamples = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Reflect.get(value, 'takesExamples') === true

/** A transformation of gradients that are like the parameters, not of one for each example. */
export const ofGradients: Range = [
  'a transformation',
  (value) => transformation[1](value) && !takesExamples(value),
  {
    fault: (value) =>
      takesExamples(value)
        ? {
            expected:
              'a transformation of gradients like the parameters: what takes one for each example comes before, as chain(differentiallyPrivateAggregate(…), multiSteps(sgd(…), 4))',
            given: 'one that takes a gradient for each example',
          }
        : noTransformation(value),
  },
]

/** A transformation, or what steps parameters in another way. */
export const steppable: Range = [
  'a transformation',
  (value) => has(value, 'init', 'update') || has(value, 'stepping'),
  { fault: noTransformation },
]

/** What has a first state, as a transformation has. */
export const initable: Range = [
  'a transformation',
  (value) => has(value, 'init'),
  { fault: noTransformation },
]

/** One of some words. */
export const oneOf = (...words: readonly string[]): Range => [
  `one of ${words.join(', ')}`,
  (value) => words.some((word) => word === value),
]

// combinators

/** What lies in a range, or null. */
export const orNull = ([words, holds]: Range): Range => [
  `${words}, or null`,
  (value) => value === null || holds(value),
]

/** A function of the count that gives what lies in a range. */
export const scheduleOf = (range: Range): Range => [callable[0], callable[1], { ofSchedules: range }]

/** What lies in a range, or a function of the count that gives it. */
export const orSchedule = (range: Range): Range => [
  `${range[0]}, or a schedule`,
  (value) => typeof value === 'function' || range[1](value),
  { ofSchedules: range },
]

/** A whole number, or a list of them: axes, negative ones from the end. */
export const axes: Range = [
  'an axis or a list of them',
  (value) => (Array.isArray(value) ? value : [value]).every(integer[1]),
]

/** A list of so many values, each in a range. */
export const listOf = (length: number, [words, holds]: Range): Range => [
  `${length} times ${words}`,
  (value) => Array.isArray(value) && value.length === length && value.every(holds),
]

// checks

/** Throws `InvalidArgument`, under the path, for a value that lies not in a range. */
export const checkRange = (path: string, value: unknown, [words, holds, more]: Range): void => {
  if (holds(value)) return
  const { path: inside, expected = words, given = shown(value) } = more?.fault?.(value) ?? {}
  throw new GradpipeError(
    'InvalidArgument',
    inside === undefined ? path : `${path}.${inside}`,
    expected,
    given,
  )
}

/** Throws `InvalidArgument` for the first of some values that has a range and lies not in it. */
export const checkRanges = (
  name: string,
  values: Readonly<Record<string, unknown>>,
  ranges: Ranges,
): void => {
  for (const [option, value] of Object.entries(values)) {
    const range = ranges[option]
    if (range !== undefined) checkRange(`${name}.${option}`, value, range)
  }
}

/** A value of a schedule at a count. Throws `InvalidArgument` unless it lies in a range. */
export const checkedAt = (path: string, count: number, value: number, [words, holds]: Range): number => {
  if (holds(value)) return value
  throw new GradpipeError('InvalidArgument', path, words, `${shown(value)} at count ${count}`)
}

/**
 * Values that lie in their ranges; a schedule among them throws `InvalidArgument`, under the same name as a number
 * would, at a count where what it gives does not.
 */
export const inRanges = <V extends Readonly<Record<string, unknown>>>(
  name: string,
  values: V,
  ranges: Ranges,
): V => {
  checkRanges(name, values, ranges)
  const checked = Object.entries(values).map(([option, value]) => {
    const range = ranges[option]?.[2]?.ofSchedules
    if (range === undefined || typeof value !== 'function') return [option, value] as const
    const path = `${nameInForce(name)}.${option}`
    const schedule = value as (count: number) => number // what its range says, and each value is checked
    // what else a schedule has it keeps, its term above all: given the count as a term it gives another
    const checked: typeof schedule = (count) =>
      typeof count === 'number' ? checkedAt(path, count, schedule(count), range) : schedule(count)
    return [option, Object.assign(checked, schedule)] as const
  })
  return Object.fromEntries(checked) as V // every value is of its own type
}
