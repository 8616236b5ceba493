/**
 * together: several rules one after the other as a single one with one state. This way, a rule for leaves without axes
 * and one for those with axes make one building block.
 */
import { GradpipeError } from '../error.js'
import { shown } from '../options.js'
import type { LeafSpec } from '../rule/leaf.js'
import { follow, onlyFor } from './fuse.js'
import { fromRuled } from './ruled.js'
import type { GradientTransformation, Step } from './transformation.js'

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

const expectState = <S>(state: S, at: string): S => {
  if (typeof state === 'object' && state !== null) return state
  throw new GradpipeError('TreeMismatch', at, `the transformation's state`, shown(state))
}

/**
 * Rules one after the other as one that keeps their slots in one record; the count is the same for all. Their slots, and
 * what they reduce over the tree, must have different names, and scalars of one name one value.
 */
export const together = <S>(
  ...members: readonly GradientTransformation<unknown>[]
): GradientTransformation<S> => {
  // the caller knows which fields the members have
  const gather = (states: readonly unknown[]): S => Object.assign({}, ...states) as S
  const rules = members.map(({ ruled }) => {
    if (ruled !== undefined) return ruled
    throw new GradpipeError('InvalidArgument', 'together', 'rules', 'an ordinary transformation')
  })
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
