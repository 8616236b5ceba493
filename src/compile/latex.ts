/**
 * The interpreter that prints a rule as a formula: what the docs show is what runs.
 *
 * Slots are $x_{t-1}$ before the step and $x_t$ after it. A larger subterm that is used more than once gets a
 * line of its own.
 */
import {
  Binary,
  type BinaryOp,
  type Compare,
  type CompareOp,
  Const,
  type Expr,
  type Over,
  Reduce,
  Scalar,
  Unary,
} from '../rule/expr.js'
import { type Algebra, fold, parts, rewrite, subterms } from '../rule/fold.js'
import { withoutReach } from '../rule/ratio.js'
import type { Rule } from '../rule/rule.js'
import { differs, isAxes, rankOf } from '../rule/scope.js'
import { indexed, placeOf, symbolOf } from './symbols.js'

// names

/** What a full name ends with, and where in the state that is; an index into a list is part of the place. */
const placed = (name: string): { readonly last: string; readonly place: string } => {
  const parts = name.split('.')
  const end = parts.length - 1 - [...parts].reverse().findIndex((part) => !/^\d+$/.test(part))
  return { last: parts[end] ?? name, place: parts.filter((_, i) => i !== end).join('.') }
}

/** Symbols by full name; where two full names end alike, each that has one gets its place as an index. */
const distinct = (names: readonly string[]): ReadonlyMap<string, string> =>
  new Map(
    names.map((name) => {
      const { last, place } = placed(name)
      const alike = names.some((other) => other !== name && placed(other).last === last)
      const symbol = symbolOf(last)
      return [name, alike && place !== '' ? `{${symbol}}^{(${placeOf(place)})}` : symbol]
    }),
  )

// printing

/** A printed term and how tightly it binds: 1 sums, 2 products, 3 powers, 4 what needs no parentheses. */
interface Printed {
  readonly text: string
  readonly binding: number
  /** The rows of a case distinction, so that one in its last row can be printed as part of it. */
  readonly rows?: readonly string[]
}

const atom = (text: string): Printed => ({ text, binding: 4 })

const at = (binding: number, { text, binding: own }: Printed): string =>
  own < binding ? `\\left(${text}\\right)` : text

/** A base of a power: in braces if it has a superscript already. */
const base = (x: Printed): string => (x.text.includes('^') && x.binding === 4 ? `{${x.text}}` : at(4, x))

/** A summand: in parentheses if it begins with a minus. */
const positive = (x: Printed): string => (x.text.startsWith('-') ? `\\left(${x.text}\\right)` : at(1, x))

/** A second factor: in parentheses if it begins with a minus. */
const factor = (x: Printed): string => (x.text.startsWith('-') ? `\\left(${x.text}\\right)` : at(2, x))

const cases = (rows: readonly string[]): Printed => ({
  text: `\\begin{cases} ${rows.join(' \\\\ ')} \\end{cases}`,
  binding: 4,
  rows,
})

const chosen = (test: string, x: Printed, y: Printed): Printed =>
  cases([`${x.text} & \\text{if } ${test}`, ...(y.rows ?? [`${y.text} & \\text{otherwise}`])])

const print: Readonly<Record<BinaryOp, (x: Printed, y: Printed) => Printed>> = {
  add: (x, y) => ({ text: `${at(1, x)} + ${positive(y)}`, binding: 1 }),
  sub: (x, y) => ({ text: `${at(1, x)} - ${at(2, y)}`, binding: 1 }),
  mul: (x, y) => ({ text: `${at(2, x)} \\, ${factor(y)}`, binding: 2 }),
  div: (x, y) => ({ text: `\\frac{${x.text}}{${y.text}}`, binding: 3 }),
  pow: (x, y) => ({ text: `${base(x)}^{${y.text}}`, binding: 3 }),
  min: (x, y) => atom(`\\min\\left(${x.text}, ${y.text}\\right)`),
  max: (x, y) => atom(`\\max\\left(${x.text}, ${y.text}\\right)`),
}

const relations: Readonly<Record<CompareOp, string>> = { lt: '<', le: '\\le', eq: '=', ne: '\\ne' }

const numeral = (value: number): string => (value === Math.PI ? '\\pi' : String(value))

/** What stands under a sum: the indices of the axes that it is along, or what it is of. */
const below = (over: Over): string => {
  if (!isAxes(over)) return `\\mathrm{${over}}`
  const indices = differs(over, rankOf(over)).flatMap((differing, axis) =>
    differing ? [] : [letters[axis] ?? `i_{${axis}}`],
  )
  return indices.join('')
}

/** The index along each axis. */
const letters = [...'ijklmn']

