/** fromRule: a transformation from one rule, written as an expression. */
import { GradpipeError } from '../error.js'
import { type Expr, Gradient, Scalar, Slot } from '../rule/expr.js'
import { rememberNamed } from '../rule/intern.js'
import { isTensorLike, type Params, type TensorLike } from '../rule/leaf.js'
import { makeRule, type Rule, rewriteRule } from '../rule/rule.js'
import type { Scope, UpTo } from '../rule/scope.js'
import { parameter, type SlotSpec } from '../rule/slot.js'
import { Term } from '../rule/term.js'
import { fromRuled } from './ruled.js'
import type { ExtraArgs, GradientTransformation, Program, Step, TreeValue } from './transformation.js'

// model

/**
 * When a step happens.
 *
 * @category Rules
 */
export interface Clock {
  /** How many updates were made before: what schedules are functions of. */
  readonly count: number
  /** `count + 1`, the step's own number: the $t$ of bias corrections. */
  readonly t: number
}

/**
 * A rule's hyperparameters: constant, or a function of the clock, called on the host at each step.
 *
 * @category Rules
 */
export type Scalars = Readonly<Record<string, number>> | ((clock: Clock) => Readonly<Record<string, number>>)

/**
 * The slots of a rule, by name.
 *
 * @category Rules
 */
export type SlotSpecs = Readonly<Record<string, SlotSpec>>

type ScalarsOf<H extends Scalars> = H extends (clock: Clock) => infer R ? R : H

/**
 * A term of scope `S` or a narrower one.
 *
 * @category Rules
 */
export type TermUpTo<S extends Scope> = UpTo<S> extends infer T ? (T extends Scope ? Term<T> : never) : never

/**
 * The extra arguments that a rule names: each a number or a scalar tensor.
 *
 * @category Rules
 */
export type RuleExtraArgs<E extends string> = { readonly [K in E]: number | TensorLike }

/**
 * What a rule reads: the incoming update `g`, the parameter `p`, its slots, and extra arguments of `update`.
 *
 * @category Rules
 */
export type RuleInputs<L extends SlotSpecs, E extends string = never> = {
  /** The incoming update: the gradient, or what the chain has made of it. */
  readonly g: Term<'element'>
  /** The parameter. */
  readonly p: Term<'element'>
} & { readonly [K in keyof L]: Term<L[K]['scope']> } & { readonly [K in E]: Term<'tree'> }

/**
 * What a rule gives back: the update, and every slot's next value, of its scope or a narrower one.
 *
 * @category Rules
 */
export type RuleResult<L extends SlotSpecs> = {
  /** What takes the place of `g`. */
  readonly update: Term<Scope>
} & {
  readonly [K in keyof L]: TermUpTo<L[K]['scope']>
}

/**
 * The state of a rule: its slots, and the count if its scalars depend on the clock.
 *
 * @category Rules
 */
export type RuleState<L extends SlotSpecs, H extends Scalars> = (H extends (clock: Clock) => unknown
  ? {
      /** Updates made. */
      readonly count: number
    }
  : unknown) & {
  readonly [K in keyof L]: L[K]['scope'] extends 'tree' ? TreeValue : Params
}

/**
 * A rule, declared.
 *
 * @category Rules
 */
export interface RuleSpec<L extends SlotSpecs, H extends Scalars, E extends string = never> {
  /** The state that is kept per element, leaf or tree; `update`, `g`, `p` and `count` are taken. */
  readonly slots: L
  /** The hyperparameters. */
  readonly scalars: H
  /** The names of the extra arguments of `update` that the rule reads, numbers or scalar tensors. Default: none. */
  readonly extraArgs?: readonly E[]
  /** The update rule. Called once: it builds a term. */
  readonly step: (
    inputs: RuleInputs<L, E>,
    scalars: { readonly [K in keyof ScalarsOf<H>]: Term<'host'> },
  ) => RuleResult<L>
}

