/** How every factory is called, as JavaScript would: nothing here knows the types of options. */
import { catalogue } from '../../laws/index.js'
import * as gradpipe from '../../src/index.js'
import signatures from '../goldens/optax_signatures.json' with { type: 'json' }

const { identity, sgd } = gradpipe

/** Calls something, or throws. */
export type Call = (...args: readonly unknown[]) => unknown

const exported: ReadonlyMap<string, unknown> = new Map(Object.entries(gradpipe))

/** An exported function that takes anything. */
export const factory = (name: string): Call => {
  const found = exported.get(name)
  if (typeof found !== 'function') throw new Error(`${name} is not exported`)
  return (...args) => Reflect.apply(found, undefined, args)
}

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

/** Factories that take no options. */
export const plain: readonly string[] = words(`
  andThen applyIfFinite centralize chain clip clipByBlockRms clipByGlobalNorm flatten freeze identity injectHyperparams
  injectStatefulHyperparams keepParamsNonnegative masked maybeUpdate monitor namedChain normalize partition scale
  scaleByLeaf scaleBySchedule scaleBySign selectiveTransform setToZero signSgd snapshot stateless statelessWithTreeMap zeroNans
`)

/** What takes options and is no row of the laws' catalogue. */
const others: Readonly<Record<string, readonly unknown[]>> = {
  differentiallyPrivateAggregate: [1, 1],
  dpsgd: [0.1],
  hutchinsonEstimatorDiagHessian: [],
  perExampleGlobalNormClip: [{}],
  perExampleLayerNormClip: [{}],
  cosineDecaySchedule: [1, 10],
  cosineOnecycleSchedule: [10, 1],
  exponentialDecay: [],
  linearOnecycleSchedule: [10, 1],
  linearSchedule: [],
  polynomialSchedule: [],
  warmupConstantSchedule: [],
  warmupCosineDecaySchedule: [],
  warmupExponentialDecaySchedule: [],
}

const always = (): boolean => true

/** What stands before the options, where it is not what the first row of the catalogue says. */
const before: Readonly<Record<string, readonly unknown[]>> = {
  ...others,
  addNoise: [1, 0.5],
  conditionallyMask: [identity(), always],
  conditionallyTransform: [identity(), always],
  lookahead: [],
  measureWithEma: [gradpipe.norm, 0.5],
  mechanize: [sgd(0.1)],
  multiSteps: [sgd(0.1), 2],
  sam: [sgd(0.1), sgd(0.1)],
  scheduleFree: [sgd(0.1), 0.1],
}

/** Options that must be given. */
export const required: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  dpsgd: { l2NormClip: 1, noiseMultiplier: 1, seed: 0 },
  lookahead: { fastOptimizer: sgd(0.1), syncPeriod: 2, slowStepSize: 0.5 },
  perExampleGlobalNormClip: { l2NormClip: 1 },
  perExampleLayerNormClip: { globalL2NormClip: 1 },
  exponentialDecay: { initValue: 1, transitionSteps: 10, decayRate: 0.5 },
  linearSchedule: { initValue: 1, endValue: 0, transitionSteps: 10 },
  polynomialSchedule: { initValue: 1, endValue: 0, power: 1, transitionSteps: 10 },
  warmupConstantSchedule: { initValue: 0, peakValue: 1, warmupSteps: 5 },
  warmupCosineDecaySchedule: { initValue: 0, peakValue: 1, warmupSteps: 5, decaySteps: 10 },
  warmupExponentialDecaySchedule: {
    initValue: 0,
    peakValue: 1,
    warmupSteps: 5,
    transitionSteps: 5,
    decayRate: 0.5,
  },
}

const names: readonly string[] = [...new Set(catalogue.map(({ name }) => name))]

const { library: _, version: __, note: ___, ...modules } = signatures
const parameters: ReadonlyMap<string, string> = new Map(
  Object.values(modules).flatMap((module) => Object.entries<string>(module)),
)

/** The parameters of a factory in Optax. */
const signatureOf = (name: string): string =>
  parameters.get(name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)) ?? ''

/** Factories whose first argument is a learning rate, here and in Optax. */
export const ofLearningRate: readonly string[] = [...names, 'dpsgd'].filter(
  (name) => signatureOf(name).startsWith('learning_rate') || name === 'scaleByMadgrad',
)

/** The number that a call begins with, as `0.1` in `adam(0.1, { eps: 0 })`. */
const leading = (name: string): readonly unknown[] => {
  const call = catalogue.find((row) => row.name === name)?.call ?? ''
  const found = /^\w+\((-?[\d.e-]+)/.exec(call)?.[1]
  return found === undefined ? [] : [Number(found)]
}

const positional = (name: string): readonly unknown[] =>
  before[name] ?? (ofLearningRate.includes(name) ? [0.1] : leading(name))

const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Every factory that takes options, and how it is called with some. */
export const withOptions: ReadonlyMap<string, (options: unknown) => unknown> = new Map(
  [...names.filter((name) => !plain.includes(name)), ...Object.keys(others)].map((name) => [
    name,
    (options: unknown) =>
      factory(name)(...positional(name), isRecord(options) ? { ...required[name], ...options } : options),
  ]),
)
