/** Random well-formed rules: terms of every operator and scope, as data that a counterexample can show. */
import * as fc from 'fast-check'
import {
  type Condition,
  constant,
  fromRule,
  type GradientTransformation,
  type LeafSpec,
  max,
  norm,
  parameter,
  type RowsAndColumns,
  type Scope,
  select,
  slot,
  sum,
  Term,
  type Whole,
} from '../../src/index.js'
import { comparison } from '../../src/rule/condition.js'
import {
  Binary,
  type BinaryOp,
  Compare,
  type CompareOp,
  Select,
  Unary,
  type UnaryOp,
} from '../../src/rule/expr.js'
import { sizeOf } from '../../src/rule/leaf.js'

/** A term before it is built. */
export type Sketch =
  | 'g'
  | 'p'
  | 'm'
  | 'l'
  | 'r'
  | 'a'
  | 's'
  | 'w'
  | 'c'
  | 'k'
  | number
  | readonly [op: UnaryOp, x: Sketch]
  | readonly [op: BinaryOp, x: Sketch, y: Sketch]
  | readonly ['select', test: CompareOp, x: Sketch, y: Sketch, then: Sketch, otherwise: Sketch]
  | readonly ['if', test: Test, then: Sketch, otherwise: Sketch]
  | readonly ['sum', over: Whole, x: Sketch]
  | readonly ['max of', over: Whole, x: Sketch]
  | readonly ['norm', over: Whole, x: Sketch]

/** A condition before it is built. */
export type Test =
  | readonly [op: CompareOp, x: Sketch, y: Sketch]
  | readonly ['and' | 'or', x: Test, y: Test]
  | readonly ['not', x: Test]

/** What is reduced to one number for each row, column and matrix, for slots `w`, `c` and `k`. */
export interface AxesSketch {
  readonly w: Sketch
  readonly c: Sketch
  readonly k: Sketch
}

/** A rule with a number `s` that the host knows of each leaf, and a slot of each scope: `m` per element, `l` per leaf, `r` for the tree, and those of axes if there are any. */
export interface RuleSketch {
  readonly axes?: AxesSketch
  readonly update: Sketch
  readonly m: Sketch
  /** Reduced over the leaf. */
  readonly l: Sketch
  /** Reduced over the tree. */
  readonly r: Sketch
  /** How the slots start, reduced where they are: a term of `p`. At 1, where there is none. */
  readonly start?: Sketch
}

const unaries: readonly UnaryOp[] = [
  ...(['neg', 'abs', 'sqrt', 'sign', 'exp', 'log', 'tanh'] as const),
  ...(['floor', 'round', 'sin', 'cos', 'sigmoid', 'erf'] as const),
]

type Build = (sketch: Sketch) => Term<Scope>

// a rule is written of scopes alone
const term = (expr: Term<Scope>['expr']): Term<Scope> => new Term(expr, expr.scope as Scope)

const isUnary = (sketch: readonly unknown[]): sketch is readonly [UnaryOp, Sketch] => sketch.length === 2

type Atoms = Readonly<Record<'g' | 'p' | 'm' | 'l' | 'r' | 'a' | 's', Term<Scope>>> &
  Readonly<Partial<Record<'w' | 'c' | 'k', Term<Scope>>>>

const builder = (atoms: Atoms): Build => {
  const build: Build = (sketch) => {
    if (typeof sketch === 'number') return constant(sketch)
    if (typeof sketch === 'string') return atoms[sketch] ?? constant(1)
    if (isUnary(sketch)) return term(Unary(sketch[0], build(sketch[1]).expr))
    if (sketch[0] === 'select') {
      const [, op, x, y, then, otherwise] = sketch
      return term(Select(Compare(op, build(x).expr, build(y).expr), build(then).expr, build(otherwise).expr))
    }
    if (sketch[0] === 'if') return select(test(sketch[1]), build(sketch[2]), build(sketch[3]))
    if (sketch[0] === 'sum') return sum(build(sketch[2]), sketch[1])
    if (sketch[0] === 'max of') return max(build(sketch[2]), sketch[1])
    if (sketch[0] === 'norm') return norm(build(sketch[2]), sketch[1])
    return term(Binary(sketch[0], build(sketch[1]).expr, build(sketch[2]).expr))
  }
  const test = (sketch: Test): Condition<Scope> => {
    switch (sketch[0]) {
      case 'and':
        return test(sketch[1]).and(test(sketch[2]))
      case 'or':
        return test(sketch[1]).or(test(sketch[2]))
      case 'not':
        return test(sketch[1]).not()
      default:
        return comparison(sketch[0], build(sketch[1]).expr, build(sketch[2]).expr)
    }
  }
  return build
}

