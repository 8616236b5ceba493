/**
 * Term: the fluent, typed builder of Expr, so that a rule reads like the paper.
 *
 * A term carries its scope in its type: what is computed from two terms has the wider of their scopes.
 */
import { GradpipeError } from '../error.js'
import { shown } from '../options.js'
import { Condition, choiceOf, comparison } from './condition.js'
import { Binary, type BinaryOp, type CompareOp, Const, type Expr, Unary, type UnaryOp } from './expr.js'
import type { Scope, Wider } from './scope.js'

// model

/**
 * A term, or a number that stands for a constant.
 *
 * @category Rules
 */
export type Operand<S extends Scope> = Term<S> | number

/** What an operand is as data. Throws `InvalidArgument` for what is none. */
export const exprOf = (operand: Operand<Scope>): Expr => {
  if (typeof operand === 'number') return Const(operand)
  if (operand instanceof Term) return operand.expr
  const given: unknown = operand
  throw given instanceof Condition
    ? new GradpipeError(
        'InvalidArgument',
        'an operand',
        'a number of it, as select(condition, 1, 0)',
        'a condition',
      )
    : new GradpipeError('InvalidArgument', 'an operand', 'a term or a number', shown(given))
}

/**
 * A term of an update rule, of scope `S`.
 *
 * All methods return new terms. Numbers may stand for constants: `g.mul(2)`.
 *
 * @category Rules
 * @example
 * ```ts
 * import { fromRule, zeros } from 'gradpipe'
 *
 * // heavy-ball momentum, written as in the paper
 * const heavyBall = fromRule({
 *   slots: { m: zeros },
 *   scalars: { mu: 0.9, lr: 0.1 },
 *   step: ({ g, m }, { mu, lr }) => {
 *     const next = m.mul(mu).add(g)
 *     return { update: next.mul(lr).neg(), m: next }
 *   },
 * })
 * const [u] = heavyBall.update(1, heavyBall.init(0))
 * assert.equal(u, -0.1)
 * ```
 */
export class Term<S extends Scope> {
  /** @internal Wraps a term whose scope is known to the caller. */
  constructor(
    /** @internal The term as data. */
    readonly expr: Expr,
    /** How far its value reaches. */
    readonly scope: S,
  ) {}

  /** $x + y$ */
  add<T extends Scope = 'host'>(y: Operand<T>): Term<Wider<S, T>> {
    return binary('add', this, y)
  }

  /** $x - y$ */
  sub<T extends Scope = 'host'>(y: Operand<T>): Term<Wider<S, T>> {
    return binary('sub', this, y)
  }

  /** $x \cdot y$ */
  mul<T extends Scope = 'host'>(y: Operand<T>): Term<Wider<S, T>> {
    return binary('mul', this, y)
  }

  /** $x / y$ */
  div<T extends Scope = 'host'>(y: Operand<T>): Term<Wider<S, T>> {
    return binary('div', this, y)
  }

  /** $x^y$ */
  pow<T extends Scope = 'host'>(y: Operand<T>): Term<Wider<S, T>> {
    return binary('pow', this, y)
  }

  /** The lesser of both; NaN if either is. */
  min<T extends Scope = 'host'>(y: Operand<T>): Term<Wider<S, T>> {
    return binary('min', this, y)
  }

  /** The greater of both; NaN if either is. */
  max<T extends Scope = 'host'>(y: Operand<T>): Term<Wider<S, T>> {
    return binary('max', this, y)
  }

  /** $-x$ */
  neg(): Term<S> {
    return unary('neg', this)
  }

  /** $|x|$ */
  abs(): Term<S> {
    return unary('abs', this)
  }

  /** $\sqrt{x}$; NaN below zero. */
  sqrt(): Term<S> {
    return unary('sqrt', this)
  }

  /** −1, 0 or 1; signed zeros and NaN stay. */
  sign(): Term<S> {
    return unary('sign', this)
  }

  /** $e^x$ */
  exp(): Term<S> {
    return unary('exp', this)
  }

  /** $\ln x$ */
  log(): Term<S> {
    return unary('log', this)
  }

  /** $\tanh x$ */
  tanh(): Term<S> {
    return unary('tanh', this)
  }

  /** The greatest whole number that is not above x. */
  floor(): Term<S> {
    return unary('floor', this)
  }

  /** The nearest whole number, of two the even one: 2 of 2.5, where `Math.round` has 3. */
  round(): Term<S> {
    return unary('round', this)
  }

  /** $\sin x$ */
  sin(): Term<S> {
    return unary('sin', this)
  }

  /** $\cos x$ */
  cos(): Term<S> {
    return unary('cos', this)
  }