/** A factor: a product of matrices is in parentheses beside another matrix, which it is multiplied by element by element. */
const apart = (x: Printed, own: Expr, { scope }: Expr): Printed =>
  own._tag === 'Product' && (scope === 'row' || scope === 'column' || scope === 'element' || isAxes(scope))
    ? { ...x, binding: 1 }
    : x

const algebra = (
  scalars: ReadonlyMap<string, string>,
  slots: ReadonlyMap<string, string>,
): Algebra<Printed, string> => ({
  atom: (node) => {
    switch (node._tag) {
      case 'Const':
        return node.value < 0 ? { text: String(node.value), binding: 1 } : atom(numeral(node.value))
      case 'Scalar':
        return atom(scalars.get(node.name) ?? node.name)
      case 'LeafScalar':
        return atom(`${indexed(scalars.get(node.name) ?? node.name)}_{\\mathrm{leaf}}`)
      case 'Slot':
        return atom(`${indexed(slots.get(node.name) ?? node.name)}_{t-1}`)
      case 'Gradient':
        return atom('g_t')
      case 'Parameter':
        return atom('p_{t-1}')
    }
  },
  unary: (op, x) => {
    switch (op) {
      case 'neg':
        return { text: `-${at(2, x)}`, binding: 2 }
      case 'abs':
        return atom(`\\left|${x.text}\\right|`)
      case 'sqrt':
        return atom(`\\sqrt{${x.text}}`)
      case 'exp':
        return { text: `e^{${x.text}}`, binding: 3 }
      case 'log':
        return atom(`\\ln\\left(${x.text}\\right)`)
      case 'floor':
        return atom(`\\left\\lfloor ${x.text} \\right\\rfloor`)
      case 'tanh':
      case 'sin':
      case 'cos':
        return atom(`\\${op}\\left(${x.text}\\right)`)
      case 'sign':
      case 'round':
      case 'sigmoid':
      case 'erf':
        return atom(`\\operatorname{${op}}\\left(${x.text}\\right)`)
    }
  },
  binary: (op, x, y, { left, right }) =>
    op === 'mul' ? print.mul(apart(x, left, right), apart(y, right, left)) : print[op](x, y),
  compare: (op, x, y) => `${x.text} ${relations[op]} ${y.text}`,
  select: chosen,
  reduce: ({ kind, over }, arg) => {
    if (kind !== 'norm') return atom(`\\${kind}_{${below(over)}} ${at(2, arg())}`)
    return isAxes(over)
      ? atom(`\\sqrt{\\sum_{${below(over)}} ${base(arg())}^2}`)
      : atom(`\\left\\lVert ${arg().text} \\right\\rVert${over === 'tree' ? '_{\\mathrm{tree}}' : ''}`)
  },
  matrices: (node, visit) => {
    if (node._tag === 'Orthogonal')
      return atom(`\\operatorname{orth}\\left(${visit(node.args[0]).text}\\right)`)
    const [a, b, c] = node.args
    return { text: `${at(3, visit(a))} ${base(visit(b))}^\\top ${at(3, visit(c))}`, binding: 2 }
  },
})

/** The x of x·x; `undefined` of anything else. */
const squareOf = (node: Expr): Expr | undefined =>
  node._tag === 'Binary' && node.op === 'mul' && node.left === node.right ? node.left : undefined

const isSize = (node: Expr): boolean => node._tag === 'Reduce' && node.kind === 'sum' && node.arg === Const(1)

/** The y of 1/y; `undefined` of anything else. */
const reciprocalOf = (node: Expr): Expr | undefined =>
  node._tag === 'Binary' && node.op === 'div' && node.left === Const(1) ? node.right : undefined

/** A choice by several conditions, which is a choice in a choice; `undefined` of anything else. */
const joinedChoice = (node: Expr, visit: (node: Expr) => Printed): Printed | undefined => {
  if (node._tag !== 'Select') return undefined
  const shown = ({ op, left, right }: Compare): string =>
    `${visit(left).text} ${relations[op]} ${visit(right).text}`
  let [test, then, otherwise, word] = [shown(node.test), node.then, node.else, '']
  const join = (by: string, next: Compare): void => {
    test = `${word === '' || word === by ? test : `\\left(${test}\\right)`} \\text{ ${by} } ${shown(next)}`
    word = by
  }
  for (;;)
    if (otherwise._tag === 'Select' && otherwise.then === then) {
      join('or', otherwise.test)
      otherwise = otherwise.else
    } else if (then._tag === 'Select' && then.else === otherwise) {
      join('and', then.test)
      then = then.then
    } else return word === '' ? undefined : chosen(test, visit(then), visit(otherwise))
}

