/** scaleByLeaf: a factor for each leaf, by where it stands and how large it is. */
import { type Labelling, labelOf, labelsFit } from '../declare/labelling.js'
import { fromRule } from '../transform/fromAnyRule.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Multiplies the updates of each leaf by a factor of its own.
 *
 * {@rule scaleByLeaf(() => 1)}
 *
 * `factor` is a tree of numbers like the parameters, in which a number may stand for a whole branch, or a function of a
 * leaf's path, shape and dtype. It is called once per structure of trees, not in every step. Whatever the factors, all
 * leaves have one kernel. Before a learning rate it makes rates by width or by depth.
 *
 * Throws `InvalidArgument` for a factor that is not a finite number; `TreeMismatch` if a tree of factors has none for a
 * leaf, or one where there is no leaf.
 *
 * @category Building blocks
 * @example
 * ```ts
 * import { chain, scaleByAdam, scaleByLeaf, scaleByLearningRate } from 'gradpipe'
 *
 * // rates by width, as in µP: what was tuned for 64 inputs serves matrices of any number
 * const tx = chain(
 *   scaleByAdam(),
 *   scaleByLeaf(({ path, shape: [fanIn = 1] }) => (path.at(-1) === 'kernel' ? 64 / fanIn : 1)),
 *   scaleByLearningRate(0.01),
 * )
 * const params = { hidden: { kernel: new Float32Array(256), bias: new Float32Array(4) } }
 * const grads = { hidden: { kernel: params.hidden.kernel.fill(1), bias: params.hidden.bias.fill(1) } }
 * const [{ hidden }] = tx.update(grads, tx.init(params))
 * assert.ok(hidden.kernel.every((u) => Math.abs(u + 0.0025) < 1e-8))
 * assert.ok(hidden.bias.every((u) => Math.abs(u + 0.01) < 1e-8))
 * ```
 * @example
 * ```ts
 * import { scaleByLeaf } from 'gradpipe'
 *
 * // layer-wise decay: of three layers, the last one learns at the full rate, each below it at three quarters of that
 * const tx = scaleByLeaf(({ path: [, depth] }) => 0.75 ** (2 - Number(depth)))
 * const params = { layers: [1, 1, 1] }
 * assert.deepEqual(tx.update(params, tx.init(params))[0], { layers: [0.5625, 0.75, 1] })
 * ```
 * @see Yang et al., Tensor Programs V, 2022; Clark et al., ELECTRA, 2020, for layer-wise decay
 */
export const scaleByLeaf = (factor: Labelling<number>): GradientTransformation<EmptyState> =>
  fromRule({
    call: ['scaleByLeaf', factor],
    slots: {},
    scalars: {},
    fits: labelsFit('factor', factor),
    leafScalars: { factor: labelOf({ of: 'scaleByLeaf', option: 'factor', kind: 'number' }, factor) },
    step: ({ g }, { factor: k }) => ({ update: k.mul(g) }),
  })
