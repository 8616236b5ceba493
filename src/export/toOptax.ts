/** toOptax: a transformation as a module for JAX. */
import { GradpipeError } from '../error.js'
import { options as readOptions } from '../options.js'
import { checkRanges, steps as positiveSteps, transformation } from '../range.js'
import { isTrainable, type Leaf, leafSpec, type Params } from '../rule/leaf.js'
import { plan } from '../rule/plan.js'
import { updateOutputs } from '../rule/rule.js'
import { isOfMatrices } from '../rule/view.js'
import type { AnyTransformation } from '../transform/transformation.js'
import { showPath } from '../tree/path.js'
import { leaves } from '../tree/tree.js'
import { ask } from './ask.js'
import { jaxModule } from './jax.js'
import { madeBy } from './made.js'

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

/** Where in a transformation one is that is no rule, and cannot travel. */
const ordinaryIn = (tx: AnyTransformation, path: string): string | undefined => {
  if (tx.ruled !== undefined) return undefined
  const inner = (tx.members ?? []).map((member, i) => ordinaryIn(member, `${path}.${i}`))
  return inner.find((found) => found !== undefined) ?? path
}

/** A transformation that is made of rules. Throws `InvalidArgument` for another one, with its place. */
const ruledOf = (name: string, tx: AnyTransformation): NonNullable<AnyTransformation['ruled']> => {
  if (tx.ruled !== undefined) return tx.ruled
  throw new GradpipeError(
    'InvalidArgument',
    ordinaryIn(tx, `${name}.tx`) ?? name,
    'a transformation made of rules',
    'an ordinary one, which is code and no data',
  )
}

/**
 * Prints a transformation as a Python module for JAX: `tx` in it is an `optax.GradientTransformationExtraArgs` that makes
 * the same steps, for parameters like these. It needs jax and optax, and nothing of gradpipe.
 *
 * Its docstring has the calls that made the transformation. There is a function for each distinct rule, with the names of
 * its slots and hyperparameters, and its formula. What a
 * step's count makes of the hyperparameters is computed in float64, as here; leaves are computed in their own precision, in
 * float32 at least. A norm over the tree is that of the whole tree, however JAX has sharded it.
 *
 * The state has the structure and the names that it has here: a chain's is a tuple, where nothing is kept of a leaf is
 * `None`. `load(path, like)` and `save(path, tree)` of the module read and write the safetensors files of
 * `gradpipe/checkpoint`, and whoever goes on from one comes to the same numbers.
 *
 * Where all leaves are treated alike, the module takes trees of any structure; otherwise those of the structure that it
 * was printed for. Extra arguments, as the loss's `value`, are those of `update` there.
 *
 * Throws `InvalidArgument` for what is no data, with its place: what draws random numbers, searches along a line, works
 * with matrices, or reads a value from the device; and for a number that a function gives, unless `steps` says for how
 * many steps it goes as a table. Throws as `init` does for parameters that masks and labels do not fit.
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
export const toOptax = (tx: AnyTransformation, params: Params, given?: ToOptaxOptions): string => {
  checkRanges('toOptax', { tx }, { tx: transformation })
  const { steps } = readOptions('toOptax', { steps: undefined }, given)
  if (steps !== undefined) checkRanges('toOptax', { steps }, { steps: positiveSteps })
  const ruled = ruledOf('toOptax', tx)
  const asked = ask(ruled, steps)
  asked.start.fits?.(params)
  const specs = leaves<Leaf>(params)
    .map(([path, leaf]) => leafSpec(path, leaf))
    .filter(isTrainable)
  for (const { path, ...spec } of specs)
    for (const { program } of asked.kinds) {
      const rule = program.rule({ path, ...spec })
      const { leaves: plans } = plan([updateOutputs(rule)])
      const keepsRows = program.slots.some(
        ({ name, scope }) => isOfMatrices(scope) && Object.hasOwn(rule.slots, name),
      )
      if (keepsRows || [...plans.values()].some(({ byAxes }) => byAxes))
        throw new GradpipeError(
          'InvalidArgument',
          'toOptax.tx',
          'rules of elements, leaves and trees',
          `one of rows, columns or matrices, for ${showPath(path)}`,
        )
    }
  return jaxModule(asked, specs, madeBy(tx))
}
