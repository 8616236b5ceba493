/**
 * byKind: one rule for some leaves, another for the rest, as a single one with one state: a building block that treats
 * matrices otherwise than vectors.
 */
import { GradpipeError } from '../error.js'
import { shown } from '../options.js'
import type { Program, Ruled, Step } from '../program/program.js'
import { remember } from '../rule/intern.js'
import type { LeafSpec, Params } from '../rule/leaf.js'
import { fromRuled } from './ruled.js'
import type { GradientTransformation } from './transformation.js'

const ruledOf = ({ ruled }: GradientTransformation<unknown>): Ruled<unknown> => {
  if (ruled !== undefined) return ruled
  throw new GradpipeError('InvalidArgument', 'byKind', 'rules', 'an ordinary transformation')
}

const namesOf = ({ slots }: Program): readonly string[] => slots.map(({ name }) => name)

/**
 * The first rule for leaves that it takes, the second for all others. Both have the same scalars and no inputs; a slot of
 * one name is one tree, in which every leaf has what its own rule keeps.
 */
export const byKind = <S>(
  takes: (leaf: LeafSpec) => boolean,
  first: GradientTransformation<unknown>,
  second: GradientTransformation<unknown>,
): GradientTransformation<S> => {
  const [one, other] = [ruledOf(first), ruledOf(second)]
  const programOf = remember((a: Program) =>
    remember(
      (b: Program): Program => ({
        ...a,
        rule: (leaf) => (takes(leaf) ? a : b).rule(leaf),
        slots: [...a.slots, ...b.slots.filter(({ name }) => !namesOf(a).includes(name))],
      }),
    ),
  )
  const joined = (a: Step<unknown>, b: Step<unknown>): Step<S> => {
    const program = programOf(a.program)(b.program)
    const names = namesOf(program)
    const own = (step: Step<unknown>, slots: readonly Params[]): readonly Params[] =>
      namesOf(step.program).map((name) => slots[names.indexOf(name)] ?? null)
    const values = (step: Step<unknown>): readonly (readonly [string, Params])[] =>
      namesOf(step.program).map((name, i) => [name, step.slots[i] ?? null])
    const slots = new Map([...values(a), ...values(b)])
    // the caller knows which fields both states have
    const gather = (end: 'finish' | 'hold', slots: readonly Params[]): S =>
      Object.assign({}, a[end](own(a, slots)), b[end](own(b, slots))) as S
    return {
      ...a,
      program,
      slots: a.slots.length + b.slots.length === 0 ? [] : names.map((name) => slots.get(name) ?? null),
      finish: (slots) => gather('finish', slots),
      hold: (slots) => gather('hold', slots),
    }
  }
  return fromRuled({
    begin: () => joined(one.begin(), other.begin()),
    resume: (state, at, extraArgs) => {
      if (typeof state !== 'object' || state === null)
        throw new GradpipeError('TreeMismatch', at, `the transformation's state`, shown(state))
      return joined(one.resume(state, at, extraArgs), other.resume(state, at, extraArgs))
    },
  })
}
