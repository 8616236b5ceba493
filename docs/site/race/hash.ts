/**
 * A race as an address, so that it can be shared, and back:
 *
 *     #race?f=rosenbrock&start=-1.2,1&steps=600&adam=learningRate:0.2,b1:0.8&lion=
 *
 * `own=` is followed by the description of any transformation, as JSON.
 *
 * Only what differs from the function's usual race is written. Whatever an address says that makes no sense is as usual.
 */
import { describedBy, OWN } from './described.js'
import { type Interval, type Objective, objectiveOf, objectives, type Point } from './functions.js'
import { type Optimizer, optimizers, type Settings } from './optimizers.js'
import { type Race, type Runner, stepsRange, usualSettings } from './race.js'

const usualRunners = ['sgd', 'momentum', 'adam', 'rmsprop', 'lion']

const clamped = (value: number, [low, high]: Interval): number => Math.min(high, Math.max(low, value))

/** The number in a text within a range, or else another one. */
const numberIn = (text: string | undefined, range: Interval, otherwise: number): number => {
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text)
  return Number.isFinite(value) ? clamped(value, range) : otherwise
}

/** The race that a function begins with: the usual start, and the usual settings of these optimizers. */
export const usualRace = (objective: Objective, chosen?: readonly Optimizer[]): Race => ({
  objective,
  start: objective.start,
  steps: objective.steps,
  runners: (chosen ?? optimizers.filter(({ name }) => usualRunners.includes(name))).map((optimizer) => ({
    optimizer,
    settings: usualSettings(objective, optimizer),
  })),
})

const settingsIn = (text: string, objective: Objective, optimizer: Optimizer): Settings => {
  const given = new Map(
    text.split(',').map((part) => {
      const [name = '', value] = part.split(':')
      return [name, value] as const
    }),
  )
  const usual = usualSettings(objective, optimizer)
  return Object.fromEntries(
    optimizer.settings.map(({ name, initial, min, max, scale }) => {
      const value = numberIn(given.get(name), [min, max], usual[name] ?? initial)
      return [name, scale === 'whole' ? Math.round(value) : value]
    }),
  )
}

/** The race of an address. */
export const raceIn = (hash: string): Race => {
  const query = new URLSearchParams(hash.split('?')[1] ?? '')
  const [first] = objectives
  const objective = objectiveOf(query.get('f') ?? '') ?? first
  const usual = usualRace(objective)
  const [x, y] = query.get('start')?.split(',') ?? []
  const runners: Runner[] = optimizers
    .filter(({ name }) => query.has(name))
    .map((optimizer) => ({
      optimizer,
      settings: settingsIn(query.get(optimizer.name) ?? '', objective, optimizer),
    }))
  const own = describedBy(query.get(OWN) ?? '')
  if (own !== undefined) runners.push({ optimizer: own, settings: {} })
  return {
    objective,
    start: {
      x: numberIn(x, objective.domain.x, usual.start.x),
      y: numberIn(y, objective.domain.y, usual.start.y),
    },
    steps: Math.round(numberIn(query.get('steps') ?? undefined, stepsRange, usual.steps)),
    runners: runners.length > 0 ? runners : usual.runners,
  }
}

const equal = (a: Point, b: Point): boolean => a.x === b.x && a.y === b.y

const changed = (objective: Objective, { optimizer, settings }: Runner): string => {
  if (optimizer.description !== undefined) return encodeURIComponent(optimizer.description)
  const usual = usualSettings(objective, optimizer)
  return Object.entries(settings)
    .filter(([name, value]) => value !== usual[name])
    .map(([name, value]) => `${name}:${value}`)
    .join(',')
}

/** The address of a race; the optimizers are in the order of the table. */
export const hashOf = ({ objective, start, steps, runners }: Race): string => {
  const parts = [`f=${objective.name}`]
  if (!equal(start, objective.start)) parts.push(`start=${start.x},${start.y}`)
  if (steps !== objective.steps) parts.push(`steps=${steps}`)
  for (const runner of runners) parts.push(`${runner.optimizer.name}=${changed(objective, runner)}`)
  return `#race?${parts.join('&')}`
}
