/** Declares a rule: from what a user writes to the steps that it makes. */

import { tape } from '../compile/tape.js'
import { GradpipeError } from '../error.js'
import { shown } from '../options.js'
import { withoutUnused } from '../rule/condition.js'
import { Const, type Expr, Gradient, Scalar, Slot } from '../rule/expr.js'
import { rememberNamed } from '../rule/intern.js'
import type { LeafSpec, Params } from '../rule/leaf.js'
import { identityRule, makeRule, type Rule, rewriteRule } from '../rule/rule.js'
import type { Scope } from '../rule/scope.js'
import { parameter, type SlotSpec } from '../rule/slot.js'
import { Term } from '../rule/term.js'
import { boundTo, needsView, type RowsAndColumns, viewOf } from '../rule/view.js'
import { type Given, nothingGiven, readExtraArgs } from './extraArgs.js'
import { seen } from './labelling.js'
import type { RuleInputs, RuleSpec, RuleState, Scalars, ScalarsOf, SlotSpecs } from './ruleSpec.js'
import type { DeclaredScalar, ExtraArgs, Program, Ruled, SlotPlace, Step } from './transformation.js'

/** A rule that can be stepped. */
export interface DeclaredRule<S> {
  /** As in `Ruled`. */
  readonly numbers?: Ruled<S>['numbers']
  /** As in `Ruled`. */
  readonly begin: () => Step<S>
  /** As in `Ruled`; `inputs` are trees like the parameters, beside the names that were declared. */
  readonly resume: (state: S, at: string, given: ExtraArgs, inputs?: readonly Params[]) => Step<S>
}

const reserved = ['update', 'g', 'p', 'count', '']

/**
 * Declares a rule that reads `inputNames`, trees like the parameters, as well. A leaf that has no axes for it has another
 * rule, which keeps nothing.
 *
 * Throws `InvalidArgument` for a name that is taken, for a scalar that is not a number, for a result that is not a term,
 * for a comparison that nothing is made of, and for rows or columns without `axes`.
 */
export const declareRule = <
  const L extends SlotSpecs,
  H extends Scalars,
  const E extends string,
  const I extends string,
