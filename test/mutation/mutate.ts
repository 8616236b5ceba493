/**
 * Mutants: rules with one fault each, made from their terms.
 *
 * Terms are interned, so a fault is a term and what stands in its place: it is the same fault in every
 * configuration of a transformation in which the term occurs.
 */

import {
  Binary,
  type BinaryOp,
  Compare,
  Const,
  type Expr,
  Gradient,
  Orthogonal,
  Product,
  Reduce,
  Select,
  Slot,
  Unary,
} from '../../src/rule/expr.js'
import { fold, rebuilt, subterms } from '../../src/rule/fold.js'
import { withoutReach } from '../../src/rule/ratio.js'
import type { Rule } from '../../src/rule/rule.js'
import { type Axes, isAxes } from '../../src/rule/scope.js'
import { show, signs } from './show.js'

// model

/** A fault. */
export interface Mutant {
  /** What was done, and where. */
  readonly name: string
  /** The rule with the fault; the same rule where it has no place in it. */
  readonly apply: (rule: Rule) => Rule
}

// faults of terms

const readsLeaf = (node: Expr): boolean => subterms([node]).some(({ _tag }) => _tag === 'LeafScalar')

/** Whether a term is the one with the fault: what reads a function of the leaf has another one each time that it is made. */
const isSame = (target: Expr): ((node: Expr) => boolean) =>
  readsLeaf(target)
    ? (node) => node === target || (readsLeaf(node) && show(node) === show(target))
    : (node) => node === target

const replaceIn = (target: Expr, replacement: Expr): ((expr: Expr) => Expr) => {
  const isTarget = isSame(target)
  return fold<Expr, ReturnType<typeof Compare>>({
    known: (node) => (isTarget(node) ? replacement : undefined),
    atom: (node) => node,
    unary: Unary,
    binary: Binary,
    compare: Compare,
    select: Select,
    reduce: (node, arg) => Reduce(node.kind, node.over, arg(), node.site),
    matrices: rebuilt,
  })
}

const mapValues = <A, B>(record: Readonly<Record<string, A>>, f: (a: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]))

const inTerms = (target: Expr, replacement: Expr): Mutant['apply'] => {
  const replace = replaceIn(target, replacement)
  return ({ parameter, ...rule }) => ({
    slots: rule.slots,
    next: mapValues(rule.next, replace),
    update: replace(rule.update),
    ...(parameter && { parameter: replace(parameter) }),
  })
}

const swapped: Readonly<Record<BinaryOp, BinaryOp>> = {
  add: 'sub',
  sub: 'add',
  mul: 'div',
  div: 'mul',
  pow: 'mul',
  min: 'max',
  max: 'min',
}

type Fault = readonly [what: string, replacement: Expr]

type Root = Extract<Expr, { readonly _tag: 'Unary' }>

const isRoot = (node: Expr): node is Root => node._tag === 'Unary' && node.op === 'sqrt'

const otherAxes = (axes: Axes): Axes =>
  `axes ${axes.slice('axes '.length).replace(/./g, (digit) => (digit === '1' ? '0' : '1'))}`

