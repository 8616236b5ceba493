/** toOptax: a transformation as a module for JAX. */
import type { Params } from '../rule/leaf.js'
import type { AnyTransformation } from '../transform/transformation.js'
import { jaxModule } from './jax.js'
import { print } from './print.js'

/**
 * Options of {@link toOptax}.
 *
 * @category Export
 */
export interface ToOptaxOptions {
  /**
   * For how many steps a number goes as a table that a function of yours gives, a schedule of your own; after them it
   * keeps its last value. Without it, such a number is refused by its name.
   */
  readonly steps?: number
}

/**
 * Prints a transformation as a Python module for JAX: `tx` in it is an `optax.GradientTransformationExtraArgs` that makes
 * the same steps, for parameters like these. It needs jax and optax, and nothing of gradpipe.
 *
 * Its docstring has the calls that made the transformation, and their papers. There is a function for each distinct
 * rule, with the names of its slots and hyperparameters, and its formula. What a step's count makes of the
 * hyperparameters is computed in float64, as here; leaves are computed in their own precision, in float32 at least. A
 * norm over the tree is that of the whole tree, however JAX has sharded it, and a mean of a column is that of the whole
 * column. Orthogonal factors are made by products of matrices in the leaf's precision.
 *
 * The state has the structure and the names that it has here: a chain's is a tuple, where nothing is kept of a leaf is
 * `None`. `load(path, like)` and `save(path, tree)` of the module read and write the safetensors files of
 * `gradpipe/checkpoint`, and whoever goes on from one comes to the same numbers.
 *
 * Where all leaves are treated alike, the module takes trees of any structure; otherwise those of the structure that it
 * was printed for, as where rules are of rows, columns or matrices. Extra arguments, as the loss's `value`, are those of `update` there.
 *
 * Throws `InvalidArgument` for what is no data, with its place: what draws random numbers, searches along a line, takes
 * singular vectors, or reads a value from the device; and for a number that a function gives, unless `steps` says for how
 * many steps it goes as a table. Throws as `init` does for parameters that masks and labels do not fit, and
 * `ShapeMismatch` for a leaf that has not the axes of its rule.
 *
 * @category Export
 * @see Optax, `GradientTransformationExtraArgs`
 * @example
 * ```ts
 * import { adamw, chain, clipByGlobalNorm } from 'gradpipe'
 * import { toOptax } from 'gradpipe/export'
 *
 * const tx = chain(clipByGlobalNorm(1), adamw(1e-3))
 * const text = toOptax(tx, { w: new Float32Array(3), b: 0 })
 * assert.match(text, /next_mu = b1 \* mu \+ \(1 - b1\) \* x/)
 * assert.match(text, /tx = optax.GradientTransformationExtraArgs\(init, update\)/)
 * ```
 */
export const toOptax = (tx: AnyTransformation, params: Params, given?: ToOptaxOptions): string =>
  print('toOptax', jaxModule, tx, params, given)
