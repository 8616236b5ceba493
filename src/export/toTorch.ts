/** toTorch: a transformation as a module for PyTorch. */
import type { Params } from '../rule/leaf.js'
import type { AnyTransformation } from '../transform/transformation.js'
import { print } from './print.js'
import { torchModule } from './torch.js'

/**
 * Options of {@link toTorch}.
 *
 * @category Export
 */
export interface ToTorchOptions {
  /**
   * For how many steps a number goes as a table that a function of yours gives, a schedule of your own; after them it
   * keeps its last value. Without it, such a number is refused by its name.
   */
  readonly steps?: number
}

/**
 * Prints a transformation as a Python module for PyTorch: `Optimizer` in it is a `torch.optim.Optimizer` that makes the
 * same steps, for parameters like these. It needs torch and numpy, and nothing of gradpipe.
 *
 * Its docstring has the calls that made the transformation, and their papers. There is a function for each distinct
 * rule, with the names of its slots and hyperparameters, and its formula. What a step's count makes of the
 * hyperparameters is computed in float64, as here; leaves are computed in their own precision, in float32 at least.
 * `optimizer.compile()` has `torch.compile` fuse what is done on leaves; without it, small leaves are joined and large ones cut
 * where each element is stepped alone. With `DTensor` parameters, as `fully_shard`
 * makes them, a norm over the tree is that of all shards.
 *
 * Parameters are given with their names, `Optimizer(model.named_parameters())`: a leaf at `dense.kernel` is the one of that
 * name. Slots are in `optimizer.state[p]` by their names, and the state's numbers (counts, injected hyperparameters) in
 * its one group of parameters, `optimizer.param_groups[0]`; `state_dict` has both. `load_safetensors(path)` and
 * `save_safetensors(path)` read and write the files of `gradpipe/checkpoint`, and whoever goes on from one comes to the
 * same numbers.
 *
 * Where all leaves are treated alike, the optimizer takes parameters of any names; otherwise those that it was printed
 * for. Extra arguments are those of its `step`; the loss's `value` is that of the closure, if it is given one.
 *
 * Throws `InvalidArgument` for what is no data, as `toOptax` does, and for a number that a function gives, unless `steps`
 * says for how many steps it goes as a table. Throws as `init` does for parameters that masks and labels do not fit.
 *
 * @category Export
 * @see PyTorch, `torch.optim.Optimizer`
 * @example
 * ```ts
 * import { adamw, chain, clipByGlobalNorm } from 'gradpipe'
 * import { toTorch } from 'gradpipe/export'
 *
 * const tx = chain(clipByGlobalNorm(1), adamw(1e-3))
 * const text = toTorch(tx, { w: new Float32Array(3), b: 0 })
 * assert.match(text, /next_mu = b1 \* mu \+ \(1 - b1\) \* x/)
 * assert.match(text, /class Optimizer\(torch.optim.Optimizer\):/)
 * ```
 */
export const toTorch = (tx: AnyTransformation, params: Params, given?: ToTorchOptions): string =>
  print('toTorch', torchModule, tx, params, given)
