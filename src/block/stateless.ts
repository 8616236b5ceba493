/** stateless and statelessWithTreeMap: transformations of a function that keeps nothing. */
import { GradpipeError } from '../error.js'
import { clone } from '../host/hosts.js'
import { tidied } from '../host/tfjs/tidy.js'
import { disposingOnError } from '../program/dispose.js'
import { expectLike, expectPresent, inspect } from '../program/expect.js'
import { callable, checkRanges } from '../range.js'
import type { Leaf, Params } from '../rule/leaf.js'
import type { Scope } from '../rule/scope.js'
import type { Term } from '../rule/term.js'
import { expectFit, expectLeaves } from '../transform/fit.js'
import { fromRule } from '../transform/fromRule.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'
import { alignTrees } from '../tree/align.js'
import { showPath } from '../tree/path.js'
import { leaves, map } from '../tree/tree.js'

/** Throws unless two trees have the same structure and the same kinds of leaves. */
const expectAlike = (grads: Params, updates: Params): void => {
  const { paths, columns } = alignTrees<Leaf>([
    ['grads', grads],
    ['updates', updates],
  ])
  for (const [i, path] of paths.entries()) {
    const [grad, update] = [columns[0]?.[i] ?? null, columns[1]?.[i] ?? null]
    const place = { tree: 'updates', path }
    if (grad !== null) {
      expectPresent(place, update)
      expectLike(place, inspect({ tree: 'grads', path }, grad), grad, update)
    } else if (update !== null)
      throw new GradpipeError('TreeMismatch', showPath(['updates', ...path]), 'null', 'a leaf')
  }
}

/**
 * A transformation of a function of whole trees: the updates, and the parameters if `update` is given them.
 *
 * The function runs at every step and may do anything; what it makes on the way is freed. It stands between the
 * rules of a chain, which cannot be fused over it: {@link statelessWithTreeMap} and `fromRule` can.
 *
 * `update` throws `TreeMismatch`, `ShapeMismatch` or `DtypeMismatch` where the result is not like the updates.
 *
 * @category Building blocks
 * @see Optax, `stateless`
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core'
 * import { stateless, tree } from 'gradpipe'
 * import 'gradpipe/tfjs'
 *
 * const rounded = stateless(tree.map((u) => (u instanceof tf.Tensor ? tf.round(u) : u)))
 * const w = tf.tensor1d([0.4, 1.6])
 * const [updates] = rounded.update({ w }, rounded.init({ w }))
 * assert.deepEqual([...updates.w.dataSync()], [0, 2])
 * tf.dispose([w, updates.w])
 * ```
 */
export const stateless = (
  f: (updates: Params, params: Params | undefined) => Params,
): GradientTransformation<EmptyState> => {
  checkRanges('stateless', { f }, { f: callable })
  return {
    call: ['stateless', f],
    init: (params) => {
      expectLeaves('params', params)
      return {}
    },
    update: <P extends Params>(grads: P, _: EmptyState, params?: Params) => {
      expectFit(grads, params)
      const held = new Set(leaves<Leaf>([grads, params ?? null]).map(([, leaf]) => leaf))
      return disposingOnError((made) => {
        const result = tidied('stateless.f', () => f(grads, params))
        // what was handed in and comes out again stays the caller's, and what comes out twice has two handles
        const updates = map((leaf: Leaf) => {
          const own = held.has(leaf) ? clone(leaf) : leaf
          held.add(own)
          return made(own)
        })(result)
        expectAlike(grads, updates)
        // what expectAlike has checked
        return [updates as P, {}] as const
      })
    },
  }
}

/**
 * A transformation of a function of one update and its parameter.
 *
 * The function is called once, with terms, and builds the rule: so it runs on numbers, typed arrays and tensors, and
 * fuses with its neighbours in a chain. Norms of leaves and of the tree are allowed. Needs the parameters if the
 * function reads them.
 *
 * @category Building blocks
 * @see Optax, `stateless_with_tree_map`
 * @example
 * ```ts
 * import { statelessWithTreeMap } from 'gradpipe'
 *
 * const tx = statelessWithTreeMap((u, p) => u.sign().mul(p.abs()))
 * assert.deepEqual(tx.update([-3, 5], tx.init([1, -2]), [1, -2])[0], [-1, 2])
 * ```
 */
export const statelessWithTreeMap = (
  f: (update: Term<'element'>, param: Term<'element'>) => Term<Scope>,
): GradientTransformation<EmptyState> => {
  checkRanges('statelessWithTreeMap', { f }, { f: callable })
  return fromRule({
    call: ['statelessWithTreeMap', f],
    slots: {},
    scalars: {},
    step: ({ g, p }) => ({ update: f(g, p) }),
  })
}