/** Customary notation for squares, quotients, choices and means; `undefined` where there is none. */
const customary = (node: Expr, visit: (node: Expr) => Printed): Printed | undefined => {
  const root = squareOf(node)
  if (root !== undefined) return { text: `${base(visit(root))}^2`, binding: 3 }
  const divisor = node._tag === 'Binary' && node.op === 'mul' ? reciprocalOf(node.right) : undefined
  if (divisor !== undefined && node._tag === 'Binary') return print.div(visit(node.left), visit(divisor))
  const choice = joinedChoice(node, visit)
  if (choice !== undefined) return choice
  if (node._tag !== 'Binary' || node.op !== 'div' || node.left._tag !== 'Reduce') return undefined
  const { kind, over, arg } = node.left
  if (kind === 'sum' && isSize(node.right))
    return atom(`\\operatorname{mean}_{${below(over)}}\\left(${visit(arg).text}\\right)`)
  const under = node.right._tag === 'Unary' && node.right.op === 'sqrt' ? node.right.arg : node
  return kind === 'norm' && isSize(under)
    ? visit(Unary('sqrt', Binary('div', Reduce('sum', over, Binary('mul', arg, arg)), under)))
    : undefined
}

// what gets a line of its own

const weight = (node: Expr): number => subterms([node]).length

const sharedTerms = (exprs: readonly Expr[]): readonly Expr[] => {
  const uses = new Map<Expr, number>()
  for (const node of subterms(exprs)) {
    const of = squareOf(node)
    for (const part of of === undefined ? parts(node) : [of]) uses.set(part, (uses.get(part) ?? 0) + 1)
  }
  return subterms(exprs).filter(
    (node) => (uses.get(node) ?? 0) > 1 && weight(node) > 3 && node._tag !== 'Reduce',
  )
}

/** Prints the term of a schedule: a line per shared subterm, and one for the value at the count $t$. */
export const latexOfSchedule = (term: Expr): string =>
  latexOfRule(
    { slots: {}, next: {}, update: rewrite((node) => (node === Scalar('count') ? Scalar('t') : node))(term) },
    'v(t)',
  )

/** Prints a rule: a line per shared subterm, per slot, and for the update, under its name. */
export const latexOfRule = ({ slots: specs, next, update }: Rule, updated = 'u_t'): string => {
  const steps = Object.entries(next).map(([name, expr]) => [name, withoutReach(expr)] as const)
  const last = withoutReach(update)
  const exprs = [...steps.map(([, expr]) => expr), last]
  const all = subterms(exprs)
  const scalars = distinct([
    ...new Set(
      all.flatMap((node) => (node._tag === 'Scalar' || node._tag === 'LeafScalar' ? [node.name] : [])),
    ),
  ])
  const slots = distinct(Object.keys(specs))
  const names = new Map<Expr, string>()
  for (const [name, next] of steps)
    if (parts(next).length > 0 && !names.has(next)) names.set(next, `${indexed(slots.get(name) ?? name)}_t`)
  const own = sharedTerms(exprs).filter((node) => !names.has(node))
  for (const [letter, nodes] of [
    ['c', own.filter(({ scope }) => scope === 'host')],
    ['x', own.filter(({ scope }) => scope !== 'host')],
  ] as const)
    for (const [i, node] of nodes.entries())
      names.set(node, nodes.length === 1 ? letter : `${letter}_${i + 1}`)

  const printed = (except: Expr | null): ((node: Expr) => Printed) => {
    const visit: (node: Expr) => Printed = fold({
      ...algebra(scalars, slots),
      known: (node) => {
        const name = node === except ? undefined : names.get(node)
        return name !== undefined ? atom(name) : customary(node, (part) => visit(part))
      },
    })
    return visit
  }
  const line = (left: string, node: Expr): string => `${left} &= ${printed(node)(node).text}`
  const isNamed = (node: Expr, left: string): boolean => names.has(node) && names.get(node) !== left
  const given = (left: string, node: Expr): string =>
    isNamed(node, left) ? `${left} &= ${names.get(node)}` : line(left, node)

  // in the order in which they are built, so that nothing is used before its line
  const lines = all.filter((node) => names.has(node)).map((node) => line(names.get(node) ?? '', node))
  for (const [name, next] of steps) {
    const left = `${indexed(slots.get(name) ?? name)}_t`
    if (names.get(next) !== left) lines.push(given(left, next))
  }
  lines.push(given(updated, last))
  return `\\begin{aligned}\n${lines.join(' \\\\\n')}\n\\end{aligned}`
}
