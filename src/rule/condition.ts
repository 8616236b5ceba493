/**
 * Condition: a truth value of a term, which chooses between two others.
 *
 * To JavaScript every object is true, so that `g.gt(0) ? a : b` is always `a`: a condition that is made while a rule is
 * written, and that nothing is made of, is a mistake.
 */
import { GradpipeError } from '../error.js'
import { Compare, type CompareOp, type Expr, Select } from './expr.js'
import { type Scope, type Wider, widest } from './scope.js'

/** What a condition comes to: the term that is the first of two where it holds, and the second where it does not. */
type Choice = (then: Expr, otherwise: Expr) => Expr

/** The conditions of the rule that is being written, of which nothing has been made yet. */
let unused: Set<Condition<Scope>> | undefined

/**
 * A truth value of scope `S`, for {@link select}: a comparison, or what `and`, `or` and `not` make of others.
 *
 * It has no number and no text, and to JavaScript's own `?:`, `&&` and `if` it is always true: a rule that leaves one
 * unused does not compile.
 *
 * @category Rules
 * @example
 * ```ts
 * import { fromRule, select } from 'gradpipe'
 *
 * const inside = fromRule({
 *   slots: {},
 *   scalars: { a: 1, b: 3 },
 *   step: ({ g }, { a, b }) => ({ update: select(g.gt(a).and(g.lt(b)), g, 0) }),
 * })
 * assert.deepEqual(inside.update([0, 2, 4], inside.init([0, 0, 0]))[0], [0, 2, 0])
 * ```
 */
export class Condition<S extends Scope> {
  /** @internal Wraps a choice whose scope is known to the caller. */
  constructor(
    /** @internal The choice between two terms. */
    readonly choice: Choice,
    /** How far its value reaches. */
    readonly scope: S,
  ) {
    unused?.add(this)
  }

  /** Whether both hold. */
  and<T extends Scope>(other: Condition<T>): Condition<Wider<S, T>> {
    const [one, two] = [choiceOf(this), choiceOf(other)]
    return condition((then, otherwise) => one(two(then, otherwise), otherwise), this.scope, other.scope)
  }

  /** Whether one of both holds, or both. */
  or<T extends Scope>(other: Condition<T>): Condition<Wider<S, T>> {
    const [one, two] = [choiceOf(this), choiceOf(other)]
    return condition((then, otherwise) => one(then, two(then, otherwise)), this.scope, other.scope)
  }

  /** Whether it does not hold: of a comparison with NaN too, so that `x.lt(y).not()` is not `x.ge(y)`. */
  not(): Condition<S> {
    const one = choiceOf(this)
    return new Condition((then, otherwise) => one(otherwise, then), this.scope)
  }

  /** Throws `InvalidArgument`: a condition is neither a number nor text. */
  [Symbol.toPrimitive](): never {
    throw new GradpipeError('InvalidArgument', 'a condition', PURPOSE, 'one where JavaScript wants a value')
  }
}

const PURPOSE = 'conditions in select(condition, a, b), joined by and, or, not'

// a condition's scope is the widest of its parts', which is what Wider computes from their types
const condition = <S extends Scope>(choice: Choice, ...scopes: readonly Scope[]): Condition<S> =>
  new Condition(choice, widest(scopes) as S)

// constructors

/** A comparison of two terms. */
export const comparison = <S extends Scope>(op: CompareOp, x: Expr, y: Expr): Condition<S> => {
  const test = Compare(op, x, y)
  // a rule is written of scopes alone
  return condition((then, otherwise) => Select(test, then, otherwise), test.scope as Scope)
}

// use

/** The choice of a condition, which something is made of. Throws `InvalidArgument` for what is no condition. */
export const choiceOf = (given: Condition<Scope>): Choice => {
  if (!(given instanceof Condition)) {
    const kind = typeof given === 'object' ? 'a term or another object' : String(given)
    throw new GradpipeError('InvalidArgument', 'a condition', 'a comparison, as x.gt(0)', kind)
  }
  unused?.delete(given)
  return given.choice
}

/**
 * Writes a rule.
 *
 * Throws `InvalidArgument`, under `at`, where something was compared of which nothing was made.
 */
export const withoutUnused = <T>(at: string, write: () => T): T => {
  const before = unused
  const own = new Set<Condition<Scope>>()
  unused = own
  try {
    const written = write()
    if (own.size === 0) return written
    const given = own.size === 1 ? 'a comparison' : `${own.size} comparisons`
    throw new GradpipeError(
      'InvalidArgument',
      at,
      `${PURPOSE}, since to JavaScript's own ?:, && and if every condition is true`,
      `${given} that went into nothing`,
    )
  } finally {
    unused = before
  }
}
