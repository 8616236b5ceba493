/**
 * Which of Optax's names the golden files call and the library has not, yet; and why some that it has are left out.
 *
 * The first list shrinks as the catalogue grows: a test fails for a name on it that the library has.
 */
import type { StateNotes } from './golden.js'

/** Names that golden trajectories call and the library has not. */
export const absent: readonly string[] = `
  MultiSteps adabelief adadelta adafactor adamax adamaxw adan adaptive_grad_clip add_noise apply_every
  apply_if_finite conditionally_mask conditionally_transform differentially_private_aggregate dpsgd flatten fromage
  galore keep_params_nonnegative lbfgs lookahead measure_with_ema monitor muon named_chain noisy_sgd normalize
  novograd optimistic_adam optimistic_adam_v2 optimistic_gradient_descent reduce_on_plateau scale_by_adadelta
  scale_by_adamax scale_by_adan scale_by_backtracking_linesearch scale_by_belief scale_by_factored_rms
  scale_by_galore scale_by_muon scale_by_novograd scale_by_optimistic_gradient scale_by_param_block_norm
  scale_by_param_block_rms scale_by_sign scale_by_sm3 scale_by_yogi scale_by_zoom_linesearch selective_transform
  sign_sgd signum sm3 snapshot stateless stateless_with_tree_map yogi zero_nans
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
    'InjectStatefulHyperparamsState.hyperparamsStates': 'a schedule is a function of the one count',
    'DoGState.isInitStep': 'the count tells',
    'ScaleByAdemamixState.countM2': 'always equal to the count',
    'ScaleBySimplifiedAdEMAMixState.t': 'the count has that name everywhere',
    'ScheduleFreeState.stepCount': 'it is count + 1',
  },
  added: {
    'DoGState.count': 'tells the first step from the others',
    'ScaleBySimplifiedAdEMAMixState.count': "Optax's t",
    'ScheduleFreeState.count': 'the updates made, as everywhere; Optax counts from 1 here',
  },
  partial: {
    'InjectStatefulHyperparamsState.hyperparams': 'Optax injects every number that the factory takes',
  },
}
