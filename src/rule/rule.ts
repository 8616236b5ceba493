/**
 * Rule: what happens to one leaf in one step, as data.
 *
 * Rules compose by substitution: the update of the first stands where the second has the gradient. Composition
 * is associative with `identityRule` as its neutral element, and so a chain of rules is one rule.
 */
import { Binary, Const, type Expr, Gradient, LeafScalar, Parameter, Reduce, Scalar, Slot } from './expr.js'
import { rewrite, subterms } from './fold.js'
import { interner, remember, rememberNamed } from './intern.js'
import type { Extent } from './scope.js'

// model

/** A slot of a leaf: how far it reaches, and its first value, a constant or a term of the parameter. */
export interface RuleSlot {
  readonly scope: Extent
  readonly start: Expr
}

/** What happens to one leaf: the update, and each slot's next value. */
export interface Rule {
  /** The slots that the leaf has, by name. */
  readonly slots: Readonly<Record<string, RuleSlot>>
  /** Each slot's next value. */
  readonly next: Readonly<Record<string, Expr>>
  /** What takes the gradient's place. */
  readonly update: Expr
  /**
   * The parameter after a step, where it is not the sum of parameter and update, whose rounding it must not depend on.
   * A rule that comes after has the update alone.
   */
  readonly parameter?: Expr
}

// constructors

/** Leaves the gradient as it is. */
export const identityRule: Rule = { slots: {}, next: {}, update: Gradient }

/** Puts zero in the gradient's place. */
export const zeroRule: Rule = { slots: {}, next: {}, update: /* @__PURE__ */ Const(0) }

// combinators

const mapValues = <A, B>(
  record: Readonly<Record<string, A>>,
  f: (value: A) => B,
  rename: (key: string) => string = (key) => key,
): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [rename(key), f(value)]))

const composedWith = remember((first: Rule) =>
  remember((second: Rule): Rule => {
    const substitute = rewrite((node) => (node === Gradient ? first.update : node))
    return {
      slots: { ...first.slots, ...second.slots },
      next: { ...first.next, ...mapValues(second.next, substitute) },
      update: substitute(second.update),
    }
  }),
)

/** One rule that does the first and then the second; their slots must have different names. */
export const compose = (first: Rule, second: Rule): Rule =>
  first === identityRule ? second : second === identityRule ? first : composedWith(first)(second)

/** A reduction with another site, where it has one. */
const atSite =
  (rename: (name: string) => string) =>
  ({ kind, over, site }: Reduce, arg: Expr): Expr =>
    Reduce(kind, over, arg, over === 'tree' ? rename(site) : site)

/** The same rule with its atoms replaced, its slots and sites renamed, or with other reductions or terms of matrices. */
export const rewriteRule = (
  replace: (atom: Expr) => Expr,
  rename: (name: string) => string = (name) => name,
  reduced: (node: Reduce, arg: Expr) => Expr = atSite(rename),
  matrices?: Parameters<typeof rewrite>[2],
): ((rule: Rule) => Rule) => {
  const rewritten = rewrite(replace, reduced, matrices)
  return ({ slots, next, update }) => ({
    slots: mapValues(slots, (slot) => slot, rename),
    next: mapValues(next, rewritten, rename),
    update: rewritten(update),
  })
}

const renamed = rememberNamed((rule: Rule, prefix): Rule => {
  const rename = (name: string): string => `${prefix}.${name}`
  return rewriteRule(
    (node) =>
      node._tag === 'Slot'
        ? Slot(rename(node.name), node.scope)
        : node._tag === 'Scalar'
          ? Scalar(rename(node.name))
          : node._tag === 'LeafScalar'
            ? LeafScalar(rename(node.name), node.of)
            : node,
    rename,
  )(rule)
})

/** The same rule with its slots, scalars and reductions named `prefix.name`, apart from other rules'. */
export const within = (prefix: string, rule: Rule): Rule =>
  rule === identityRule ? rule : renamed(rule, prefix)

const rules = interner<Rule>()

const keyOf = ({ slots, next, update }: Rule): string =>
  [
    ...Object.entries(slots).map(
      ([name, { scope, start }]) => `${scope} ${start.id} ${next[name]?.id} ${name}`,
    ),
    update.id,
  ].join('\n')

/**
 * A rule of a transformation: its reductions over the tree are named by their order, the same in every process, and
 * equal rules are the same object.
 */
export const makeRule = (rule: Rule): Rule => {
  const sites = new Map<string, string>()
  for (const node of subterms([...Object.values(rule.next), rule.update]))
    if (node._tag === 'Reduce' && node.over === 'tree' && !sites.has(node.site))
      sites.set(node.site, `${node.kind}${sites.size}`)
  const byOrder = atSite((site) => sites.get(site) ?? site)
  const named = rewriteRule((atom) => atom, undefined, byOrder)(rule)
  return rules(keyOf(named), () => named)
}

// what interpreters are given

/** A term to compute for a leaf, and how far the result reaches. */
export interface Output {
  /** The term; its scope is `scope` or narrower. */
  readonly expr: Expr
  /**
   * `element`: shaped like the leaf; `leaf`: one number; `tree`: one number for all leaves; of axes: one number for each
   * index of these, in a shape without the other axes.
   */
  readonly scope: Extent
}

/** Terms to compute for a leaf, by name: the slots' names, and {@link UPDATE}. */
export type Outputs = Readonly<Record<string, Output>>

/** The name of the update, or of the parameter after the step, among the outputs; no slot has it. */
export const UPDATE = ''

/** The terms of some outputs. */
export const exprsOf = (outputs: Outputs): readonly Expr[] => Object.values(outputs).map(({ expr }) => expr)

/** Whether a term is what an output replaces: its slot, or the parameter. */
export const isReplaced = (name: string, expr: Expr): boolean =>
  (expr._tag === 'Slot' && expr.name === name) || (expr._tag === 'Parameter' && name === UPDATE)

const nextOutputs = (rule: Rule, update: Expr): Outputs => ({
  ...Object.fromEntries(
    Object.entries(rule.slots).map(([name, { scope }]) => [
      name,
      { expr: rule.next[name] ?? Slot(name, scope), scope },
    ]),
  ),
  [UPDATE]: { expr: update, scope: 'element' },
})

/** The slots' first values. */
export const startOutputs: (rule: Rule) => Outputs = remember((rule: Rule) =>
  mapValues(rule.slots, ({ start, scope }) => ({ expr: start, scope })),
)

/** The update, and the slots' next values. */
export const updateOutputs: (rule: Rule) => Outputs = remember((rule: Rule) => nextOutputs(rule, rule.update))

/** The parameter after the step, and the slots' next values; a constant zero update leaves the parameter alone. */
export const stepOutputs: (rule: Rule) => Outputs = remember((rule: Rule) =>
  nextOutputs(
    rule,
    rule.parameter ?? (rule.update === Const(0) ? Parameter : Binary('add', Parameter, rule.update)),
  ),
)
