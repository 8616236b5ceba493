/**
 * Which of Optax's names the golden files call and the library has not, yet; and why some that it has are left out.
 *
 * The first list shrinks as the catalogue grows: a test fails for a name on it that the library has.
 */
import type { StateNotes } from './golden.js'

/** Names that golden trajectories call and the library has not. */
export const absent: readonly string[] = `
  acprop adabelief adadelta adafactor adamax adamaxw adan adaptive_grad_clip add_noise ademamix adopt
  apply_every cocob dadapt_adamw
  differentially_private_aggregate dog dowg dpsgd fromage galore keep_params_nonnegative lbfgs
  madgrad measure_with_ema mechanize momo momo_adam monitor muon noisy_sgd normalize novograd
  optimistic_adam optimistic_adam_v2 optimistic_gradient_descent polyak_sgd prodigy sam
  scale_by_acprop scale_by_adadelta scale_by_adamax scale_by_adan scale_by_ademamix scale_by_adopt
  scale_by_backtracking_linesearch scale_by_belief scale_by_cocob scale_by_distance_over_gradients
  scale_by_factored_rms scale_by_galore scale_by_madgrad scale_by_muon scale_by_novograd
  scale_by_optimistic_gradient scale_by_param_block_norm scale_by_param_block_rms scale_by_polyak scale_by_sign
  scale_by_simplified_ademamix scale_by_sm3 scale_by_yogi scale_by_zoom_linesearch schedule_free
  schedule_free_adamw schedule_free_sgd sign_sgd signum simplified_ademamix sm3 snapshot
  sophia stateless stateless_with_tree_map yogi zero_nans
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
    'InjectStatefulHyperparamsState.hyperparamsStates': 'a schedule is a function of the one count',
  },
  added: {},
  partial: {
    'InjectStatefulHyperparamsState.hyperparams': 'Optax injects every number that the factory takes',
  },
}
