/**
 * Which of Optax's names the golden files call and the library has not, yet; and why some that it has are left out.
 *
 * The first list shrinks as the catalogue grows: a test fails for a name on it that the library has.
 */
import type { StateNotes } from './golden.js'

/** Names that golden trajectories call and the library has not. */
export const absent: readonly string[] = `
  MultiSteps acprop adafactor adaptive_grad_clip add_noise ademamix adopt apply_if_finite cocob conditionally_mask
  conditionally_transform dadapt_adamw differentially_private_aggregate dog dowg dpsgd flatten galore lbfgs lookahead
  madgrad mechanize momo momo_adam muon named_chain noisy_sgd polyak_sgd prodigy
  reduce_on_plateau sam scale_by_acprop scale_by_ademamix scale_by_adopt scale_by_backtracking_linesearch
  scale_by_cocob scale_by_distance_over_gradients scale_by_factored_rms scale_by_galore scale_by_madgrad scale_by_muon
  scale_by_polyak scale_by_simplified_ademamix scale_by_sm3 scale_by_zoom_linesearch schedule_free schedule_free_adamw
  schedule_free_sgd selective_transform simplified_ademamix sm3 sophia
`
  .trim()
  .split(/\s+/)

/** Functions of whole trees that the golden files call and the library has not. */
export const absentCalls: readonly string[] = `
  global_norm incremental_update per_example_global_norm_clip per_example_layer_norm_clip periodic_update tree_add
  tree_add_scale tree_bias_correction tree_clip tree_div tree_full_like tree_max tree_min tree_mul tree_norm
  tree_ones_like tree_scale tree_size tree_sub tree_sum tree_update_infinity_moment tree_update_moment
  tree_update_moment_per_elem_norm tree_vdot tree_where tree_zeros_like
`
  .trim()
  .split(/\s+/)

/** Names whose result depends on the axes of a leaf, which flat arrays have not: they are run on tensors only. */
export const needsAxes: Readonly<Record<string, string>> = {
  centralize: 'the mean is taken over all axes but the first',
}

/** Where our state is laid out otherwise than Optax's. */
export const stateNotes: StateNotes = {
  absent: {
    'ScaleByOptimisticGradientState.isInitialStep': 'the count tells the first step',
    'InjectStatefulHyperparamsState.hyperparamsStates': 'a schedule is a function of the one count',
  },
  added: { 'ScaleByOptimisticGradientState.count': 'in place of isInitialStep, and what schedules need' },
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