>(
  spec: RuleSpec<L, H, E, I>,
  inputNames: readonly I[] = [],
  otherwise: Rule = identityRule,
): DeclaredRule<RuleState<L, H>> => {
  type S = RuleState<L, H>
  const { scalars, extraArgs = [] } = spec
  const timed = typeof scalars === 'function'
  const scalarsAt = (count: number): Readonly<Record<string, number>> =>
    typeof scalars === 'function' ? scalars({ count, t: count + 1 }) : scalars
  const names = Object.keys(scalarsAt(0))
  const checkedAt = (count: number): readonly number[] => {
    const values = scalarsAt(count)
    return names.map((name) => checkedScalar(name, values[name]))
  }
  const first = checkedAt(0)
  const valuesAt = timed ? checkedAt : () => first
  const taken = [...reserved, ...inputNames]
  checkNames('slots', Object.keys(spec.slots), [...taken, ...names])
  checkNames('extraArgs', extraArgs, [...taken, ...Object.keys(spec.slots), ...names])

  const onHost = hostSlots(spec.slots)
  const hostNames = Object.keys(onHost)
  const { rule, next } = ruleOf(spec, [...names, ...hostNames], inputNames)
  const elements = inputNames.map((name): SlotPlace => ({ name, scope: 'element' }))
  const ofTree = (name: string): SlotPlace => ({ name, scope: 'tree' })
  const all = [...names, ...hostNames]
  const { axes } = spec
  if (axes === undefined && needsView(rule))
    throw new GradpipeError(
      'InvalidArgument',
      'fromRule.axes',
      'which axes of a leaf are rows and which are columns, which the rule is written of',
      'nothing',
    )
  /** The program of a rule, bound to each leaf's axes where it has any. */
  const programOf = (of: Rule, scalars: readonly string[], inputs: readonly SlotPlace[]): Program => {
    const written = writtenProgram(of, scalars, inputs)
    return axes === undefined ? written : { ...written, rule: byAxes(of, axes, otherwise) }
  }
  const program = programOf(rule, all, [...extraArgs.map(ofTree), ...elements])
  const nextOnHost = tape(next, all.map(Scalar))
  const declared = (): readonly DeclaredScalar[] => [
    ...names.map((name): DeclaredScalar => ({ _tag: 'Declared', name, among: scalars })),
    ...hostNames.map((name, i): DeclaredScalar => {
      const [start = 0, after = Const(0)] = [onHost[name], next[i]]
      return { _tag: 'Kept', name, start, next: after }
    }),
  ]

  const programs = new Map<string, Program>()
  /** The program for extra arguments of which some are numbers; known from the second step on. */
  const programGiven = ({ numbers, tensors }: Given): Program => {
    if (numbers.size === 0) return program
    const which = extraArgs.map((name) => (numbers.has(name) ? '#' : '-')).join('')
    const known = programs.get(which)
    if (known !== undefined) return known
    const made = programOf(
      withNumbers(rule, numbers),
      [...all, ...numbers.keys()],
      [...[...tensors.keys()].map(ofTree), ...elements],
    )
    programs.set(which, made)
    return made
  }

  const stateOf = (count: number, hostValues: ArrayLike<number>, slots: readonly Params[]): S => {
    const state: Record<string, unknown> = timed ? { count } : {}
    for (let i = 0; i < hostNames.length; i++) state[hostNames[i] ?? ''] = hostValues[i]
    for (let i = 0; i < slots.length; i++) state[program.slots[i]?.name ?? ''] = slots[i]
    // RuleState is what was spelled out
    return state as S
  }

  const resumed = (
    given: Given,
    count: number,
    hostValues: readonly number[],
    slots: readonly Params[],
    inputs: readonly Params[],
  ): Step<S> => {
    const { numbers, tensors } = given
    const values = hostNames.length === 0 ? valuesAt(count) : [...valuesAt(count), ...hostValues]
    return {
      program: programGiven(given),
      scalars: numbers.size === 0 ? values : [...values, ...numbers.values()],
      declared:
        numbers.size === 0
          ? declared
          : () => [
              ...declared(),
              ...[...numbers.keys()].map((name): DeclaredScalar => ({ _tag: 'Given', name })),
            ],
      slots,
      inputs: tensors.size === 0 ? inputs : [...tensors.values(), ...inputs],
      finish: (after) => {
        if (hostNames.length === 0) return stateOf(count + 1, hostValues, after)
        const later = new Float64Array(hostNames.length)
        nextOnHost.values.set(values)
        nextOnHost.run(later)
        return stateOf(count + 1, later, after)
      },
      hold: (same) => stateOf(count, hostValues, same),
    }
  }

  const begun = (slots: readonly Params[]): S => stateOf(0, Object.values(onHost), slots)
  const firstStep: Step<S> = {
    ...resumed(nothingGiven, 0, Object.values(onHost), [], []),
    program,
    finish: begun,
    hold: begun,
  }
  const isConstant = !timed && hostNames.length === 0
  return {
    numbers: extraArgs.length > 0 ? undefined : isConstant ? 'constant' : 'own',
    begin: () => firstStep,
    resume: (state, at, given, inputs = []) => {
      const field = (name: string): unknown => {
        if (typeof state === 'object' && state !== null && Object.hasOwn(state, name))
          return state[name as keyof S]
        throw new GradpipeError('TreeMismatch', `${at}.${name}`, `the rule's state`, 'nothing')
      }
      const number = (name: string): number => {
        const value = field(name)
        if (typeof value === 'number') return value
        throw new GradpipeError('InvalidLeaf', `${at}.${name}`, 'a number', typeof value)
      }
      const count = timed ? number('count') : 0
      // whether each is a tree like the parameters is found out when it is laid beside them
      const slots = program.slots.map(({ name }) => field(name) as Params)
      return resumed(readExtraArgs(extraArgs, given), count, hostNames.map(number), slots, inputs)
    },
  }
}

// checks

/** A scalar of a rule. Throws `InvalidArgument` for what is no number. */
export const checkedScalar = (name: string, value: unknown): number => {
  if (typeof value === 'number') return value
  throw new GradpipeError('InvalidArgument', `fromRule.scalars.${name}`, 'a number', String(value))
}

