/** Declares a rule: from what a user writes to the steps that it makes. */

import { tape } from '../compile/tape.js'
import { GradpipeError } from '../error.js'
import type { DeclaredScalar, ExtraArgs, Program, Ruled, SlotPlace, Step } from '../program/program.js'
import { Const, type Expr, Gradient, Scalar, Slot } from '../rule/expr.js'
import { rememberNamed } from '../rule/intern.js'
import type { LeafSpec, Params } from '../rule/leaf.js'
import { makeRule, type Rule } from '../rule/rule.js'
import type { Scope } from '../rule/scope.js'
import { parameter, type SlotSpec } from '../rule/slot.js'
import { Term } from '../rule/term.js'
import type { RuleInputs, RuleScalars, RuleSpec, RuleState, Scalars, SlotSpecs } from './ruleSpec.js'

/** A rule that can be stepped. */
export interface DeclaredRule<S> {
  /** As in `Ruled`. */
  readonly numbers?: Ruled<S>['numbers']
  /** As in `Ruled`. */
  readonly begin: () => Step<S>
  /** As in `Ruled`; `inputs` are trees like the parameters, beside the names that were declared. */
  readonly resume: (state: S, at: string, given: ExtraArgs, inputs?: readonly Params[]) => Step<S>
}

/** What rules need that are written of more than elements, slots and scalars. */
export interface More {
  /** The rule of each leaf that a rule of matrices, rows and columns comes to. */
  readonly atLeaves?: ((rule: Rule) => (leaf: LeafSpec) => Rule) | undefined
  /** What makes a step that extra arguments are given to of one that lacks them. */
  readonly taking?:
    | ((
        names: readonly string[],
        rule: Rule,
        programOf: (rule: Rule, numbers: readonly string[], tensors: readonly string[]) => Program,
      ) => <S>(step: Step<S>, given: ExtraArgs) => Step<S>)
    | undefined
  /** As in `Program`. */
  readonly fits?: Program['fits']
}

/**
 * Declares a rule that reads `inputNames`, trees like the parameters, as well.
 *
 * Throws `InvalidArgument` for a scalar that is not a number. All else that may be wrong with a user's rule is looked for by
 * `declareAnyRule`.
 */
export const declareRule = <
  const L extends SlotSpecs,
  H extends Scalars,
  const E extends string,
  const I extends string,
