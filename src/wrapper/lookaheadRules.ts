/** The rules of lookahead: what becomes of fast and slow parameters between the syncs, and in one. */
import { type DeclaredRule, declareRule } from '../declare/declareRule.js'
import type { Program } from '../program/program.js'
import { remember } from '../rule/intern.js'
import type { Params } from '../rule/leaf.js'
import type { Rule } from '../rule/rule.js'
import { parameter, slot } from '../rule/slot.js'
import { constant } from '../rule/term.js'

/** The rule's own part of the state, and the slow parameters or what is added to them. */
export interface Own {
  readonly stepsSinceSync: number
  readonly slow: Params
}

const slots = { slow: slot('element', parameter), stepsSinceSync: slot('host', 0) } as const

/** What happens between the syncs, and in one: to the parameters in a step, and to the updates in an update. */
export interface Outer {
  readonly between: DeclaredRule<Own>
  readonly sync: DeclaredRule<Own>
}

const ruleOf = (sync: boolean, inStep: boolean, slowStepSize: number): DeclaredRule<Own> =>
  declareRule(
    {
      slots,
      scalars: { slowStepSize },
      step: ({ p, u, slow, stepsSinceSync }, scalars) => {
        if (!sync)
          return { update: u, slow: inStep ? slow : constant(0), stepsSinceSync: stepsSinceSync.add(1) }
        const both = slow.add(p.add(u).sub(slow).mul(scalars.slowStepSize))
        const update = both.sub(p)
        // to where the fast parameters will be, after rounding
        return { update, slow: inStep ? both : p.add(update).sub(slow), stepsSinceSync: constant(0) }
      },
    },
    ['u'],
  )

/** A rule whose parameter becomes what its slot `slow` becomes. */
const assigned = remember((rule: Rule): Rule => {
  const { slow } = rule.next
  return slow === undefined ? rule : { ...rule, parameter: slow }
})

/** The same program, whose parameters become what the slow ones become. */
export const assigning: (program: Program) => Program = remember(
  (program: Program): Program => ({ ...program, rule: (leaf) => assigned(program.rule(leaf)) }),
)

/** A rule whose slots become what they were in the beginning. */
const restarted = remember(
  (rule: Rule): Rule => ({
    ...rule,
    next: Object.fromEntries(Object.entries(rule.slots).map(([name, { start }]) => [name, start])),
  }),
)

/** The same program, after which its state is a first one. */
export const restarting: (program: Program) => Program = remember(
  (program: Program): Program => ({ ...program, rule: (leaf) => restarted(program.rule(leaf)) }),
)

/** The rules of a step, which assign the slow parameters, or those of an update, which add to them. */
export const outerOf = (inStep: boolean, slowStepSize: number): Outer => ({
  between: ruleOf(false, inStep, slowStepSize),
  sync: ruleOf(true, inStep, slowStepSize),
})