/** Terms of the parameter alone: there is nothing else before the first step. */
const starting: Build = builder({
  ...{ g: parameter, p: parameter, m: parameter },
  ...{ l: parameter, r: parameter, a: parameter, s: parameter },
})

/** A whole number that differs from leaf to leaf. */
const leafScalars = {
  s: ({ path, shape }: LeafSpec): number => ((sizeOf(shape) + 2 * path.length) % 5) - 1,
}

/** Matrices of every kind: with one row, one column, stacks of them, and several axes in a row. */
const matrices = ({ shape }: LeafSpec): RowsAndColumns => {
  switch (shape.length) {
    case 0:
      return { rows: [], columns: [] }
    case 1:
      return { rows: [], columns: 0 }
    case 2:
      return { rows: 0, columns: 1 }
    case 3:
      return { rows: 2, columns: 1 }
    default:
      return { rows: [0, -1], columns: 2 }
  }
}

/** A rule with slots for rows, columns and matrices. */
const withAxes = (
  { update, m, l, r, start = 1 }: RuleSketch,
  { w, c, k }: AxesSketch,
): GradientTransformation => {
  const first = starting(start)
  const reduced = <O extends Whole>(over: O): Term<O> => max(first, over)
  return fromRule({
    axes: matrices,
    slots: {
      m: slot('element', new Term(first.expr, 'element')),
      w: slot('row', reduced('row')),
      c: slot('column', reduced('column')),
      k: slot('matrix', reduced('matrix')),
      l: slot('leaf', reduced('leaf')),
      r: slot('tree', reduced('tree')),
    },
    scalars: ({ t }) => ({ a: t }),
    leafScalars,
    step: (terms, { a, s }) => {
      const build = builder({ ...terms, a, s })
      return {
        update: build(update),
        m: new Term(build(m).expr, 'element'),
        w: max(build(w), 'row'),
        c: max(build(c), 'column'),
        k: max(build(k), 'matrix'),
        l: max(build(l), 'leaf'),
        r: max(build(r), 'tree'),
      }
    },
  })
}

/** The transformation that a sketch describes. */
export const transformationOf = (sketch: RuleSketch): GradientTransformation => {
  const { update, m, l, r, start = 1 } = sketch
  if (sketch.axes !== undefined) return withAxes(sketch, sketch.axes)
  const first = starting(start)
  return fromRule({
    slots: {
      m: slot('element', new Term(first.expr, 'element')),
      l: slot('leaf', first.scope === 'host' ? new Term(first.expr, 'host') : max(first, 'leaf')),
      r: slot('tree', first.scope === 'host' ? new Term(first.expr, 'host') : max(first, 'tree')),
    },
    scalars: ({ t }) => ({ a: t }),
    leafScalars,
    step: (terms, { a, s }) => {
      const build = builder({ ...terms, a, s })
      return {
        update: build(update),
        // an element's slot may hold any scope
        m: new Term(build(m).expr, 'element'),
        l: max(build(l), 'leaf'),
        r: max(build(r), 'tree'),
      }
    },
  })
}

/** Which operators may occur. */
export interface Vocabulary {
  readonly unary: readonly UnaryOp[]
  readonly binary: readonly BinaryOp[]
  /** What a product may be taken with: anything, or atoms alone, which bounds the result. */
  readonly factors: 'any' | 'atoms'
  readonly reductions: boolean
  /** Whether rows, columns and matrices occur. Not by default. */
  readonly axes?: boolean
  /**
   * What is summed: any term, or signs alone, whose sum is exact in every order. Any by default. Norms are then of signs
   * too, times a number whose square float32 may have none of.
   */
  readonly sums?: 'any' | 'signs'
  /** Whether norms occur. With reductions, by default. */
  readonly norms?: boolean
  /** The atoms that are numbers. 0, 1 and 2 by default. */
  readonly constants?: readonly number[]
}

