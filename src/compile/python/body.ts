/**
 * A function's body: terms as statements of Python, with a name for each subterm that is used again.
 *
 * No line is longer than black allows, so that none must be broken: what is too long for one expression gets a name.
 */
import { type Compare, type Expr, isMatrixTerm, type MatrixTerm, type Reduce } from '../../rule/expr.js'
import { parts } from '../../rule/fold.js'
import { differs, isAxes, rankOf } from '../../rule/scope.js'
import { keptAlong, type LeafLibrary, type Library } from './library.js'
import type { Names } from './names.js'
import { atom, comparison, negated, numberText, operation, type Printed } from './text.js'

/** How long an expression may be, so that with its name and indentation it fits on a line. */
const WIDTH = 60

/** What a body is printed with. */
export interface Writing {
  readonly library: Library
  readonly names: Names
  /** How a term is written that needs no statement: what the function is given, and constants. */
  readonly known: (expr: Expr) => Printed | undefined
  /** What the values of some terms are called. */
  readonly called?: ReadonlyMap<Expr, string>
  /** What only leaves have. */
  readonly ofLeaf?: OfLeaf
}

/** How terms are written that only leaves have. */
export interface OfLeaf {
  readonly library: LeafLibrary
  /** How many elements the leaf has, or lie along some of its axes. */
  readonly size: (axes?: readonly number[]) => string
  /** The function of the module that makes a term of matrices. */
  readonly maker: (node: MatrixTerm) => string
}

/** Some terms' statements. */
export interface Body {
  /** Statements, without indentation. */
  readonly lines: readonly string[]
  /** A term's value, after them. */
  readonly value: (expr: Expr) => Printed
}

/** The terms that are used more than once; what is known is not looked into. */
const sharedOf = (exprs: readonly Expr[], known: Writing['known']): ReadonlySet<Expr> => {
  const seen = new Set<Expr>()
  const shared = new Set<Expr>()
  const visit = (node: Expr): void => {
    if (seen.has(node)) {
      shared.add(node)
      return
    }
    seen.add(node)
    if (known(node) === undefined) parts(node).forEach(visit)
  }
  exprs.forEach(visit)
  return shared
}

/** How long what could get a name is; what has one is not. */
const lengthOf = ({ text, binding }: Printed): number =>
  binding === 5 && !text.includes('(') ? 0 : text.length

/** Whether an expression is a name already. */
const isName = ({ text }: Printed): boolean => /^[a-z_]\w*$/.test(text)

const argumentOf = ({ text, argument = text }: Printed): string => argument

