/** masked: a transformation for some of the leaves. */

import type { Mask } from '../declare/labelling.js'
import { clone } from '../host/hosts.js'
import { called } from '../options.js'
import { inspect } from '../program/expect.js'
import { freeingOnError } from '../program/process.js'
import { checkRanges, transformation } from '../range.js'
import { isTrainable, type Leaf, type LeafSpec, type Params } from '../rule/leaf.js'
import { alignTrees } from '../tree/align.js'
import { buildForm } from '../tree/form.js'
import { mapWithPath } from '../tree/tree.js'
import { expectFit } from './fit.js'
import { type MaskedState, restrictedRules, selection } from './maskedRules.js'
import { fromProcess, processOf } from './ordinary.js'
import { fromRuled } from './ruled.js'
import type { GradientTransformation, NoExtraArgs } from './transformation.js'

/**
 * Applies a transformation to the leaves that the mask selects; the updates of the others pass through unchanged.
 *
 * A leaf that is not selected has no state, and norms over the tree do not include it. A masked rule is a rule, and
 * fuses.
 *
 * Throws `TreeMismatch` if a tree of booleans has nothing for a leaf, or an entry where there is no leaf.
 *
 * @category Wrappers
 * @see Optax, `masked`
 * @example
 * ```ts
 * import { addDecayedWeights, masked } from 'gradpipe'
 *
 * // no weight decay on biases
 * const tx = masked(addDecayedWeights(0.1), (leaf) => leaf.path.at(-1) !== 'bias')
 * const params = { kernel: 10, bias: 10 }
 * const [updates] = tx.update({ kernel: 0, bias: 0 }, tx.init(params), params)
 * assert.deepEqual(updates, { kernel: 1, bias: 0 })
 * ```
 */
export const masked = <S, X = NoExtraArgs>(
  inner: GradientTransformation<S, X>,
  mask: Mask,
): GradientTransformation<MaskedState<S>, X> => {
  checkRanges('masked', { inner }, { inner: transformation })
  return called(['masked', inner, mask], restrictedTo(inner, ...selection(mask)))
}

/** {@link masked} for the leaves that `selects` holds for, in trees that fit. */
export const restrictedTo = <S, X>(
  inner: GradientTransformation<S, X>,
  selects: (leaf: LeafSpec) => boolean,
  fits: (tree: Params) => void,
): GradientTransformation<MaskedState<S>, X> => {
  const { ruled } = inner
  if (ruled !== undefined) return fromRuled(restrictedRules(ruled, selects, fits))

  const selected = (name: string, tree: Params): Params => {
    const some = mapWithPath((path, leaf: Leaf): Leaf | null => {
      const spec = inspect({ tree: name, path }, leaf)
      return isTrainable(spec) && selects(spec) ? leaf : null
    })(tree)
    fits(tree)
    return some
  }
  const update = processOf(inner)
  const outer = fromProcess<MaskedState<S>, X>(
    (params) => ({ innerState: inner.init(selected('params', params)) }),
    freeingOnError(function* (made, grads, state, params, extraArgs) {
      expectFit(grads, params)
      const few = params === undefined ? undefined : selected('params', params)
      const [updates, next] = made(yield* update(selected('grads', grads), state?.innerState, few, extraArgs))
      const { form, columns } = alignTrees<Leaf>([
        ['grads', grads],
        ['updates', updates],
      ])
      const [before = [], after = []] = columns
      const all = buildForm<Leaf>(
        form,
        before.map((grad, i) => after[i] ?? (grad === null ? null : clone(grad))),
      )
      return [all, { innerState: next }] as const
    }),
  )
  // what is changed has the same state
  type Inner = GradientTransformation<S, X>
  const takesExamples = inner.takesExamples === true
  return {
    ...outer,
    takesExamples,
    ofChanged: (change) => restrictedTo(change(inner) as Inner, selects, fits),
  }
}
