/**
 * Taken out: what is constant along an axis is taken out of a norm along it.
 *
 * With u = x·a·b, of which b has one value for each column, ‖u‖ is the norm of b·rms(x·a), the root mean squares being those of
 * the columns: what differs along one axis alone counts for all that has it. So the elements need not be gone through once
 * more after b is known, which may be made of sums of theirs: Adafactor's update can be clipped to a length that nobody has
 * measured. A number that is the same for all, as the mean under Adafactor's root, is taken out too, so that what is left is
 * known row by row.
 *
 * This is done to terms when a step is planned, and not to rules: what they print is what their author wrote. It is done to all
 * that computes steps, so that all have the same bits; and only where it saves a pass over memory. It is done here, for every
 * chain, and not in Adafactor, whose clip is a rule of its own, and comes after any other.
 *
 * A norm stays right wherever it is a number, with one exception: where the root mean squares of x·a are beyond the
 * numbers, or nearly zero, although b brings all elements back. Where it is none it is none, infinite or NaN, as before; but
 * an infinite b makes it infinite although x·a is zero somewhere, where it was NaN.
 * Sums are left as they are: of whole numbers they are exact, and their means are not.
 */
import { Binary, Compare, Const, type Expr, isMatrixTerm, Reduce, Select, Unary } from './expr.js'
import { parts, rewrite, subterms } from './fold.js'
import { remember } from './intern.js'
import { plan } from './plan.js'
import type { Outputs } from './rule.js'
import { type Axes, along, differs, type Extent, isAxes, rankOf, widest } from './scope.js'
import { passesOver, rowsOf } from './traversals.js'

/** A factor, or what is divided by. */
interface Factor {
  readonly of: Expr
  readonly isBelow: boolean
}

/** A term as a product: of what is left of it, if anything, and of what is constant along some axes. */
interface Product {
  readonly inner: Expr | null
  readonly outer: readonly Factor[]
  /** Terms that are NaN where the term is, and the product might not be. */
  readonly checks: readonly Expr[]
}

const times = (x: Expr, { of, isBelow }: Factor): Expr => Binary(isBelow ? 'div' : 'mul', x, of)

/** What of a rank has one value for each index of the axes that two extents have in common. */
const common = (a: Axes, b: Axes): Extent => {
  const [left, right] = [differs(a, rankOf(a)), differs(b, rankOf(b))]
  return along(
    left.flatMap((own, axis) => (own && right[axis] ? [axis] : [])),
    left.length,
  )
}

/** A root of a product is that of its sizes, where it is not negative. */
const rootOf = (node: Expr, { inner, outer, checks }: Product, within: Axes): Product => {
  const isConstant = outer.every(({ of }) => of.scope === 'host')
  // whether one of elements is negative would have to be looked for
  if (inner === null || isConstant || !isAxes(inner.scope)) return { inner: node, outer: [], checks: [] }
  const over = common(inner.scope, within) as Reduce['over'] // fewer axes than the leaf has
  const greatest = Reduce('max', over, inner)
  const least = Unary('neg', Reduce('max', over, Unary('neg', inner)))
  const [most, fewest] = [greatest, least].map((x) => Unary('sqrt', Unary('sign', outer.reduce(times, x))))
  const size = (x: Expr): Expr => Unary('sqrt', Unary('abs', x))
  return {
    inner: size(inner),
    outer: outer.map(({ of, isBelow }) => ({ of: size(of), isBelow })),
    checks: [...checks, ...(most && fewest ? [Binary('add', most, fewest)] : [])],
  }
}

/** Terms as products, of which the outer factors have at most one value for each index of some axes. */
const productOf = (within: Axes): ((node: Expr) => Product) => {
  const visit = (node: Expr): Product => {
    if (widest([within, node.scope]) === within)
      return { inner: null, outer: node === Const(1) ? [] : [{ of: node, isBelow: false }], checks: [] }
    if (node._tag === 'Unary' && node.op === 'sqrt') return rootOf(node, visit(node.arg), within)
    if (node._tag !== 'Binary' || (node.op !== 'mul' && node.op !== 'div'))
      return { inner: node, outer: [], checks: [] }
    const [x, y] = [visit(node.left), visit(node.right)]
    const isBelow = node.op === 'div'
    return {
      inner:
        y.inner === null
          ? x.inner
          : x.inner === null && !isBelow
            ? y.inner
            : Binary(node.op, x.inner ?? Const(1), y.inner),
      outer: [...x.outer, ...y.outer.map((each) => ({ ...each, isBelow: each.isBelow !== isBelow }))],
      checks: [...x.checks, ...y.checks],
    }
  }
  return visit
}

/** A norm of elements, as that of the root mean squares along some axes. */
const normWithin = (node: Reduce, within: Axes): Expr => {
  const { inner, outer, checks } = productOf(within)(node.arg)
  const squares = Reduce('norm', within, inner ?? Const(1))
  const mean = Binary('div', squares, Unary('sqrt', Reduce('sum', within, Const(1))))
  const checked = (x: Expr, check: Expr): Expr => Select(Compare('eq', check, check), x, check)
  return Reduce(node.kind, node.over, checks.reduce(checked, outer.reduce(times, mean)), node.site)
}

/** How many traversals are complete before a term is known: of what a row is reduced to, a half is left when it was read. */
const traversalsBefore = (rows: Extent): ((node: Expr) => number) => {
  const visit: (node: Expr) => number = remember((node: Expr): number => {
    const before = Math.max(0, ...parts(node).map(visit))
    if (isMatrixTerm(node)) return Math.ceil(before)
    if (node._tag !== 'Reduce') return before
    if (node.arg.scope !== 'element') return Math.ceil(before)
    return Math.floor(before) + (node.over === rows ? 0.5 : 1)
  })
  return visit
}

/** The same outputs, whose norms have factors taken out where this saves a pass over memory. */
export const takenOut: (outputs: Outputs) => Outputs = remember((outputs: Outputs): Outputs => {
  const rows = rowsOf(outputs)
  if (rows === null) return outputs
  const before = traversalsBefore(rows)
  const sooner = (a: Expr, b: Expr): Expr => (before(b) < before(a) ? b : a)
  const rewritten = rewrite(
    (node) => node,
    ({ kind, over, site }, arg) => {
      const node = Reduce(kind, over, arg, site)
      if (kind !== 'norm' || arg.scope !== 'element') return node
      const extents = subterms([arg]).flatMap(({ scope }) => (isAxes(scope) ? [widest([over, scope])] : []))
      return [...new Set(extents)]
        .filter(isAxes)
        .map((within) => normWithin(node, within))
        .reduce(sooner, node)
    },
  )
  const own = Object.fromEntries(
    Object.entries(outputs).map(([name, { expr, scope }]) => [name, { expr: rewritten(expr), scope }]),
  )
  const passes = (of: Outputs): number =>
    [...plan([of]).leaves.values()].reduce((sum, leaf) => sum + passesOver(leaf), 0)
  return passes(own) < passes(outputs) ? own : outputs
})