/** The statements of some terms. */
export const bodyOf = (
  exprs: readonly Expr[],
  { library, names, known, called = new Map(), ofLeaf }: Writing,
): Body => {
  const lines: string[] = []
  const shared = sharedOf(exprs, known)
  const named = (printed: Printed, name: string): Printed => {
    lines.push(`${name} = ${printed.text}`)
    return atom(name)
  }
  /** An expression of others, of which the longest get names until it is short enough. */
  const compose = <const T extends readonly Printed[]>(
    given: T,
    make: (of: { readonly [K in keyof T]: Printed }) => Printed,
  ): Printed => {
    let of: readonly Printed[] = given
    for (;;) {
      // as many as were given
      const made = make(of as { readonly [K in keyof T]: Printed })
      const longest = Math.max(...of.map(lengthOf))
      const long = of.find((each) => lengthOf(each) === longest)
      if (made.text.length <= WIDTH || longest === 0 || long === undefined) return made
      const name = named(long, names.numbered('x'))
      of = of.map((each) => (each === long ? name : each))
    }
  }
  const call = (make: (x: string) => string, x: Printed): Printed =>
    compose([x], ([y]) => atom(make(argumentOf(y))))
  const chosen = ({ op, left, right }: Compare, then: Expr, otherwise: Expr): Printed =>
    compose([visit(left), visit(right), visit(then), visit(otherwise)], ([l, r, x, y]) =>
      library.where(comparison(op, l, r), argumentOf(x), argumentOf(y), {
        test: l.plain === true && r.plain === true,
        values: x.plain === true && y.plain === true,
      }),
    )
  const leafOnly = (): OfLeaf => {
    if (ofLeaf === undefined) throw new TypeError('a term of a leaf among those of a step')
    return ofLeaf
  }
  const reduced = ({ kind, over, arg }: Reduce): Printed => {
    const { library: ofArrays, size } = leafOnly()
    const x = visit(arg)
    // without axes it is of all elements or of none
    const axes = [over, arg.scope].find(isAxes)
    const rank = axes === undefined ? 1 : rankOf(axes)
    const [own, left] = [differs(arg.scope, rank), differs(over, rank)]
    const along = (of: (axis: number) => boolean | undefined): readonly number[] =>
      own.flatMap((_, axis) => (of(axis) ? [axis] : []))
    const within = along((axis) => own[axis] && !left[axis])
    const reduce = (text: string): string =>
      isAxes(over) ? ofArrays.along[kind](text, within) : library.reduce[kind](text)
    const value = within.length === 0 ? x : compose([x], ([y]) => atom(reduce(y.text)))
    // it counts once for each element that it stands for
    const others = along((axis) => !own[axis] && !left[axis])
    if (kind === 'max' || others.length === 0) return value
    const count = size(axes === undefined ? undefined : others)
    const times = atom(kind === 'sum' ? count : library.unary.sqrt(count))
    const each = kind === 'norm' && within.length === 0 ? call(library.unary.abs, x) : value
    return each.text === '1' ? times : compose([each, times], ([y, n]) => operation('mul', y, n))
  }
  const ofMatrices = (node: MatrixTerm): Printed => {
    const { library: ofArrays, maker } = leafOnly()
    // without a view they are the last two axes
    const { rows, columns } = node.view ?? { rows: [-2], columns: [-1] }
    return compose(node.args.map(visit), (args) =>
      atom(
        ofArrays.ofMatrices(
          maker(node),
          args.map((x, i) => {
            const scope = node.args[i]?.scope
            return scope === 'element' || scope === 'host' ? argumentOf(x) : keptAlong(x.text, 'all')
          }),
          rows,
          columns,
        ),
      ),
    )
  }
  const expression = (node: Expr): Printed => {
    switch (node._tag) {
      case 'Const':
        return numberText(node.value)
      case 'Unary': {
        const x = visit(node.arg)
        return node.op === 'neg' ? compose([x], ([y]) => negated(y)) : call(library.unary[node.op], x)
      }
      case 'Binary': {
        const { op } = node
        const [left, right] = [visit(node.left), visit(node.right)]
        if (op !== 'min' && op !== 'max') return compose([left, right], ([x, y]) => operation(op, x, y))
        const ordered =
          node.left.scope === 'host' && node.right.scope !== 'host'
            ? ([right, left] as const)
            : ([left, right] as const)
        return compose(ordered, ([x, y]) => atom(library.binary[op](argumentOf(x), argumentOf(y))))
      }
      case 'Select':
        return chosen(node.test, node.then, node.else)
      case 'Reduce':
        return reduced(node)
      case 'Orthogonal':
      case 'Product':
        return ofMatrices(node)
      case 'Slot':
      case 'Scalar':
      case 'LeafScalar':
        return atom(node.name)
      default:
        return atom(node._tag)
    }
  }
  const done = new Map<Expr, Printed>()
  const visit = (node: Expr): Printed => {
    const before = done.get(node) ?? known(node)
    if (before !== undefined) return before
    const printed = expression(node)
    const name =
      called.get(node) ??
      (node._tag === 'Reduce' && !isName(printed)
        ? names.numbered('r')
        : isMatrixTerm(node)
          ? names.fresh(node._tag === 'Product' ? 'product' : 'factor')
          : shared.has(node)
            ? names.numbered('x')
            : undefined)
    const value = name === undefined || parts(node).length === 0 ? printed : named(printed, name)
    done.set(node, value)
    return value
  }
  exprs.forEach(visit)
  return { lines, value: visit }
}
