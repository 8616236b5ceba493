/** Slots: the state that a rule keeps from step to step, and how it starts. */
import { type Expr, Parameter } from './expr.js'
import type { Scope, UpTo } from './scope.js'
import { exprOf, Term } from './term.js'

/**
 * The declaration of a slot: how far it reaches, and its first value.
 *
 * @category Rules
 */
export interface SlotSpec<S extends Scope = Scope> {
  /**
   * `element`: a value per element; `row`, `column`, `matrix`: one for each of a leaf's, in the leaf's shape without the
   * other axes; `leaf`: one per leaf; `tree`: one for the whole tree; `host`: a number that the host keeps, in float64, of
   * terms that it knows.
   */
  readonly scope: S
  /** @internal The first value: a constant or a term of the parameter. */
  readonly start: Expr
}

/**
 * The parameter as a term, for a slot that starts from it.
 *
 * @category Rules
 * @example
 * ```ts
 * import { fromRule, parameter, slot } from 'gradpipe'
 *
 * const first = slot('element', parameter)
 * const tx = fromRule({ slots: { first }, scalars: {}, step: ({ g, first }) => ({ update: g, first }) })
 * assert.deepEqual(tx.init([1, 2]), { first: [1, 2] })
 * ```
 */
export const parameter: Term<'element'> = new Term(Parameter, 'element')

/**
 * A slot of a given scope that starts as a number or as a term of {@link parameter}.
 *
 * @category Rules
 * @example
 * ```ts
 * import { fromRule, parameter, slot } from 'gradpipe'
 *
 * // pulls the parameters back to where they started
 * const anchor = fromRule({
 *   slots: { first: slot('element', parameter) },
 *   scalars: { k: 0.5 },
 *   step: ({ g, p, first }, { k }) => ({ update: g.add(first.sub(p).mul(k)), first }),
 * })
 * const state = anchor.init(2)
 * assert.equal(state.first, 2)
 * assert.equal(anchor.update(0, state, 4)[0], -1)
 * ```
 */
export const slot = <S extends Scope, T extends UpTo<S>>(scope: S, start: number | Term<T>): SlotSpec<S> => ({
  scope,
  start: exprOf(start),
})

/**
 * A slot per element that starts at zero.
 *
 * @category Rules
 * @example
 * ```ts
 * import { fromRule, zeros } from 'gradpipe'
 *
 * const total = fromRule({
 *   slots: { total: zeros },
 *   scalars: {},
 *   step: ({ g, total }) => ({ update: total.add(g), total: total.add(g) }),
 * })
 * assert.deepEqual(total.init([1, 2]), { total: [0, 0] })
 * ```
 */
export const zeros: SlotSpec<'element'> = slot('element', 0)