// constructors

const checkedScalar = (name: string, value: unknown): number => {
  if (typeof value === 'number') return value
  throw new GradpipeError('InvalidArgument', `fromRule.scalars.${name}`, 'a number', String(value))
}

const reserved = ['update', 'g', 'p', 'count', '']

/**
 * Makes a transformation of a rule.
 *
 * The rule is data: the transformation runs on numbers, typed arrays and tensors, and fuses with its neighbours
 * in a chain. Scalars are passed at run time, so that one compiled rule serves every hyperparameter; a subterm of
 * scalars and constants alone is computed on the host in float64.
 *
 * An extra argument that is given as a number is one more scalar; a tensor is read where it is, by the kernel.
 *
 * Throws `InvalidArgument` for a name that is taken, and for a scalar that is not a number.
 *
 * @category Rules
 * @example
 * ```ts
 * import { constant, fromRule, mix, zeros } from 'gradpipe'
 *
 * const rmsprop = fromRule({
 *   slots: { nu: zeros },
 *   scalars: ({ t }) => ({ b: 0.9, eps: 1e-8, lr: 0.1, t }),
 *   step: ({ g, nu }, { b, eps, lr, t }) => {
 *     const next = mix(b, nu, g.square())
 *     const corrected = next.div(constant(1).sub(b.pow(t)))
 *     return { update: g.div(corrected.sqrt().add(eps)).mul(lr).neg(), nu: next }
 *   },
 * })
 * const [update, state] = rmsprop.update(-3, rmsprop.init(1))
 * assert.ok(Math.abs(update - 0.1) < 1e-9)
 * assert.equal(state.count, 1)
 * ```
 */
export const fromRule = <const L extends SlotSpecs, H extends Scalars, const E extends string = never>(
  spec: RuleSpec<L, H, E>,
): GradientTransformation<RuleState<L, H>, RuleExtraArgs<E>> => {
  type S = RuleState<L, H>
  const { scalars, extraArgs = [] } = spec
  const timed = typeof scalars === 'function'
  const scalarsAt = (count: number): Readonly<Record<string, number>> =>
    typeof scalars === 'function' ? scalars({ count, t: count + 1 }) : scalars
  const names = Object.keys(scalarsAt(0))
  const valuesAt = (count: number): readonly number[] => {
    const values = scalarsAt(count)
    return names.map((name) => checkedScalar(name, values[name]))
  }
  valuesAt(0)
  checkNames('slots', Object.keys(spec.slots), reserved)
  checkNames('extraArgs', extraArgs, [...reserved, ...Object.keys(spec.slots), ...names])
  const rule = ruleOf(spec, names)
  const program = programOf(rule, names, extraArgs)

  const step = (
    { numbers, tensors }: Given,
    count: number,
    next: number,
    slots: readonly Params[],
  ): Step<S> => ({
    program:
      numbers.size === 0
        ? program
        : programOf(withNumbers(rule, numbers), [...names, ...numbers.keys()], [...tensors.keys()]),
    scalars: [...valuesAt(count), ...numbers.values()],
    slots,
    inputs: [...tensors.values()],
    finish: (after) => {
      const state: Record<string, unknown> = timed ? { count: next } : {}
      for (let i = 0; i < after.length; i++) state[program.slots[i]?.name ?? ''] = after[i]
      // RuleState is what was spelled out
      return state as S
    },
  })
  return fromRuled({
    begin: () => ({ ...step(nothingGiven, 0, 0, []), program }),
    resume: (state, at, given) => {
      const field = (name: string): unknown => {
        if (typeof state === 'object' && state !== null && Object.hasOwn(state, name))
          return state[name as keyof S]
        throw new GradpipeError('TreeMismatch', `${at}.${name}`, `the rule's state`, 'nothing')
      }
      const count = timed ? field('count') : 0
      if (typeof count !== 'number')
        throw new GradpipeError('InvalidLeaf', `${at}.count`, 'a number', typeof count)
      // whether each is a tree like the parameters is found out when it is laid beside them
      const slots = program.slots.map(({ name }) => field(name) as Params)
      return step(readExtraArgs(extraArgs, given), count, count + 1, slots)
    },
  })
}

