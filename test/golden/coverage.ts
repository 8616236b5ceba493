/**
 * Which of Optax's names the golden files call and the library has not, yet; and why some that it has are left out.
 *
 * The first list shrinks as the catalogue grows: a test fails for a name on it that the library has.
 */
import type { StateNotes } from './golden.js'

/** Names that golden trajectories call and the library has not. */
export const absent: readonly string[] = `
  MultiSteps adafactor adaptive_grad_clip apply_if_finite conditionally_mask conditionally_transform flatten galore
  lookahead mechanize muon named_chain reduce_on_plateau sam scale_by_factored_rms scale_by_galore scale_by_muon
  scale_by_sm3 schedule_free schedule_free_adamw schedule_free_sgd selective_transform sm3
`
  .trim()
  .split(/\s+/)

/** Functions of whole trees that the golden files call and the library has not. */
export const absentCalls: readonly string[] = []

/** Names whose result depends on the axes of a leaf, which flat arrays have not: they are run on tensors only. */
export const needsAxes: Readonly<Record<string, string>> = {
  centralize: 'the mean is taken over all axes but the first',
  differentially_private_aggregate: 'the first axis of a gradient counts the examples',
  dpsgd: 'the first axis of a gradient counts the examples',
  per_example_global_norm_clip: 'the first axis of a gradient counts the examples',
  per_example_layer_norm_clip: 'the first axis of a gradient counts the examples',
}

/**
 * How far the state of Optax's own float32 run ends from its float64 run, relative to the leaf's greatest element:
 * `f32_dev` speaks of the parameters only. These states are made of the distance from the first parameters, which
 * moves by millionths of them, or of a loss and the products that nearly make up for it: float32 has few digits left. As with parameters, four times is the bound.
 */
export const stateDeviations: Readonly<Record<string, number>> = {
  'dog {}': 1.3e-2,
  'dowg {}': 1.9e-5,
  'momo {"adapt_lower_bound":true,"lower_bound":-1}': 1e-4,
  'momo_adam {"learning_rate":0.1,"adapt_lower_bound":true}': 2.4e-4,
  'prodigy {}': 8e-2,
}

/** Where our state is laid out otherwise than Optax's. */
export const stateNotes: StateNotes = {
  absent: {
    'ScaleByOptimisticGradientState.isInitialStep': 'the count tells the first step',
    'InjectStatefulHyperparamsState.hyperparamsStates': 'a schedule is a function of the one count',
    'DoGState.isInitStep': 'the count tells',
    'ScaleByAdemamixState.countM2': 'always equal to the count',
    'ScaleBySimplifiedAdEMAMixState.t': 'the count has that name everywhere',
  },
  added: {
    'DoGState.count': 'tells the first step from the others',
    'ScaleBySimplifiedAdEMAMixState.count': "Optax's t",
    'ScaleByOptimisticGradientState.count': 'in place of isInitialStep, and what schedules need',
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
}
