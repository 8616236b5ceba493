/** What line searches are given besides gradients, state and parameters: the loss here, and how to have it elsewhere. */
import { wrongExtraArg } from '../declare/extraArgs.js'
import type { GradpipeError } from '../error.js'
import { readLeaf, readLeafLater } from '../host/hosts.js'
import { shown } from '../options.js'
import { dispose } from '../program/dispose.js'
import type { Process, Wait } from '../program/process.js'
import type { ExtraArgs } from '../program/program.js'
import {
  isTensorLike,
  isTrainable,
  leafSpec,
  type Params,
  showShape,
  sizeOf,
  type TensorLike,
} from '../rule/leaf.js'
import { called } from '../transform/callback.js'

// model

/**
 * A loss: a number, or a scalar tensor.
 *
 * @category Line searches
 */
export type LossValue = number | TensorLike

/**
 * A loss and its gradient, as `valueAndGrad` of `gradpipe/tfjs` returns them.
 *
 * @category Line searches
 */
export interface LossAndGrad {
  /** The loss. */
  readonly value: LossValue
  /** The gradient, a tree like the parameters. */
  readonly grads: Params
}

/**
 * What every line search is told of the point that it starts from.
 *
 * @category Line searches
 */
export interface LineSearchArgs {
  /** The loss at the parameters. */
  readonly value: LossValue
  /** Its gradient there, before any transformation. */
  readonly grad: Params
}

/**
 * The extra arguments of a line search that compares values alone.
 *
 * @category Line searches
 */
export interface ValueFnArgs extends LineSearchArgs {
  /**
   * The loss as a function of the parameters. It borrows them, and frees what it makes on its way (`tf.tidy`); a tensor
   * that it returns is freed by the line search. A promise is for `updateAsync`.
   */
  valueFn(params: Params): LossValue | Promise<LossValue>
}

/**
 * The extra arguments of a line search that needs gradients.
 *
 * @category Line searches
 */
export interface ValueAndGradFnArgs extends LineSearchArgs {
  /**
   * The loss and its gradient as a function of the parameters: `valueAndGrad(loss)` for tensors. It borrows the
   * parameters; what it returns is new, and the line search's. A promise is for `updateAsync`.
   */
  valueAndGradFn(params: Params): LossAndGrad | Promise<LossAndGrad>
}

// reading the arguments

const wrong = (name: string, expected: string, given: unknown): GradpipeError =>
  wrongExtraArg(name, expected, given, isTensorLike(given) ? showShape(given) : shown(given))

/** A number that can be had at once where the device may be waited for, and later everywhere. */
export type Reading = Wait<number>

/** How to read a scalar. */
export const readingOf = (value: LossValue): Reading => ({
  now: () => readLeaf(value),
  later: () => readLeafLater(value),
})

/** How to read a loss. Throws unless it is a number or a scalar tensor. */
export const lossReading = (name: string, value: unknown): Reading => {
  if (typeof value === 'number') return readingOf(value)
  if (isTensorLike(value)) {
    const spec = leafSpec(['extraArgs', name], value)
    if (isTrainable(spec) && sizeOf(spec.shape) === 1) return readingOf(value)
  }
  throw wrong(name, 'a number or a scalar tensor of floats', value)
}

/** The loss at the start. */
export const valueReading = (given: ExtraArgs): Reading => lossReading('value', given.value)

/** The gradient at the start. */
export const gradOf = (given: ExtraArgs): Params => {
  // what is not a tree of leaves is found out when it is laid beside the updates
  if (given.grad !== undefined) return given.grad as Params
  throw wrong('grad', 'the gradient at the parameters', undefined)
}

// calling the functions

type Returned = (params: Params) => unknown

/** A function among the extra arguments; `null` of none. */
const functionOf = (given: ExtraArgs, name: 'valueFn' | 'valueAndGradFn'): Returned | null => {
  const found = given[name]
  if (found === undefined) return null
  // what it takes and returns, is up to the caller; what it returns is looked at
  if (typeof found === 'function') return found as Returned
  throw wrong(name, 'a function', found)
}

/** The loss at a point, and its gradient there if the function gives it. All of it is the line search's to free. */
export interface Measured {
  readonly value: LossValue
  readonly grads: Params
}

/** Measures the loss at a point. */
export type Measure = (params: Params) => Process<Measured>

const isLossAndGrad = (result: unknown): result is LossAndGrad =>
  typeof result === 'object' && result !== null && 'value' in result && 'grads' in result

function* withGrad(call: Returned, params: Params): Process<Measured> {
  const result = yield* called('valueAndGradFn', () => call(params))
  if (isLossAndGrad(result)) return { value: result.value, grads: result.grads }
  dispose(result)
  throw wrong('valueAndGradFn', 'a function that returns { value, grads }', result ?? null)
}

function* valueAlone(call: Returned, params: Params): Process<Measured> {
  // what is no loss is refused when it is read
  return { value: (yield* called('valueFn', () => call(params))) as LossValue, grads: null }
}

/** By `valueFn`; `null` if it is not there. */
export const measureValue = (given: ExtraArgs): Measure | null => {
  const found = functionOf(given, 'valueFn')
  return found && ((params) => valueAlone(found, params))
}

/** By `valueAndGradFn`; `null` if it is not there. */
export const measureBoth = (given: ExtraArgs): Measure | null => {
  const found = functionOf(given, 'valueAndGradFn')
  return found && ((params) => withGrad(found, params))
}

/** Throws `MissingArgument` for a function that is not there. */
export const expectMeasure = (name: 'valueFn' | 'valueAndGradFn', found: Measure | null): Measure => {
  if (found !== null) return found
  const returns = name === 'valueFn' ? 'the loss' : 'the loss and its gradient'
  throw wrong(name, `a function that returns ${returns}`, undefined)
}
