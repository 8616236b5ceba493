/** What is made of terms: folds, terms built anew, the terms inside of a term. */
import {
  type Atom,
  Binary,
  type BinaryOp,
  Compare,
  type CompareOp,
  type Expr,
  isMatrixTerm,
  type MatrixTerm,
  matrixTerm,
  Reduce,
  Select,
  Unary,
  type UnaryOp,
} from './expr.js'
import type { MatrixSides } from './matrices.js'

/**
 * What a fold does with each kind of node, given what it has made of the parts and the node itself: `A` for values, `C` for
 * truth values.
 */
export interface Algebra<A, C> {
  /** A value that is known without looking into the node; asked first. */
  readonly known?: (node: Expr) => A | undefined
  readonly atom: (node: Atom) => A
  readonly unary: (op: UnaryOp, arg: A, node: Unary) => A
  readonly binary: (op: BinaryOp, left: A, right: A, node: Binary) => A
  readonly compare: (op: CompareOp, left: A, right: A, node: Compare) => C
  readonly select: (test: C, then: A, otherwise: A, node: Select) => A
  /** A reduction; its argument is folded if asked for. */
  readonly reduce: (node: Reduce, arg: () => A) => A
  /** A term of matrices; its parts are folded if asked for. Whoever has none is never given a term with one. */
  readonly matrices?: (node: MatrixTerm, visit: (part: Expr) => A) => A
}

/** Folds terms bottom up; a subterm that several terms share is folded once. */
export const fold = <A, C>(algebra: Algebra<A, C>): ((expr: Expr) => A) => {
  const done = new Map<Expr, A>()
  const fresh = (node: Expr): A => {
    switch (node._tag) {
      case 'Unary':
        return algebra.unary(node.op, visit(node.arg), node)
      case 'Binary':
        return algebra.binary(node.op, visit(node.left), visit(node.right), node)
      case 'Select': {
        const { op, left, right } = node.test
        const test = algebra.compare(op, visit(left), visit(right), node.test)
        return algebra.select(test, visit(node.then), visit(node.else), node)
      }
      case 'Reduce':
        return algebra.reduce(node, () => visit(node.arg))
      default:
        if (!isMatrixTerm(node)) return algebra.atom(node)
        if (algebra.matrices === undefined) throw new TypeError('matrices inside a kernel')
        return algebra.matrices(node, visit)
    }
  }
  const visit = (node: Expr): A => {
    const before = done.get(node)
    if (before !== undefined) return before
    const value = algebra.known?.(node) ?? fresh(node)
    done.set(node, value)
    return value
  }
  return visit
}

const sameReduction = ({ kind, over, site }: Reduce, arg: Expr): Expr => Reduce(kind, over, arg, site)

/** A term of matrices with other parts and, where told, of others of a leaf's axes. */
export const rebuilt = (
  node: MatrixTerm,
  visit: (part: Expr) => Expr,
  view: MatrixSides | null = node.view,
): Expr =>
  // as many as before
  matrixTerm({ ...node, view, args: node.args.map(visit) as never })

/** Builds terms anew with other atoms and, where asked for, other reductions and other terms of matrices. */
export const rewrite = (
  atom: (node: Atom) => Expr,
  reduced: (node: Reduce, arg: Expr) => Expr = sameReduction,
  matrices: (node: MatrixTerm, visit: (part: Expr) => Expr) => Expr = rebuilt,
): ((expr: Expr) => Expr) =>
  fold<Expr, Compare>({
    atom,
    unary: Unary,
    binary: Binary,
    compare: Compare,
    select: Select,
    reduce: (node, arg) => reduced(node, arg()),
    matrices,
  })

/** The nodes that a term refers to directly. */
export const parts = (node: Expr): readonly Expr[] => {
  switch (node._tag) {
    case 'Unary':
    case 'Reduce':
      return [node.arg]
    case 'Binary':
      return [node.left, node.right]
    case 'Select':
      return [node.test.left, node.test.right, node.then, node.else]
    default:
      // atoms have none
      return isMatrixTerm(node) ? node.args : []
  }
}

/** Every node of some terms, each once, parts before what is made of them. */
export const subterms = (exprs: Iterable<Expr>): readonly Expr[] => {
  const seen = new Set<Expr>()
  const ordered: Expr[] = []
  const visit = (node: Expr): void => {
    if (seen.has(node)) return
    seen.add(node)
    parts(node).forEach(visit)
    ordered.push(node)
  }
  for (const expr of exprs) visit(expr)
  return ordered
}