const faultsOf = (node: Expr): readonly Fault[] => {
  switch (node._tag) {
    case 'Const':
      return [[`${node.value + 1} for ${node.value}`, Const(node.value + 1)]]
    case 'Scalar':
      return /(^|\.)t$/.test(node.name)
        ? [['count for t', Binary('sub', node, Const(1))]]
        : [[`twice ${show(node)}`, Binary('mul', Const(2), node)]]
    case 'LeafScalar':
      return [[`twice ${show(node)}`, Binary('mul', Const(2), node)]]
    case 'Slot':
      return [[`no ${show(node)}`, Const(0)]]
    case 'Gradient':
      return [['|g| for g', Unary('abs', Gradient)]]
    case 'Parameter':
      return [['g for p', Gradient]]
    case 'Unary':
      return [
        [`without ${node.op}`, node.arg],
        ...(isRoot(node) &&
        node.arg._tag === 'Binary' &&
        node.arg.op === 'add' &&
        node.arg.right.scope === 'host'
          ? [
              [
                `${show(node.arg.right)} out of the root`,
                Binary('add', Unary('sqrt', node.arg.left), node.arg.right),
              ] as const,
            ]
          : []),
      ]
    case 'Binary': {
      const { op, left, right } = node
      const sign = signs[op].trim()
      return [
        [`${signs[swapped[op]].trim()} for ${sign}`, Binary(swapped[op], left, right)],
        [`without the right of ${sign}`, left],
        [`without the left of ${sign}`, right],
        ...(op === 'sub' || op === 'div' || op === 'pow'
          ? [[`${sign} the other way round`, Binary(op, right, left)] as const]
          : []),
        ...(op === 'add' && isRoot(left) && right.scope === 'host'
          ? [[`${show(right)} into the root`, Unary('sqrt', Binary('add', left.arg, right))] as const]
          : []),
      ]
    }
    case 'Select': {
      const { test, then, else: otherwise } = node
      const { op, left, right } = test
      const other = op === 'lt' ? 'le' : op === 'le' ? 'lt' : op === 'eq' ? 'ne' : 'eq'
      return [
        ['branches swapped', Select(test, otherwise, then)],
        ['always the first branch', then],
        ['always the second branch', otherwise],
        [`${other} for ${op}`, Select(Compare(other, left, right), then, otherwise)],
        ...(op === 'lt' || op === 'le'
          ? [[`${op} the other way round`, Select(Compare(op, right, left), then, otherwise)] as const]
          : []),
      ]
    }
    case 'Reduce':
      return [
        [
          `${node.kind === 'sum' ? 'max' : 'sum'} for ${node.kind}`,
          Reduce(node.kind === 'sum' ? 'max' : 'sum', node.over, node.arg, node.site),
        ],
        [
          `over the ${node.over === 'leaf' ? 'tree' : 'leaf'}`,
          node.over === 'leaf'
            ? Reduce(node.kind, 'tree', node.arg, `mutant ${node.id}`)
            : Reduce(node.kind, 'leaf', node.arg),
        ],
        ...(isAxes(node.over)
          ? [['along the other axes', Reduce(node.kind, otherAxes(node.over), node.arg)] as const]
          : []),
      ]
    case 'Orthogonal': {
      const { by, view } = node
      const [arg, eps] = node.args
      const less = { ...by, coefficients: by.coefficients.slice(1) }
      const other = { ...by, preconditioning: by.preconditioning === 'aol' ? 'schatten' : 'aol' } as const
      return [
        ['not orthogonal', arg],
        ['an iteration less', Orthogonal(less, view, arg, eps)],
        [`${other.preconditioning} for ${by.preconditioning}`, Orthogonal(other, view, arg, eps)],
      ]
    }
    case 'Product': {
      const { view } = node
      const [a, b, c] = node.args
      return [
        ['without the product', a],
        ['the first two exchanged', Product(view, b, a, c)],
        ['the last two exchanged', Product(view, a, c, b)],
        // as if each were transposed where it is not, and not where it is
        ['the first and the last exchanged', Product(view, c, b, a)],
      ]
    }
  }
}

// faults of slots

const slotFaults = (rule: Rule): readonly Mutant[] =>
  Object.entries(rule.slots).flatMap(([name, spec]): readonly Mutant[] => {
    const own = name.slice(name.lastIndexOf('.') + 1)
    const next = rule.next[name]
    const old = Slot(name, spec.scope)
    const has = ({ slots }: Rule): boolean => slots[name] !== undefined
    return [
      {
        name: `${own} never changes`,
        apply: (r) => (has(r) ? { ...r, next: { ...r.next, [name]: old } } : r),
      },
      ...(next === undefined
        ? []
        : [
            {
              name: `the update takes ${own} of the step before`,
              apply: (r: Rule): Rule => ({ ...r, update: replaceIn(next, old)(r.update) }),
            },
          ]),
      {
        name: `${own} starts 1 higher`,
        apply: (r) =>
          has(r)
            ? {
                ...r,
                slots: {
                  ...r.slots,
                  [name]: {
                    scope: spec.scope,
                    start: Binary('add', r.slots[name]?.start ?? Const(0), Const(1)),
                  },
                },
              }
            : r,
      },
    ]
  })

// all

const keyOf = ({ slots, next, update }: Rule): string =>
  JSON.stringify([
    Object.entries(slots).map(([name, { start }]) => [name, start.id]),
    Object.entries(next).map(([name, { id }]) => [name, id]),
    update.id,
  ])

/** A rule as people write it: a fault of what only keeps quotients within the numbers shows near their ends alone. */
const written = ({ slots, next, update, parameter }: Rule): Rule => ({
  slots,
  next: mapValues(next, withoutReach),
  update: withoutReach(update),
  ...(parameter && { parameter: withoutReach(parameter) }),
})

/** Whether a fault has no place in a rule. */
export const isUntouched = (mutant: Mutant, rule: Rule): boolean =>
  keyOf(mutant.apply(rule)) === keyOf(written(rule))

/** Every fault that some rules can have, each once. */
export const mutantsOf = (rules: readonly Rule[]): readonly Mutant[] => {
  const found = new Map<string, Mutant>()
  for (const rule of rules.map(written)) {
    const nodes = subterms([...Object.values(rule.next), rule.update])
    const all = [
      ...nodes.flatMap((node) =>
        faultsOf(node).map(([what, replacement]) => ({
          name: `${what}${'arg' in node || 'args' in node || 'left' in node || 'test' in node ? `, in ${show(node)}` : ''}`,
          apply: inTerms(node, replacement),
        })),
      ),
      ...slotFaults(rule),
    ]
    for (const { name, apply } of all) {
      const key = keyOf(apply(rule))
      if (key !== keyOf(rule) && !found.has(key))
        found.set(key, { name, apply: (other) => apply(written(other)) })
    }
  }
  // a fault that several rules can have is found in each of them
  const byName = new Map<string, Mutant>()
  for (const mutant of found.values()) if (!byName.has(mutant.name)) byName.set(mutant.name, mutant)
  return [...byName.values()]
}