const checkNames = (kind: string, names: readonly string[], taken: readonly string[]): void => {
  for (const name of names)
    if (taken.includes(name))
      throw new GradpipeError('InvalidArgument', `fromRule.${kind}`, 'another name', name)
}

/** The first values of the slots that the host keeps. */
const hostSlots = (slots: SlotSpecs): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(slots).flatMap(([name, { scope, start }]) =>
      scope === 'host' && start._tag === 'Const' ? [[name, start.value]] : [],
    ),
  )

// programs

/** The rule of a leaf that is looked at as told; another of one that is left alone. */
const byAxes =
  (rule: Rule, axes: (leaf: LeafSpec) => RowsAndColumns | null, otherwise: Rule) =>
  (leaf: LeafSpec): Rule => {
    const given = axes(seen(leaf))
    return given === null ? otherwise : boundTo(rule, viewOf(leaf, given))
  }

/** Equal rules with the same scalars and inputs are the same program. */
const writtenProgram = (rule: Rule, scalars: readonly string[], inputs: readonly SlotPlace[]): Program =>
  named(rule, JSON.stringify([scalars, inputs]))

const named = rememberNamed((rule: Rule, names): Program => {
  // what programOf has printed
  const [scalars, inputs] = JSON.parse(names) as readonly [readonly string[], readonly SlotPlace[]]
  return {
    rule: () => rule,
    scalars,
    slots: Object.entries(rule.slots).map(([name, { scope }]) => ({ name, scope })),
    inputs,
  }
})

/** The rule for extra arguments that are given as numbers. */
const withNumbers = (rule: Rule, numbers: ReadonlyMap<string, number>): Rule =>
  makeRule(
    rewriteRule((node) => (node._tag === 'Slot' && numbers.has(node.name) ? Scalar(node.name) : node))(rule),
  )

// rules

/** The rule that a user's function builds, and the next values of the slots that the host keeps. */
const ruleOf = <L extends SlotSpecs, H extends Scalars, E extends string, I extends string>(
  spec: RuleSpec<L, H, E, I>,
  scalars: readonly string[],
  inputNames: readonly I[],
): { readonly rule: Rule; readonly next: readonly Expr[] } => {
  const termOf = (name: string, scope: Scope): readonly [string, Term<Scope>] => [
    name,
    scope === 'host' ? new Term(Scalar(name), scope) : new Term(Slot(name, scope), scope),
  ]
  const inputs = {
    ...Object.fromEntries([
      ...Object.entries(spec.slots).map(([name, { scope }]) => termOf(name, scope)),
      ...(spec.extraArgs ?? []).map((name) => termOf(name, 'tree')),
      ...inputNames.map((name) => termOf(name, 'element')),
    ]),
    g: new Term(Gradient, 'element'),
    p: parameter,
  }
  const terms = Object.fromEntries(scalars.map((name) => termOf(name, 'host')))
  // both records have the entries that their mapped types name
  const result: unknown = withoutUnused('fromRule.step', () =>
    spec.step(inputs as RuleInputs<L, E, I>, terms as { readonly [K in keyof ScalarsOf<H>]: Term<'host'> }),
  )
  if (typeof result !== 'object' || result === null)
    throw new GradpipeError('InvalidArgument', 'fromRule.step', 'a record of update and slots', shown(result))
  const returned = new Map<string, unknown>(Object.entries(result))
  const exprOf = (name: string): Expr => {
    const term = returned.get(name)
    if (term instanceof Term) return term.expr
    if (term === undefined)
      throw new GradpipeError('InvalidArgument', 'fromRule.step', `a next value of ${name}`, 'nothing')
    const wanted = typeof term === 'number' ? `a term, as constant(${term})` : 'a term'
    throw new GradpipeError('InvalidArgument', `fromRule.step.${name}`, wanted, shown(term))
  }
  const isOnHost = ([, { scope }]: readonly [string, SlotSpec]): boolean => scope === 'host'
  const entries = Object.entries(spec.slots)
  const kept = entries.filter((entry) => !isOnHost(entry))
  return {
    rule: makeRule({
      slots: Object.fromEntries(kept),
      next: Object.fromEntries(kept.map(([name]) => [name, exprOf(name)])),
      update: exprOf('update'),
    }),
    next: entries.filter(isOnHost).map(([name]) => exprOf(name)),
  }
}