>(
  spec: RuleSpec<L, H, E, I>,
  inputNames: readonly I[] = [],
  { atLeaves, taking, fits }: More = {},
): DeclaredRule<RuleState<L, H>> => {
  type S = RuleState<L, H>
  const { scalars, extraArgs = [] } = spec
  const timed = typeof scalars === 'function'
  const scalarsAt = (count: number): Readonly<Record<string, number>> =>
    typeof scalars === 'function' ? scalars({ count, t: count + 1 }) : scalars
  const names = Object.keys(scalarsAt(0))
  /** To the engine, copies of an array are of the same kind: of numbers that need not be whole. */
  const unknown = names.map(() => Number.NaN)
  const checkedAt = (count: number): readonly number[] => {
    const values = scalarsAt(count)
    // every step comes here
    const checked = unknown.slice()
    for (let i = 0; i < names.length; i++)
      checked[i] = checkedScalar(names[i] as string, values[names[i] as string])
    return checked
  }
  const firstValues = checkedAt(0)
  const valuesAt = timed ? checkedAt : () => firstValues

  const onHost = hostSlots(spec.slots)
  const hostNames = Object.keys(onHost)
  const { rule, next } = ruleOf(spec, [...names, ...hostNames], inputNames)
  const elements = inputNames.map((name): SlotPlace => ({ name, scope: 'element' }))
  const ofTree = (name: string): SlotPlace => ({ name, scope: 'tree' })
  const all = [...names, ...hostNames]
  /** The program of a rule which reads some extra arguments as numbers and others as tensors. */
  const programOf = (of: Rule, numbers: readonly string[], tensors: readonly string[]): Program => {
    const written = writtenProgram(of, [...all, ...numbers], [...tensors.map(ofTree), ...elements])
    if (atLeaves === undefined && fits === undefined) return written
    return { ...written, rule: atLeaves === undefined ? written.rule : atLeaves(of), fits }
  }
  const program = programOf(rule, [], extraArgs)
  const take = taking?.(extraArgs, rule, programOf)
  const nextOnHost = tape(next, all.map(Scalar))
  const declared = (): readonly DeclaredScalar[] => [
    ...names.map((name): DeclaredScalar => ({ _tag: 'Declared', name, among: scalars })),
    ...hostNames.map((name, i): DeclaredScalar => {
      const [start = 0, after = Const(0)] = [onHost[name], next[i]]
      return { _tag: 'Kept', name, start, next: after }
    }),
  ]

  const slotNames = program.slots.map(({ name }) => name)
  /** To copy a record and fill it costs less than to add name after name. */
  const template = Object.fromEntries(
    [...(timed ? ['count'] : []), ...hostNames, ...slotNames].map((name) => [name, null]),
  )
  const stateOf = (count: number, hostValues: ArrayLike<number>, slots: readonly Params[]): S => {
    const state: Record<string, unknown> = { ...template }
    if (timed) state.count = count
    for (let i = 0; i < hostNames.length; i++) state[hostNames[i] as string] = hostValues[i]
    for (let i = 0; i < slotNames.length; i++) state[slotNames[i] as string] = slots[i]
    // RuleState is what was spelled out
    return state as S
  }

  const resumed = (
    count: number,
    hostValues: readonly number[],
    slots: readonly Params[],
    inputs: readonly Params[],
  ): Step<S> => {
    const values = hostNames.length === 0 ? valuesAt(count) : [...valuesAt(count), ...hostValues]
    return {
      program,
      scalars: values,
      declared,
      slots,
      inputs,
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
  const first: Step<S> = {
    ...resumed(0, Object.values(onHost), [], []),
    finish: begun,
    hold: begun,
  }
  const isConstant = !timed && hostNames.length === 0
  /** Whether nothing of a state is read: all steps are the first one. */
  const isStill =
    isConstant && take === undefined && program.slots.length === 0 && program.inputs.length === 0
  return {
    numbers: take !== undefined ? undefined : isConstant ? 'constant' : 'own',
    begin: () => first,
    resume: (state, at, given, inputs = none) => {
      if (isStill) return first
      const count = timed ? numberOf(state, 'count', at) : 0
      const onHost = hostNames.length === 0 ? none : hostNames.map((name) => numberOf(state, name, at))
      // whether each is a tree like the parameters is found out when it is laid beside them
      const slots = slotNames.map((name) => fieldOf(state, name, at) as Params)
      const step = resumed(count, onHost, slots, inputs)
      return take === undefined ? step : take(step, given)
    },
  }
}

const none: readonly never[] = []

// checks

/** What a state has under a name. */
const fieldOf = (state: unknown, name: string, at: string): unknown => {
  if (typeof state === 'object' && state !== null && Object.hasOwn(state, name))
    return (state as Readonly<Record<string, unknown>>)[name] // it has it
  throw new GradpipeError('TreeMismatch', `${at}.${name}`, `the rule's state`, 'nothing')
}

/** The same of a number. */
const numberOf = (state: unknown, name: string, at: string): number => {
  const value = fieldOf(state, name, at)
  if (typeof value === 'number') return value
  throw new GradpipeError('InvalidLeaf', `${at}.${name}`, 'a number', typeof value)
}

/** A scalar of a rule. Throws `InvalidArgument` for what is no number. */
export const checkedScalar = (name: string, value: unknown): number => {
  if (typeof value === 'number') return value
  throw new GradpipeError('InvalidArgument', `fromRule.scalars.${name}`, 'a number', String(value))
}

/** The first values of the slots that the host keeps. */
const hostSlots = (slots: SlotSpecs): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(slots).flatMap(([name, { scope, start }]) =>
      scope === 'host' && start._tag === 'Const' ? [[name, start.value]] : [],
    ),
  )

// programs

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
  const result: Readonly<Record<string, Term<Scope>>> = spec.step(
    inputs as RuleInputs<L, E, I>,
    terms as RuleScalars<H>,
  )
  // one for every slot, and the update
  const exprOf = (name: string): Expr => (result[name] as Term<Scope>).expr
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
