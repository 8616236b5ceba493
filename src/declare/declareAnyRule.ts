/** declareAnyRule: a rule as users write it, which may be wrong, and have rows, columns and extra arguments. */
import { bringErf } from '../compile/float64.js'
import { GradpipeError } from '../error.js'
import { shown } from '../options.js'
import { withoutUnused } from '../rule/condition.js'
import type { Rule } from '../rule/rule.js'
import { Term } from '../rule/term.js'
import { hasMatrices, isOfMatrices } from '../rule/view.js'
import { byAxes } from './byAxes.js'
import { type DeclaredRule, declareRule } from './declareRule.js'
import { leafTerms } from './leafScalar.js'
import type {
  RuleInputs,
  RuleResult,
  RuleScalars,
  RuleSpec,
  RuleState,
  Scalars,
  SlotSpecs,
} from './ruleSpec.js'
import { takingArgs } from './takingArgs.js'

const reserved = ['update', 'g', 'p', 'count', '']

const checkNames = (kind: string, names: readonly string[], taken: readonly string[]): void => {
  for (const name of names)
    if (taken.includes(name))
      throw new GradpipeError('InvalidArgument', `fromRule.${kind}`, 'another name', name)
}

/** What a rule gives back, once it is known to be that. */
const checked = <L extends SlotSpecs>(
  { slots, axes }: { readonly slots: L; readonly axes?: unknown },
  result: unknown,
): RuleResult<L> => {
  if (typeof result !== 'object' || result === null)
    throw new GradpipeError('InvalidArgument', 'fromRule.step', 'a record of update and slots', shown(result))
  const returned = new Map<string, unknown>(Object.entries(result))
  const exprs = [...Object.keys(slots), 'update'].map((name) => {
    const term = returned.get(name)
    if (term instanceof Term) return term.expr
    if (term === undefined)
      throw new GradpipeError('InvalidArgument', 'fromRule.step', `a next value of ${name}`, 'nothing')
    const wanted = typeof term === 'number' ? `a term, as constant(${term})` : 'a term'
    throw new GradpipeError('InvalidArgument', `fromRule.step.${name}`, wanted, shown(term))
  })
  const needsAxes = hasMatrices(exprs) || Object.values(slots).some(({ scope }) => isOfMatrices(scope))
  if (axes === undefined && needsAxes)
    throw new GradpipeError(
      'InvalidArgument',
      'fromRule.axes',
      'which axes of a leaf are rows and which are columns, which the rule is written of',
      'nothing',
    )
  // it has a term for each
  return result as RuleResult<L>
}

/**
 * Declares a rule that reads `inputNames`, trees like the parameters, as well. A leaf that has no axes for it has another
 * rule, which keeps nothing.
 *
 * Throws `InvalidArgument` for a name that is taken, for a scalar that is not a number, for a result that is not a term,
 * for a comparison that nothing is made of, and for rows or columns without `axes`.
 */
export const declareAnyRule = <
  const L extends SlotSpecs,
  H extends Scalars,
  const E extends string,
  const I extends string,
  const N extends string = never,
>(
  spec: RuleSpec<L, H, E, I, N>,
  inputNames: readonly I[] = [],
  otherwise?: Rule,
): DeclaredRule<RuleState<L, H>> => {
  const { slots, scalars, extraArgs, axes, leafScalars, fits } = spec
  bringErf()
  const names = Object.keys(typeof scalars === 'function' ? scalars({ count: 0, t: 1 }) : scalars)
  const taken = [...reserved, ...inputNames, ...names]
  const all = [...names, ...Object.keys(slots)]
  checkNames('slots', Object.keys(slots), taken)
  checkNames('extraArgs', extraArgs ?? [], [...taken, ...all])
  checkNames('leafScalars', Object.keys(leafScalars ?? {}), all)
  const ofLeaves = leafScalars && leafTerms(leafScalars)
  const step = (inputs: RuleInputs<L, E, I>, terms: RuleScalars<H>): RuleResult<L> => {
    // with a term for each of the leaf's
    const known = { ...terms, ...ofLeaves } as RuleScalars<H, N>
    return checked(
      spec,
      withoutUnused('fromRule.step', () => spec.step(inputs, known)),
    )
  }
  return declareRule({ slots, scalars, step, ...(extraArgs && { extraArgs }) }, inputNames, {
    atLeaves: axes && byAxes(axes, otherwise),
    taking: extraArgs && takingArgs,
    fits,
  })
}
