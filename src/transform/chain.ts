/**
 * chain: transformations one after the other, each of which gets the updates of the one before.
 *
 * Laws: `chain` is associative up to the nesting of the state, and `identity()` is neutral. A chain of rules is a
 * rule: it costs one pass over memory.
 */

import { GradpipeError } from '../error.js'
import type { Monoid } from '../fp.js'
import { dispose } from '../program/dispose.js'
import { checkRanges, transformation } from '../range.js'
import { tuple } from './chainOfRules.js'
import { identity } from './identity.js'
import { sequence } from './sequence.js'
import type { AnyTransformation, ExtraArgsOf, GradientTransformation, StateOf } from './transformation.js'

/**
 * Runs transformations one after the other, each on the updates of the one before. The state is the tuple of the
 * members' states; the extra arguments are those of all members.
 *
 * Consecutive rules are fused into one rule per leaf: clipping, Adam and weight decay together cost one pass, or two
 * if a norm of the whole tree is needed first.
 *
 * @category Combinators
 * @example
 * ```ts
 * import { addDecayedWeights, chain, clipByGlobalNorm, scaleByAdam, scaleByLearningRate } from 'gradpipe'
 *
 * const adamw = chain(clipByGlobalNorm(1), scaleByAdam(), addDecayedWeights(1e-2), scaleByLearningRate(0.1))
 * const state = adamw.init({ w: 1 })
 * const [updates, next] = adamw.update({ w: 5 }, state, { w: 1 })
 * assert.ok(Math.abs(updates.w + 0.1 * (1 + 1e-2)) < 1e-8)
 * assert.equal(next.length, 4)
 * assert.equal(next[1].count, 1)
 * ```
 */
export const chain = <const M extends readonly AnyTransformation[]>(
  ...members: M
): GradientTransformation<{ readonly [K in keyof M]: StateOf<M[K]> }, ExtraArgsOf<M[number]>> => {
  for (const [i, member] of members.entries()) checkRanges('chain', { [i]: member }, { [i]: transformation })
  const tx: unknown = { ...sequence(members, tuple(members.length)), members, call: ['chain', ...members] }
  // the state is the tuple of the members' states, as the mapped type says
  return tx as ReturnType<typeof chain<M>>
}

/**
 * The state of a transformation with one more after it: a chain's tuple of states grows by one, and any other state
 * becomes the first of two.
 *
 * @category Combinators
 */
export type Appended<S, T> = unknown extends S
  ? readonly unknown[]
  : S extends readonly unknown[]
    ? readonly [...S, T]
    : readonly [S, T]

/** A transformation whose state is no array, which would pass for a chain's. */
const single = (first: AnyTransformation): AnyTransformation => {
  if (first.ruled !== undefined) return first
  return {
    ...first,
    init: (params) => {
      const state = first.init(params)
      if (!Array.isArray(state)) return state
      dispose(state)
      throw new GradpipeError(
        'InvalidArgument',
        'andThen.first',
        'a chain, or a transformation whose state is not an array; chain(tx) makes a chain of one',
        'a transformation whose state is an array',
      )
    },
  }
}

/**
 * Appends a transformation to another one, for `pipe`: `pipe(a, andThen(b), andThen(c))` is `chain(a, b, c)`, with
 * the same state.
 *
 * A chain grows by one member: `pipe(chain(a, b), andThen(c))` is `chain(a, b, c)` too. Most optimizers are chains:
 * the state of `pipe(adam(0.1), andThen(c))` has Adam's states and then that of `c`.
 *
 * `init` throws `InvalidArgument` if the first transformation is not a chain and its state is an array.
 *
 * @category Combinators
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js'
 * import { andThen, chain, clip, scale, trace } from 'gradpipe'
 *
 * const tx = pipe(clip(1), andThen(trace(0.9)), andThen(scale(-0.1)))
 * assert.equal(tx.update(7, tx.init(0))[0], -0.1)
 * assert.deepEqual(tx.init(0), chain(clip(1), trace(0.9), scale(-0.1)).init(0))
 * ```
 */
export const andThen = <T, Y>(second: GradientTransformation<T, Y>) => {
  checkRanges('andThen', { second }, { second: transformation })
  return <S, X>(first: GradientTransformation<S, X>): GradientTransformation<Appended<S, T>, X & Y> => {
    checkRanges('andThen', { first }, { first: transformation })
    const tx: unknown = chain(...(first.members ?? [single(first)]), second)
    // the states of a chain, or one state that is no array, and then the second's
    return tx as GradientTransformation<Appended<S, T>, X & Y>
  }
}

/**
 * Transformations under `chain`, with `identity()` as the empty one: an fp-ts Monoid.
 *
 * Equality is that of behaviour: the same updates for the same gradients, whatever the nesting of the state.
 *
 * @category Combinators
 * @example
 * ```ts
 * import { concatAll } from 'fp-ts/lib/Monoid.js'
 * import { clip, MonoidChain, scale } from 'gradpipe'
 *
 * const tx = concatAll(MonoidChain)([clip(1), scale(-0.1)])
 * assert.equal(tx.update(7, tx.init(0))[0], -0.1)
 * ```
 */
export const MonoidChain: Monoid<GradientTransformation> = {
  concat: (x, y) => chain(x, y),
  empty: /* @__PURE__ */ identity(),
}
