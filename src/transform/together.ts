/**
 * together: several transformations one after the other as a single one with one state. This way, a rule for leaves
 * without axes and code for those with axes make one building block.
 */
import { GradpipeError } from '../error.js'
import { shown } from '../options.js'
import type { LeafSpec } from '../rule/leaf.js'
import { follow, onlyFor } from './fuse.js'
import { fromRuled } from './ruled.js'
import { sequence } from './sequence.js'
import type { GradientTransformation, NoExtraArgs, Step } from './transformation.js'

/** A rule for some of the leaves: others pass unchanged and have no state. The state keeps its layout. */
export const forLeaves = <S>(
  tx: GradientTransformation<S>,
  takes: (leaf: LeafSpec) => boolean,
): GradientTransformation<S> => {
  const { ruled } = tx
  if (ruled === undefined) throw new GradpipeError('InvalidArgument', 'forLeaves', 'a rule', 'ordinary code')
  const restricted = onlyFor(takes)
  const restrict = (step: Step<S>): Step<S> => ({ ...step, program: restricted(step.program) })
  return fromRuled({
    reads: ruled.reads,
    begin: () => restrict(ruled.begin()),
    resume: (state, at, extraArgs) => restrict(ruled.resume(state, at, extraArgs)),
  })
}

/**
 * A transformation without what a chain would fuse it by. Beside ordinary code there is nothing to fuse with, and a
 * transformation by itself names the places in its state as they are.
 */
const apart = <S>({ ruled: _, ...tx }: GradientTransformation<S>): GradientTransformation<S> => tx

/** How the members' states, each a record, are merged into one and taken out again. */
export interface Sharing<S, M extends readonly unknown[]> {
  readonly gather: (states: M) => S
  readonly scatter: (state: S) => M
}

const expectState = <S>(state: S, at: string): S => {
  if (typeof state === 'object' && state !== null) return state
  throw new GradpipeError('TreeMismatch', at, `the transformation's state`, shown(state))
}

/** Transformations one after the other, with their states shared as told. */
export const sharing = <S, const M extends readonly unknown[]>(
  members: { readonly [K in keyof M]: GradientTransformation<M[K]> },
  sharedBy: Sharing<S, M>,
): GradientTransformation<S> => ({
  ...sequence<S, NoExtraArgs>(members.map(apart), {
    names: members.map(() => ''),
    // the states are those of the members
    gather: (states) => sharedBy.gather(states as M),
    scatter: (state, at) => sharedBy.scatter(expectState(state, at)),
  }),
  // what is changed has the same state
  ofChanged: (change) => sharing(members.map(change) as typeof members, sharedBy),
})

/**
 * Transformations one after the other that keep their slots in one record; the count is the same for all. Rules make a
 * rule; their slots, and what they reduce over the tree, must have different names, and scalars of one name one value.
 */
export const together = <S>(
  ...members: readonly GradientTransformation<unknown>[]
): GradientTransformation<S> => {
  // the caller knows which fields the members have
  const gather = (states: readonly unknown[]): S => Object.assign({}, ...states) as S
  const rules = members.flatMap(({ ruled }) => (ruled === undefined ? [] : [ruled]))
  if (rules.length < members.length)
    return sharing<S, readonly unknown[]>(members, { gather, scatter: (state) => members.map(() => state) })
  const joined = (steps: readonly Step<unknown>[]): Step<S> => {
    const all = steps.reduce((one, other) => follow(one, other, (a, b) => gather([a, b])))
    return { ...all, finish: (slots) => all.finish(slots) as S, hold: (slots) => all.hold(slots) as S }
  }
  return fromRuled({
    reads: rules.flatMap(({ reads = [] }) => reads),
    begin: () => joined(rules.map((ruled) => ruled.begin())),
    resume: (state, at, extraArgs) =>
      joined(rules.map((ruled) => ruled.resume(expectState(state, at), at, extraArgs))),
  })
}
