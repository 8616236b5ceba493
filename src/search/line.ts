/** The line along the updates: its points, and the loss and its slope there, as numbers on the host. */
import { speakingOf } from '../arithmetic/combine.js'
import { vdot } from '../arithmetic/reduce.js'
import { scaledBy } from '../block/scale.js'
import { type ErrorTag, GradpipeError } from '../error.js'
import { shown } from '../options.js'
import { cloneTree } from '../program/cloneTree.js'
import { dispose } from '../program/dispose.js'
import { freeingOnError, type Process, wait } from '../program/process.js'
import type { Params } from '../rule/leaf.js'
import { zeros } from '../rule/slot.js'
import { fromRule } from '../transform/fromRule.js'
import { step } from '../transform/step.js'
import {
  type LossValue,
  lossReading,
  type Measure,
  type Measured,
  type Reading,
  readingOf,
} from './extraArgs.js'

// model

/** A line through the parameters. */
export interface Line {
  readonly params: Params
  /** Its direction. */
  readonly updates: Params
  /** The loss in any point. */
  readonly measure: Measure
}

/** A point of a line. */
export interface Trial {
  /** How many times the updates it lies from the parameters. */
  readonly stepsize: number
  readonly value: number
  /** The gradient, `null` where only the value was asked for; to be freed by whoever drops the point. */
  readonly grads: Params
}

/** A point and the derivative of the value by the step size. */
export interface Sample extends Trial {
  readonly slope: number
}

// reading

/** Waits for some numbers, all at once. */
function* numbersOf(readings: readonly Reading[]): Process<readonly number[]> {
  return yield* wait({
    now: () => readings.map(({ now }) => now()),
    later: () => Promise.all(readings.map(({ later }) => later())),
  })
}

/** The inner product. Where both do not fit each other, it is the gradient that is wrong. */
const slopeOf = (updates: Params, grads: Params, name: string): LossValue => {
  try {
    return speakingOf({ y: name, tree: 'grads' }, () => vdot(updates, grads))
  } catch (error) {
    if (!(error instanceof GradpipeError) || !/^x(\.|$)/.test(error.path)) throw error
    const { _tag, path, expected, given } = error
    throw mismatches.includes(_tag)
      ? // said of the updates: what was expected of them is what the gradient has
        new GradpipeError(_tag, name + path.slice(1), given, expected)
      : new GradpipeError(_tag, `grads${path.slice(1)}`, expected, given)
  }
}

const mismatches: readonly ErrorTag[] = ['TreeMismatch', 'ShapeMismatch', 'DtypeMismatch']

/** The value of a loss, and the slope of its gradient along the updates. */
function* valueAndSlope(
  value: Reading,
  updates: Params,
  grads: Params,
  name: string,
): Process<readonly [value: number, slope: number]> {
  const product = slopeOf(updates, grads, name)
  try {
    const [first = Number.NaN, second = Number.NaN] = yield* numbersOf([value, readingOf(product)])
    return [first, second]
  } finally {
    dispose(product)
  }
}

// points

/** The start of the line, as the caller knows it. Nothing of it is new. */
export function* startOf(updates: Params, value: Reading, grads: Params): Process<Sample> {
  const [found, slope] = yield* valueAndSlope(value, updates, grads, 'extraArgs.grad')
  return { stepsize: 0, value: found, slope, grads }
}

/** The updates, scaled: by 1, as most searches find, nothing is to be computed. */
export const scaled = (updates: Params, stepSize: number): Params =>
  stepSize === 1 ? cloneTree(updates) : scaledBy({ stepSize }).update<Params>(updates, {})[0]

/** The parameters, moved along the updates. */
const pointAt = ({ params, updates }: Line, stepSize: number): Params =>
  step(scaledBy({ stepSize }))<Params>(params, {}, updates)[0]

/** The loss at another point, and what the function gave of its gradient. The point itself is gone then. */
function* measureAt(line: Line, stepsize: number): Process<Measured> {
  const point = pointAt(line, stepsize)
  try {
    return yield* line.measure(point)
  } finally {
    dispose(point)
  }
}

/** Another point, without its slope. */
export const valueAt: (line: Line, stepsize: number) => Process<Trial> = /* @__PURE__ */ freeingOnError(
  function* (made, line: Line, stepsize: number): Process<Trial> {
    const { value, grads } = made(yield* measureAt(line, stepsize))
    const [found = Number.NaN] = yield* numbersOf([lossReading(nameOf(grads), value)])
    dispose(value)
    return { stepsize, value: found, grads }
  },
)

/** Another point, with its slope. */
export const sampleAt: (line: Line, stepsize: number) => Process<Sample> = /* @__PURE__ */ freeingOnError(
  function* (made, line: Line, stepsize: number): Process<Sample> {
    const { value, grads } = made(yield* measureAt(line, stepsize))
    const reading = lossReading(nameOf(grads), value)
    const [found, slope] = yield* valueAndSlope(
      reading,
      line.updates,
      grads,
      'extraArgs.valueAndGradFn().grads',
    )
    dispose(value)
    return { stepsize, value: found, slope, grads }
  },
)

const nameOf = (grads: Params): string => (grads === null ? 'valueFn()' : 'valueAndGradFn().value')

const grads = /* @__PURE__ */ fromRule({
  slots: { grad: zeros },
  scalars: {},
  step: ({ g, grad }) => ({ update: g, grad }),
})

/** A gradient before the first search: zero, and none of what is not trained. */
export const zeroGrad = (params: Params): Params => grads.init(params).grad

/** The last learning rate in a state, or another one after a search that found none. Throws for what is not a state. */
export const lastRate = (state: { readonly learningRate: number }, otherwise: number): number => {
  const rate: unknown = state?.learningRate
  if (typeof rate !== 'number')
    throw new GradpipeError('TreeMismatch', 'state.learningRate', 'a number', shown(rate))
  return rate === 0 ? otherwise : rate
}
