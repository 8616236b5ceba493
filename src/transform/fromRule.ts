/** fromRule: a transformation from one rule, written as an expression. */
import { GradpipeError } from '../error.js'
import { type Expr, Gradient, Scalar, Slot } from '../rule/expr.js'
import type { Params } from '../rule/leaf.js'
import { makeRule, type Rule } from '../rule/rule.js'
import type { Scope, UpTo } from '../rule/scope.js'
import { parameter, type SlotSpec } from '../rule/slot.js'
import { Term } from '../rule/term.js'
import { fromRuled } from './ruled.js'
import type { GradientTransformation, Step, TreeValue } from './transformation.js'

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
 * What a rule reads: the incoming update `g`, the parameter `p`, and its slots.
 *
 * @category Rules
 */
export type RuleInputs<L extends SlotSpecs> = {
  /** The incoming update: the gradient, or what the chain has made of it. */
  readonly g: Term<'element'>
  /** The parameter. */
  readonly p: Term<'element'>
} & { readonly [K in keyof L]: Term<L[K]['scope']> }

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
export interface RuleSpec<L extends SlotSpecs, H extends Scalars> {
  /** The state that is kept per element, leaf or tree; `update`, `g`, `p` and `count` are taken. */
  readonly slots: L
  /** The hyperparameters. */
  readonly scalars: H
  /** The update rule. Called once: it builds a term. */
  readonly step: (
    inputs: RuleInputs<L>,
    scalars: { readonly [K in keyof ScalarsOf<H>]: Term<'host'> },
  ) => RuleResult<L>
}

// constructors

const checkedScalars = (values: Readonly<Record<string, number>>): Readonly<Record<string, number>> => {
  for (const [name, value] of Object.entries<unknown>(values))
    if (typeof value !== 'number')
      throw new GradpipeError('InvalidArgument', `fromRule.scalars.${name}`, 'a number', String(value))
  return values
}

const reserved = ['update', 'g', 'p', 'count', '']

/**
 * Makes a transformation of a rule.
 *
 * The rule is data: the transformation runs on numbers, typed arrays and tensors, and fuses with its neighbours
 * in a chain. Scalars are passed at run time, so that one compiled rule serves every hyperparameter; a subterm of
 * scalars and constants alone is computed on the host in float64.
 *
 * Throws `InvalidArgument` for a slot whose name is taken, and for a scalar that is not a number.
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
export const fromRule = <const L extends SlotSpecs, H extends Scalars>(
  spec: RuleSpec<L, H>,
): GradientTransformation<RuleState<L, H>> => {
  type S = RuleState<L, H>
  for (const name of Object.keys(spec.slots))
    if (reserved.includes(name))
      throw new GradpipeError('InvalidArgument', 'fromRule.slots', 'another name', name)
  const { scalars } = spec
  const timed = typeof scalars === 'function'
  const fixed = typeof scalars === 'function' ? undefined : checkedScalars(scalars)
  const scalarsAt = (count: number): Readonly<Record<string, number>> =>
    typeof scalars === 'function' ? checkedScalars(scalars({ count, t: count + 1 })) : (fixed ?? {})
  const rule = ruleOf(spec, Object.keys(scalarsAt(0)))
  const scopes = Object.fromEntries(Object.entries(spec.slots).map(([name, { scope }]) => [name, scope]))

  const step = (count: number, next: number, slots: Readonly<Record<string, Params>>): Step<S> => ({
    rule: () => rule,
    scalars: scalarsAt(count),
    scopes,
    slots,
    // RuleState is what the two spreads spell out
    finish: (after) => ({ ...(timed ? { count: next } : {}), ...after }) as S,
  })
  return fromRuled<S>({
    begin: () => step(0, 0, {}),
    resume: (state, at) => {
      const fields = new Map<string, unknown>(Object.entries(state ?? {}))
      const field = (name: string): unknown => {
        if (!fields.has(name))
          throw new GradpipeError('TreeMismatch', `${at}.${name}`, `the rule's state`, 'nothing')
        return fields.get(name)
      }
      const count = timed ? field('count') : 0
      if (typeof count !== 'number')
        throw new GradpipeError('InvalidLeaf', `${at}.count`, 'a number', typeof count)
      // whether each is a tree like the parameters is found out when it is laid beside them
      const slots = Object.fromEntries(Object.keys(scopes).map((name) => [name, field(name) as Params]))
      return step(count, count + 1, slots)
    },
  })
}

const ruleOf = <L extends SlotSpecs, H extends Scalars>(
  spec: RuleSpec<L, H>,
  scalars: readonly string[],
): Rule => {
  const slotTerms = Object.entries(spec.slots).map(([name, { scope }]) => [
    name,
    new Term(Slot(name, scope), scope),
  ])
  const inputs = { ...Object.fromEntries(slotTerms), g: new Term(Gradient, 'element'), p: parameter }
  const terms = Object.fromEntries(scalars.map((name) => [name, new Term(Scalar(name), 'host')]))
  // both records have exactly the entries that their mapped types name
  const result = spec.step(
    inputs as RuleInputs<L>,
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
