/**
 * Expr: the terms of update rules, as data.
 *
 * Nodes are interned: equal terms are the same object, so common subterms are shared and a term can be looked
 * up by its identity. A term of scope `host` needs no tensor: it is evaluated once per step, in float64.
 */
import { interner, remember } from './intern.js'
import type { LeafSpec } from './leaf.js'
import type { MatrixSides, Orthogonalization } from './matrices.js'
import { type Axes, type Extent, widest } from './scope.js'

// model

/**
 * Functions of one argument. `sign`, `floor` and `round` keep signed zeros and what is not finite; `round` takes the even
 * one of two numbers that are equally near.
 */
export type UnaryOp =
  | 'neg'
  | 'abs'
  | 'sqrt'
  | 'sign'
  | 'exp'
  | 'log'
  | 'tanh'
  | 'floor'
  | 'round'
  | 'sin'
  | 'cos'
  | 'sigmoid'
  | 'erf'

/** Functions of two arguments. `min` and `max` give NaN if either argument is NaN; of two zeros, either. */
export type BinaryOp = 'add' | 'sub' | 'mul' | 'div' | 'pow' | 'min' | 'max'

/** Comparisons; with a NaN all are false except `ne`. */
export type CompareOp = 'lt' | 'le' | 'eq' | 'ne'

/**
 * What a reduction does with the elements: `sum` of none is 0, `max` of none is −∞. `norm`, the root of the sum of their
 * squares, is a word of its own, since its squares may overflow or vanish where it does not.
 */
export type ReduceKind = 'sum' | 'max' | 'norm'

interface Node {
  /** The identity of the node in this process. */
  readonly id: number
  /** The widest extent among the node's parts. */
  readonly scope: Extent
}

/** A number that is part of the rule's structure. */
export interface Const extends Node {
  readonly _tag: 'Const'
  readonly value: number
}

/** A number that the host gives at each step: a hyperparameter, a schedule's value, `count`, `t`. */
export interface Scalar extends Node {
  readonly _tag: 'Scalar'
  readonly name: string
}

/** What the host says of a leaf. */
export type OfLeaf = (leaf: LeafSpec) => number

/** A number that the host knows of a leaf by its path, shape and dtype: it is the same in every step. */
export interface LeafScalar extends Node {
  readonly _tag: 'LeafScalar'
  readonly name: string
  readonly of: OfLeaf
}

/** The incoming update: the gradient, or what the rules before this one have made of it. */
export interface Gradient extends Node {
  readonly _tag: 'Gradient'
}

/** The parameter. */
export interface Parameter extends Node {
  readonly _tag: 'Parameter'
}

/** The current value of a slot. */
export interface Slot extends Node {
  readonly _tag: 'Slot'
  readonly name: string
}

/** A function of one argument. */
export interface Unary extends Node {
  readonly _tag: 'Unary'
  readonly op: UnaryOp
  readonly arg: Expr
}

/** A function of two arguments. */
export interface Binary extends Node {
  readonly _tag: 'Binary'
  readonly op: BinaryOp
  readonly left: Expr
  readonly right: Expr
}

/** A truth value; only `Select` takes one. */
export interface Compare extends Node {
  readonly _tag: 'Compare'
  readonly op: CompareOp
  readonly left: Expr
  readonly right: Expr
}

/** One of two values. */
export interface Select extends Node {
  readonly _tag: 'Select'
  readonly test: Compare
  readonly then: Expr
  readonly else: Expr
}

/**
 * What a reduction is over: one value for each of these is left. Along axes it is in a rule that is bound to a leaf, of a
 * matrix, a row or a column in one that is not yet.
 */
export type Over = 'leaf' | 'tree' | 'matrix' | 'row' | 'column' | Axes

/**
 * A reduction over the elements of one leaf, or of a part of it, or over those of every leaf whose rule has the same
 * `site`. A term that is the same for several elements counts once for each of them.
 */
export interface Reduce extends Node {
  readonly _tag: 'Reduce'
  readonly kind: ReduceKind
  readonly over: Over
  /**
   * Over a tree: which reduction of which transformation this is, since the leaves' terms may differ and are
   * still reduced together. Over anything else: empty.
   */
  readonly site: string
  readonly arg: Expr
}

/** What is made of a leaf's matrices, in their shape. No kernel computes it: a step is split there, see `host/rounds.ts`. */
interface OfMatrices<A extends readonly Expr[]> extends Node {
  /** Which axes are the matrices'; the last two of a leaf where nothing is said. */
  readonly view: MatrixSides | null
  readonly args: A
}

/** The orthogonal factor of a leaf's matrices; `eps` is of the host. */
export interface Orthogonal extends OfMatrices<readonly [x: Expr, eps: Expr]> {
  readonly _tag: 'Orthogonal'
  readonly by: Orthogonalization
}