  /** $1/(1 + e^{-x})$ */
  sigmoid(): Term<S> {
    return unary('sigmoid', this)
  }

  /** $\frac{2}{\sqrt\pi} \int_0^x e^{-s^2} ds$ */
  erf(): Term<S> {
    return unary('erf', this)
  }

  /** $x^2$, as $x \cdot x$ */
  square(): Term<S> {
    return binary('mul', this, this)
  }

  /** $x < y$ */
  lt<T extends Scope = 'host'>(y: Operand<T>): Condition<Wider<S, T>> {
    return compared('lt', this, y)
  }

  /** $x \le y$ */
  le<T extends Scope = 'host'>(y: Operand<T>): Condition<Wider<S, T>> {
    return compared('le', this, y)
  }

  /** $x > y$ */
  gt<T extends Scope = 'host'>(y: Operand<T>): Condition<Wider<S, T>> {
    return compared('lt', y, this)
  }

  /** $x \ge y$ */
  ge<T extends Scope = 'host'>(y: Operand<T>): Condition<Wider<S, T>> {
    return compared('le', y, this)
  }

  /** $x = y$ */
  eq<T extends Scope = 'host'>(y: Operand<T>): Condition<Wider<S, T>> {
    return compared('eq', this, y)
  }

  /** $x \ne y$; `x.ne(x)` holds where x is NaN. */
  ne<T extends Scope = 'host'>(y: Operand<T>): Condition<Wider<S, T>> {
    return compared('ne', this, y)
  }

  /** Throws `InvalidArgument`: a term is neither a number nor text. */
  [Symbol.toPrimitive](hint: string): never {
    const instead = 'methods of terms: x.add(1), x.mul(2), x.neg(), x.sqrt(), select(x.gt(0), a, b)'
    const given =
      hint === 'string' ? 'a term as text' : 'a term as a number, by an operator or a function of JavaScript'
    throw new GradpipeError('InvalidArgument', 'a term', instead, given)
  }
}

// a node's scope is the widest of its parts', which is what Wider computes from their types
const term = <S extends Scope>(expr: Expr): Term<S> => new Term(expr, expr.scope as S)

const unary = <S extends Scope>(op: UnaryOp, x: Term<S>): Term<S> => term(Unary(op, x.expr))

const binary = <S extends Scope>(op: BinaryOp, x: Operand<Scope>, y: Operand<Scope>): Term<S> =>
  term(Binary(op, exprOf(x), exprOf(y)))

const compared = <S extends Scope>(op: CompareOp, x: Operand<Scope>, y: Operand<Scope>): Condition<S> =>
  comparison(op, exprOf(x), exprOf(y))

// constructors

/**
 * A number as a term.
 *
 * @category Rules
 * @example
 * ```ts
 * import { constant } from 'gradpipe'
 *
 * const half = constant(1).div(2)
 * assert.equal(half.scope, 'host')
 * ```
 */
export const constant = (value: number): Term<'host'> => term(Const(value))

/**
 * One of two terms, by a condition.
 *
 * @category Rules
 * @example
 * ```ts
 * import { fromRule, select } from 'gradpipe'
 *
 * const positivePart = fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: select(g.gt(0), g, 0) }) })
 * assert.deepEqual(positivePart.update([2, -3], positivePart.init([0, 0]))[0], [2, 0])
 * ```
 */
export const select = <C extends Scope, A extends Scope = 'host', B extends Scope = 'host'>(
  test: Condition<C>,
  then: Operand<A>,
  otherwise: Operand<B>,
): Term<Wider<C, Wider<A, B>>> => term(choiceOf(test)(exprOf(then), exprOf(otherwise)))

/**
 * An exponential average's next value, $d\,m + (1-d)\,x$.
 *
 * @category Rules
 * @example
 * ```ts
 * import { fromRule, mix, zeros } from 'gradpipe'
 *
 * const average = fromRule({
 *   slots: { m: zeros },
 *   scalars: { d: 0.75 },
 *   step: ({ g, m }, { d }) => ({ update: mix(d, m, g), m: mix(d, m, g) }),
 * })
 * assert.equal(average.update(8, average.init(0))[0], 2)
 * ```
 */
export const mix = <D extends Scope = 'host', M extends Scope = 'host', X extends Scope = 'host'>(
  decay: Operand<D>,
  m: Operand<M>,
  x: Operand<X>,
): Term<Wider<D, Wider<M, X>>> => {
  const d = exprOf(decay)
  return term(
    Binary('add', Binary('mul', d, exprOf(m)), Binary('mul', Binary('sub', Const(1), d), exprOf(x))),
  )
}
