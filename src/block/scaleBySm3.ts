/** scaleBySm3: Adagrad's sum of squares, bounded by an accumulator for each index of every axis. */

import { scaleByCover } from '../matrix/axes.js'
import { called } from '../options.js'
import { share } from '../range.js'
import { type Leaf, type LeafSpec, leafSpec, type Params, sizeOf } from '../rule/leaf.js'
import { zeros } from '../rule/slot.js'
import { mix, select } from '../rule/term.js'
import { buildBeside, readBeside } from '../transform/beside.js'
import { fromRule } from '../transform/fromRule.js'
import { hyperparameters } from '../transform/hyperparameters.js'
import { leafByLeaf, Zeros } from '../transform/leafByLeaf.js'
import { forLeaves, sharing } from '../transform/together.js'
import type { GradientTransformation } from '../transform/transformation.js'
import { alignTrees } from '../tree/align.js'
import type { Form } from '../tree/form.js'

/**
 * Options of {@link scaleBySm3}.
 *
 * @category Building blocks
 */
export interface ScaleBySm3Options {
  /** Decay of the momentum, in [0, 1). Default 0.9. */
  readonly b1?: number
  /** Decay of the accumulators; at 1 they are sums. Default 1. */
  readonly b2?: number
  /** Added under the root. Default 1e-8. */
  readonly eps?: number
}

/**
 * State of {@link scaleBySm3}.
 *
 * @category Building blocks
 */
export interface ScaleBySm3State {
  /** Per leaf an array of accumulators: one along each axis; a number has one. */
  readonly mu: Params
  /** The momentum, shaped like the parameters. */
  readonly nu: Params
}

const hasAxes = ({ shape }: LeafSpec): boolean => shape.length > 1

/** Beside each leaf of `nu`: whether its accumulators are a rule's slot, or those of its axes. */
const besideNu = (nu: Params): { readonly form: Form; readonly isFlat: readonly boolean[] } => {
  const aligned = alignTrees<Leaf>([['state.nu', nu]])
  if (aligned._tag === 'Left') throw aligned.left
  const { form, paths, columns } = aligned.right
  const [leaves = []] = columns
  const flat = (leaf: Leaf | null, i: number): boolean =>
    leaf !== null && !hasAxes(leafSpec(['state.nu', ...(paths[i] ?? [])], leaf))
  return { form, isFlat: leaves.map(flat) }
}

/** What one part of the transformation has of the accumulators; the other part's leaves have `null`. */
const part = (nu: Params, mu: Params, ofFlat: boolean): Params => {
  const { form, isFlat } = besideNu(nu)
  const { column, others } = readBeside(form, mu, 'state.mu')
  // what is no array of one is left for the rule to refuse
  const only = (list: Params): Params => (Array.isArray(list) && list.length === 1 ? list[0] : list)
  const own = column.map((list, i) => (isFlat[i] !== ofFlat ? null : ofFlat ? only(list) : list))
  return buildBeside(form, { column: own, others })
}

/** The accumulators of all leaves, from those of either part. */
const whole = (nu: Params, flat: Params, covers: Params): Params => {
  const { form, isFlat } = besideNu(nu)
  const [ofFlat, ofCovers] = [readBeside(form, flat, 'state.mu'), readBeside(form, covers, 'state.mu')]
  return buildBeside(form, {
    column: ofCovers.column.map((list, i) => (isFlat[i] ? [ofFlat.column[i] ?? null] : list)),
    others: ofCovers.others,
  })
}

/**
 * Scales updates by SM3, and averages them: Adagrad in little memory.
 *
 * $$\mu_t = \mu_{t-1} + g_t^2 \qquad \nu_t = \beta_1 \nu_{t-1} + (1 - \beta_1) \frac{g_t}{\sqrt{\mu_t + \epsilon}}
 * \qquad u_t = \nu_t$$
 *
 * This holds for vectors and scalars, for which it is a rule. A tensor has an accumulator $\mu^{(r)}$ for each index
 * of every axis $r$, in place of one for each element:
 *
 * $$a_{ij} = \min(\mu^{(1)}_i, \mu^{(2)}_j) + g_{ij}^2 \qquad
 * \mu^{(1)}_i \leftarrow \max_j a_{ij} \qquad \mu^{(2)}_j \leftarrow \max_i a_{ij}$$
 *
 * A matrix of $m \times n$ keeps $m + n$ numbers besides the momentum. Where every gradient so far was zero, the
 * update is 0. A scalar counts as a vector of length one; Optax does not support scalars. Throws `InvalidArgument`
 * for an unknown option.
 *
 * @category Building blocks
 * @see Anil et al., Memory-Efficient Adaptive Optimization, 2019, algorithm SM3-II; Optax, `scale_by_sm3`
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core'
 * import { dispose, scaleBySm3, tree } from 'gradpipe'
 * import 'gradpipe/tfjs'
 *
 * const tx = scaleBySm3({ b1: 0 })
 * const g = tf.tensor2d([[3, 0, 0], [0, 4, 0]])
 * const start = tx.init(g)
 * const [u, state] = tx.update(g, start)
 * assert.deepEqual(Array.from(u.dataSync(), Math.round), [1, 0, 0, 0, 1, 0])
 * // one accumulator for the rows, one for the columns
 * assert.equal(tree.leaves(state.mu).length, 2)
 * dispose(g, u, start, state)
 * ```
 */
export const scaleBySm3 = (given?: ScaleBySm3Options): GradientTransformation<ScaleBySm3State> => {
  const { b1, b2, eps } = hyperparameters('scaleBySm3', { b1: 0.9, b2: 1, eps: 1e-8 }, given, { b2: share })
  const gain = b2 === 1 ? 1 : 1 - b2
  const adagrad = fromRule({
    slots: { mu: zeros },
    scalars: { gain, b2, eps },
    step: ({ g, ...old }, { gain, b2, eps }) => {
      const mu = gain.mul(g.square()).add(b2.mul(old.mu))
      return { update: select(mu.gt(0), g.div(mu.add(eps).sqrt()), 0), mu }
    },
  })
  const covers = leafByLeaf({
    names: ['mu'],
    takes: (leaf) => (hasAxes(leaf) && sizeOf(leaf.shape) > 0 ? leaf.shape : null),
    slots: (shape) => ({ mu: shape.map((n) => new Zeros([n])) }),
    step: ({ g, mu }) => scaleByCover(g, mu, { gain, b2, eps }),
  })
  const momentum = fromRule({
    slots: { nu: zeros },
    scalars: { b1 },
    step: ({ g, ...old }, { b1 }) => {
      const nu = mix(b1, old.nu, g)
      return { update: nu, nu }
    },
  })
  type Part = Pick<ScaleBySm3State, 'mu'>
  const shared = sharing<ScaleBySm3State, readonly [Part, Part, Pick<ScaleBySm3State, 'nu'>]>(
    [forLeaves(adagrad, (leaf) => !hasAxes(leaf)), covers, momentum],
    {
      gather: ([flat, axes, { nu }]) => ({ mu: whole(nu, flat.mu, axes.mu), nu }),
      scatter: ({ mu, nu }) => [{ mu: part(nu, mu, true) }, { mu: part(nu, mu, false) }, { nu }],
    },
  )
  return called(['scaleBySm3', given], shared)
}
