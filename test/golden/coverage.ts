/**
 * Which of Optax's names the golden files call and the library has not, yet; and why some that it has are left out.
 *
 * The first list shrinks as the catalogue grows: a test fails for a name on it that the library has.
 */
import { leaves } from '../../src/tree/index.js'
import { namesOf } from './catalogue.js'
import {
  decode,
  type GoldenCase,
  type GoldenInputs,
  type Kind,
  type StateNotes,
  shaped,
  tensor,
} from './golden.js'

/** Names that golden trajectories call and the library has not. */
export const absent: readonly string[] = []

/** Functions of whole trees that the golden files call and the library has not. */
export const absentCalls: readonly string[] = []

/** Names whose result depends on the axes of a leaf, which flat arrays have not: where there are some, on tensors only. */
export const needsAxes: Readonly<Record<string, string>> = {
  adafactor: 'a matrix keeps the means of its axes',
  adaptive_grad_clip: 'a unit lies along an axis',
  centralize: 'the mean is taken over all axes but the first',
  galore: 'a matrix is projected',
  muon: 'a matrix is multiplied',
  scale_by_factored_rms: 'a matrix keeps the means of its axes',
  scale_by_galore: 'a matrix is projected',
  scale_by_muon: 'a matrix is multiplied',
  scale_by_sm3: 'there is an accumulator for every axis',
  sm3: 'there is an accumulator for every axis',
  differentially_private_aggregate: 'the first axis of a gradient counts the examples',
  dpsgd: 'the first axis of a gradient counts the examples',
  per_example_global_norm_clip: 'the first axis of a gradient counts the examples',
  per_example_layer_norm_clip: 'the first axis of a gradient counts the examples',
}

/** Those of them that are rules, and see the axes of an ndarray. */
const seesAxes: ReadonlySet<string> = new Set([
  'adafactor',
  'adaptive_grad_clip',
  'centralize',
  'muon',
  'scale_by_factored_rms',
  'scale_by_muon',
  'scale_by_sm3',
  'sm3',
])

/** Whether a case needs axes, and has leaves with more than one, which flat arrays lose. */
const losesAxes = (golden: GoldenCase, { params0 }: GoldenInputs): boolean =>
  namesOf(golden).some((name) => name in needsAxes) &&
  leaves(decode(params0)).some(([, { shape }]) => shape.length > 1)

/** Whether a case needs axes that this kind of leaves has not, or that it does not see there. */
export const lacksAxes = (golden: GoldenCase, given: GoldenInputs, kind: Kind): boolean =>
  kind !== tensor &&
  losesAxes(golden, given) &&
  !(kind === shaped && namesOf(golden).every((name) => !(name in needsAxes) || seesAxes.has(name)))

/**
 * How far the state of Optax's own float32 run ends from its float64 run, relative to the leaf's greatest element:
 * `f32_dev` speaks of the parameters only. These states are made of the distance from the first parameters, which
 * moves by millionths of them, or of a loss and the products that nearly make up for it: float32 has few digits left.
 * As with parameters, four times is the bound. A key may name the inputs.
 */
export const stateDeviations: Readonly<Record<string, number>> = {
  'dog {}': 1.3e-2,
  'dowg {}': 1.9e-5,
  'momo {"adapt_lower_bound":true,"lower_bound":-1}': 1e-4,
  'momo_adam {"learning_rate":0.1,"adapt_lower_bound":true}': 2.4e-4,
  'prodigy {}': 8e-2,
  'mechanize {"base_optimizer":{"name":"sgd","config":{"learning_rate":0.1}}} on A': 0.37,
  'mechanize {"base_optimizer":{"name":"sgd","config":{"learning_rate":0.1}}} on B': 4.9e-4,
  'mechanize {"base_optimizer":{"name":"sgd","config":{"learning_rate":0.1}}} on C': 1.9,
}

/** Where our state is laid out otherwise than Optax's. */
export const stateNotes: StateNotes = {
  absent: {
    'ScaleByOptimisticGradientState.isInitialStep': 'the count tells the first step',
    'InjectStatefulHyperparamsState.hyperparamsStates': 'a schedule is a function of the one count',
    'MuonState.nsCoeffs': 'the coefficients are constants of the transformation',
    'DoGState.isInitStep': 'the count tells',
    'ScaleByAdemamixState.countM2': 'always equal to the count',
    'ScaleBySimplifiedAdEMAMixState.t': 'the count has that name everywhere',
    'ScheduleFreeState.stepCount': 'it is count + 1',
  },
  added: {
    'DoGState.count': 'tells the first step from the others',
    'ScaleBySimplifiedAdEMAMixState.count': "Optax's t",
    'ScaleByOptimisticGradientState.count': 'in place of isInitialStep, and what schedules need',
    'ScheduleFreeState.count': 'the updates made, as everywhere; Optax counts from 1 here',
  },
  renamed: {
    'ScaleByAdanState.g': {
      to: 'previousGradient',
      reason: 'g is what every rule calls the gradient of this step',
    },
    'ScaleByAdanState.t': { to: 'count', reason: 'so it is called in every other state' },
  },
  otherwise: { 'ApplyEvery.count': 'ours counts all steps, as in every other state; Optax starts anew' },
  truths: { 'ZeroNansState.foundNan': 'a slot holds numbers' },
  partial: {
    'InjectStatefulHyperparamsState.hyperparams': 'Optax injects every number that the factory takes',
  },
  placeholders: {
    'FactoredState.vRow': 'a leaf that is not factored keeps no means',
    'FactoredState.vCol': 'a leaf that is not factored keeps no means',
    'FactoredState.v': 'a factored leaf keeps its means alone',
    'GaLoreState.projector': 'what is no matrix has no projector',
  },
}

/** Walks over written functions that amplify rounding more than their deviation in float32 says. */
export const amplified: Readonly<Record<string, { readonly tolerance: number; readonly reason: string }>> = {
  'lbfgs [{}] over the rosenbrock': {
    tolerance: 2e-9,
    reason:
      'Optax run without jit, so without contracted multiply-adds, leaves its own numbers by 7e-10, at the same step',
  },
}
