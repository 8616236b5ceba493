/** statelessRule: a rule that keeps nothing, declared once for whatever numbers it is given. */
import type { Scope } from '../rule/scope.js'
import type { Term } from '../rule/term.js'
import { checkedScalar, declareRule } from './declareRule.js'
import { fromRuled } from './ruled.js'
import type { RuleInputs } from './ruleSpec.js'
import type { EmptyState, GradientTransformation, Step } from './transformation.js'

type NoSlots = Readonly<Record<never, never>>

/** The scalars of such a rule. */
export type HostTerms<K extends string> = Readonly<Record<K, Term<'host'>>>

/**
 * The transformation of a rule, given its numbers; `fromRule` would declare it again for each. The rule is written when it
 * is first used.
 */
export const statelessRule = <const K extends string = never>(
  step: (trees: RuleInputs<NoSlots>, scalars: HostTerms<K>) => { readonly update: Term<Scope> },
  names: readonly K[] = [],
): ((numbers: Readonly<Record<K, number>>) => GradientTransformation<EmptyState>) => {
  let known: Step<EmptyState> | undefined
  const write = (): Step<EmptyState> => {
    const rule = declareRule({
      slots: {},
      scalars: Object.fromEntries(names.map((name) => [name, 0])),
      // terms under these names and no others
      step: (trees, scalars) => step(trees, scalars as HostTerms<K>),
    })
    return rule.resume({}, 'state', {})
  }
  return (numbers) => {
    const given = (): Step<EmptyState> => {
      known ??= write()
      const scalars = names.map((name) => checkedScalar(name, numbers[name]))
      return {
        ...known,
        scalars,
        declared: () => names.map((name) => ({ _tag: 'Declared', name, among: numbers })),
      }
    }
    return fromRuled({ begin: given, resume: given })
  }
}