/** The product $a\,b^\top c$ of a leaf's matrices. */
export interface Product extends OfMatrices<readonly [a: Expr, b: Expr, c: Expr]> {
  readonly _tag: 'Product'
  readonly by: null
}

/** A term that is made of whole matrices. */
export type MatrixTerm = Orthogonal | Product

/** A term that is made of no others. */
export type Atom = Const | Scalar | LeafScalar | Gradient | Parameter | Slot

/** A term: one of the nodes. */
export type Expr = Atom | Unary | Binary | Select | Reduce | MatrixTerm

// interning

const interned = interner<Expr | Compare>()
let ids = 0
let functions = 0

const intern = <N extends Expr | Compare>(key: string, bare: Omit<N, 'id'>): N =>
  interned(key, () => {
    ids += 1
    return { ...bare, id: ids } as N // which it is with an identity
  })

/** Whether a term is made of whole matrices. */
export const isMatrixTerm = (node: Expr): node is MatrixTerm => 'args' in node

// constructors

/** A constant. */
export const Const = (value: number): Const =>
  intern(`Const ${Object.is(value, -0) ? '-0' : value}`, {
    _tag: 'Const',
    scope: 'host',
    value,
  })

/** A host scalar by its name. */
export const Scalar = (name: string): Scalar =>
  intern(`Scalar ${name}`, { _tag: 'Scalar', scope: 'host', name })

/** Functions have no text to be known by. */
const idOf = remember((_: OfLeaf): number => {
  functions += 1
  return functions
})

/** A leaf's scalar by its name and the function that knows it. */
export const LeafScalar = (name: string, of: OfLeaf): LeafScalar =>
  intern(`LeafScalar ${idOf(of)} ${name}`, {
    _tag: 'LeafScalar',
    scope: 'leaf',
    name,
    of,
  })

/** The incoming update. */
export const Gradient: Gradient = intern('Gradient', {
  _tag: 'Gradient',
  scope: 'element',
})

/** The parameter. */
export const Parameter: Parameter = intern('Parameter', {
  _tag: 'Parameter',
  scope: 'element',
})

/** A slot's current value. */
export const Slot = (name: string, scope: Extent): Slot =>
  intern(`Slot ${scope} ${name}`, { _tag: 'Slot', scope, name })

/** A function of one argument. */
export const Unary = (op: UnaryOp, arg: Expr): Unary =>
  intern(`Unary ${op} ${arg.id}`, { _tag: 'Unary', scope: arg.scope, op, arg })

/** A function of two arguments. */
export const Binary = (op: BinaryOp, left: Expr, right: Expr): Binary =>
  intern(`Binary ${op} ${left.id} ${right.id}`, {
    _tag: 'Binary',
    scope: widest([left.scope, right.scope]),
    op,
    left,
    right,
  })

/** A truth value. */
export const Compare = (op: CompareOp, left: Expr, right: Expr): Compare =>
  intern(`Compare ${op} ${left.id} ${right.id}`, {
    _tag: 'Compare',
    scope: widest([left.scope, right.scope]),
    op,
    left,
    right,
  })

/** `then` where the test holds, `otherwise` where it does not. */
export const Select = (test: Compare, then: Expr, otherwise: Expr): Select =>
  intern(`Select ${test.id} ${then.id} ${otherwise.id}`, {
    _tag: 'Select',
    scope: widest([test.scope, then.scope, otherwise.scope]),
    test,
    then,
    else: otherwise,
  })

/** A reduction; the site of one over a tree is its own identity until a rule names it. */
export const Reduce = (
  kind: ReduceKind,
  over: Over,
  arg: Expr,
  site: string = over === 'tree' ? `${kind} ${arg.id}` : '',
): Reduce =>
  intern(`Reduce ${kind} ${over} ${arg.id} ${site}`, {
    _tag: 'Reduce',
    scope: over,
    kind,
    over,
    site,
    arg,
  })

type Bare<N> = N extends MatrixTerm ? Omit<N, 'id' | 'scope'> : never

/** A term of matrices of these parts. */
export const matrixTerm = (bare: Bare<MatrixTerm>): MatrixTerm => {
  const { _tag, by, view, args } = bare
  const ids = args.map(({ id }) => id)
  return intern<MatrixTerm>(`${_tag} ${JSON.stringify([by, view])} ${ids}`, { ...bare, scope: 'element' })
}

/** The orthogonal factor of a leaf's matrices. */
export const Orthogonal = (by: Orthogonalization, view: MatrixSides | null, x: Expr, eps: Expr): MatrixTerm =>
  matrixTerm({ _tag: 'Orthogonal', by, view, args: [x, eps] })

/** The product of a leaf's matrices, the second one transposed. */
export const Product = (view: MatrixSides | null, a: Expr, b: Expr, c: Expr): MatrixTerm =>
  matrixTerm({ _tag: 'Product', by: null, view, args: [a, b, c] })
