/** statelessRule: a rule without state, declared once for all numbers. */
import { checkedScalar, declareRule } from '../declare/declareRule.js'
import type { RuleInputs } from '../declare/ruleSpec.js'
import type { Step } from '../program/program.js'
import type { Scope } from '../rule/scope.js'
import type { Term } from '../rule/term.js'
import { fromRuled } from './ruled.js'
import type { EmptyState, GradientTransformation } from './transformation.js'

type NoSlots = Readonly<Record<never, never>>

/** The scalars of such a rule. */
export type HostTerms<K extends string> = Readonly<Record<K, Term<'host'>>>

/**
 * Makes the transformation of a rule from its numbers; `fromRule` would declare the rule again each time. The rule is
 * built when it is first used.
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
      // terms with exactly these names
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
    return fromRuled({ numbers: 'constant', begin: given, resume: given })
  }
}
