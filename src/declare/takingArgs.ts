/** takingArgs: the extra arguments of a rule. Numbers are scalars of the host, tensors are read where they are. */
import type { DeclaredScalar, Program } from '../program/program.js'
import { Scalar } from '../rule/expr.js'
import { makeRule, type Rule, rewriteRule } from '../rule/rule.js'
import type { More } from './declareRule.js'
import { readExtraArgs } from './extraArgs.js'

/** The rule for extra arguments that are given as numbers. */
const withNumbers = (rule: Rule, numbers: ReadonlyMap<string, number>): Rule =>
  makeRule(
    rewriteRule((node) => (node._tag === 'Slot' && numbers.has(node.name) ? Scalar(node.name) : node))(rule),
  )

/** Steps that take extra arguments. They throw `MissingArgument` or `InvalidArgument`. */
export const takingArgs: More['taking'] = (names, rule, programOf) => {
  const programs = new Map<string, Program>()
  return (step, given) => {
    const { numbers, tensors } = readExtraArgs(names, given)
    const inputs = [...tensors.values(), ...step.inputs]
    if (numbers.size === 0) return { ...step, inputs }
    const which = names.map((name) => (numbers.has(name) ? '#' : '-')).join('')
    const program =
      programs.get(which) ?? programOf(withNumbers(rule, numbers), [...numbers.keys()], [...tensors.keys()])
    programs.set(which, program)
    return {
      ...step,
      program,
      scalars: [...step.scalars, ...numbers.values()],
      declared: () => [
        ...(step.declared() ?? []),
        ...[...numbers.keys()].map((name): DeclaredScalar => ({ _tag: 'Given', name })),
      ],
      inputs,
    }
  }
}