const checkNames = (kind: string, names: readonly string[], taken: readonly string[]): void => {
  for (const name of names)
    if (taken.includes(name))
      throw new GradpipeError('InvalidArgument', `fromRule.${kind}`, 'another name', name)
}

// extra arguments

/** A rule's extra arguments as they were given. */
interface Given {
  /** Host scalars of this step. */
  readonly numbers: ReadonlyMap<string, number>
  /** Read by the kernel, where they are. */
  readonly tensors: ReadonlyMap<string, TensorLike>
}

const nothingGiven: Given = { numbers: new Map(), tensors: new Map() }

const readExtraArgs = (names: readonly string[], given: ExtraArgs): Given => {
  if (names.length === 0) return nothingGiven
  const numbers = new Map<string, number>()
  const tensors = new Map<string, TensorLike>()
  for (const name of names) {
    const value = given[name]
    if (typeof value === 'number') numbers.set(name, value)
    else if (isTensorLike(value)) tensors.set(name, value)
    else
      throw new GradpipeError(
        value === undefined ? 'MissingArgument' : 'InvalidArgument',
        `extraArgs.${name}`,
        'a number or a scalar tensor',
        value === undefined ? 'nothing' : typeof value,
      )
  }
  return { numbers, tensors }
}

const withNumbers = (rule: Rule, numbers: ReadonlyMap<string, number>): Rule =>
  makeRule(
    rewriteRule((node) => (node._tag === 'Slot' && numbers.has(node.name) ? Scalar(node.name) : node))(rule),
  )

// programs

/** Equal rules with the same scalars and inputs are the same program. */
const programOf = (rule: Rule, scalars: readonly string[], inputs: readonly string[]): Program =>
  named(rule, JSON.stringify([scalars, inputs]))

const named = rememberNamed((rule: Rule, names): Program => {
  // what programOf has printed
  const [scalars, inputs] = JSON.parse(names) as readonly [readonly string[], readonly string[]]
  return {
    rule: () => rule,
    scalars,
    slots: Object.entries(rule.slots).map(([name, { scope }]) => ({ name, scope })),
    inputs,
  }
})

const ruleOf = <L extends SlotSpecs, H extends Scalars, E extends string>(
  spec: RuleSpec<L, H, E>,
  scalars: readonly string[],
): Rule => {
  const slotTerms = Object.entries(spec.slots).map(([name, { scope }]) => [
    name,
    new Term(Slot(name, scope), scope),
  ])
  const extraTerms = (spec.extraArgs ?? []).map((name) => [name, new Term(Slot(name, 'tree'), 'tree')])
  const inputs = {
    ...Object.fromEntries([...slotTerms, ...extraTerms]),
    g: new Term(Gradient, 'element'),
    p: parameter,
  }
  const terms = Object.fromEntries(scalars.map((name) => [name, new Term(Scalar(name), 'host')]))
  // both records have exactly the entries that their mapped types name
  const result = spec.step(
    inputs as RuleInputs<L, E>,
    terms as { readonly [K in keyof ScalarsOf<H>]: Term<'host'> },
  )
  const returned = new Map<string, Term<Scope>>(Object.entries(result))
  const exprOf = (name: string): Expr => {
    const term = returned.get(name)
    if (term === undefined)
      throw new GradpipeError('InvalidArgument', 'fromRule.step', `a next value of ${name}`, 'nothing')
    return term.expr
  }
  return makeRule({
    slots: spec.slots,
    next: Object.fromEntries(Object.keys(spec.slots).map((name) => [name, exprOf(name)])),
    update: exprOf('update'),
  })
}