/** Every operator. */
export const everything: Vocabulary = {
  unary: unaries,
  binary: ['add', 'sub', 'mul', 'div', 'pow', 'min', 'max'],
  factors: 'any',
  reductions: true,
}

/** Operators that lead from whole numbers to whole numbers, so that the order of a sum does not matter. */
export const ofWholes: Vocabulary = {
  unary: ['neg', 'abs', 'sign'],
  binary: ['add', 'sub', 'mul', 'min', 'max'],
  factors: 'atoms',
  reductions: true,
  norms: false,
}

const compares: readonly CompareOp[] = ['lt', 'le', 'eq', 'ne']

const wholes: readonly Whole[] = ['leaf', 'tree']

/** Terms over a vocabulary. */
const sketch = (
  vocabulary: Vocabulary,
  names: readonly Sketch[] = [
    ...(['g', 'p', 'm', 'a'] as const),
    ...(vocabulary.reductions ? (['l', 'r', 's'] as const) : []),
    ...(vocabulary.axes ? (['w', 'c', 'k'] as const) : []),
  ],
): fc.Arbitrary<Sketch> => {
  const { unary, binary, factors, reductions, sums = 'any', norms = reductions, axes = false } = vocabulary
  const { constants = [0, 1, 2] } = vocabulary
  const over = fc.constantFrom(...wholes, ...(axes ? (['row', 'column', 'matrix'] as const) : []))
  const atom: fc.Arbitrary<Sketch> = fc.constantFrom<Sketch>(...names, ...constants)
  const { node } = fc.letrec<{ node: Sketch; test: Test }>((tie) => ({
    test: fc.oneof(
      { maxDepth: 3, depthSize: 'medium', withCrossShrink: true },
      fc.tuple(fc.constantFrom(...compares), tie('node'), tie('node')),
      fc.tuple(fc.constantFrom('and' as const, 'or' as const), tie('test'), tie('test')),
      fc.tuple(fc.constant('not' as const), tie('test')),
    ),
    node: fc.oneof(
      { maxDepth: 4, depthSize: 'medium', withCrossShrink: true },
      atom,
      fc.tuple(fc.constantFrom(...unary), tie('node')),
      fc.tuple(fc.constantFrom(...binary), tie('node'), factors === 'any' ? tie('node') : atom),
      fc.tuple(
        fc.constant('select' as const),
        fc.constantFrom(...compares),
        tie('node'),
        tie('node'),
        tie('node'),
        tie('node'),
      ),
      fc.tuple(fc.constant('if' as const), tie('test'), tie('node'), tie('node')),
      ...(reductions
        ? [
            fc.tuple(fc.constant('max of' as const), over, tie('node')),
            fc.tuple(
              fc.constant('sum' as const),
              over,
              sums === 'any' ? tie('node') : fc.tuple(fc.constant('sign' as const), tie('node')),
            ),
          ]
        : []),
      ...(norms
        ? [
            fc.tuple(
              fc.constant('norm' as const),
              over,
              sums === 'any'
                ? tie('node')
                : fc.tuple(
                    fc.constant('mul' as const),
                    fc.tuple(fc.constant('sign' as const), tie('node')),
                    fc.constantFrom(1, 2 ** 90, 2 ** -100),
                  ),
            ),
          ]
        : []),
    ),
  }))
  return node
}

/** Rules over a vocabulary. */
export const ruleSketch = (vocabulary: Vocabulary): fc.Arbitrary<RuleSketch> => {
  const node = sketch(vocabulary)
  const rule = fc.record({ update: node, m: node, l: node, r: node })
  if (!vocabulary.axes) return rule
  const axes = fc.record({ w: node, c: node, k: node })
  return fc.tuple(rule, axes).map(([drawn, axes]) => ({ ...drawn, axes }))
}

/** Terms of the parameter over the elementwise part of a vocabulary, for slots to start from. */
export const startSketch = (vocabulary: Vocabulary): fc.Arbitrary<Sketch> =>
  sketch({ ...vocabulary, reductions: false }, ['p'])

/** Terms over a vocabulary. */
export const termSketch = (vocabulary: Vocabulary): fc.Arbitrary<Sketch> => sketch(vocabulary)
