/**
 * How far a term's value reaches: one value for the whole step, or one per tree, per leaf, per element.
 *
 * - `host`: a number that the host knows before any tensor is touched (hyperparameters, the count);
 * - `tree`: one value for all leaves (a global norm);
 * - `leaf`: one value per leaf (a norm of one tensor);
 * - `element`: a value per element (the gradient, the parameter).
 */

/**
 * The scope of a term, from the narrowest to the widest: `host`, `tree`, `leaf`, `element`.
 *
 * @category Rules
 */
export type Scope = 'host' | 'tree' | 'leaf' | 'element'

/**
 * The wider of two scopes: the scope of what is computed from both.
 *
 * @category Rules
 */
export type Wider<A extends Scope, B extends Scope> = 'element' extends A | B
  ? 'element'
  : 'leaf' extends A | B
    ? 'leaf'
    : 'tree' extends A | B
      ? 'tree'
      : 'host'

/**
 * A scope and all narrower ones: what a slot of that scope may hold.
 *
 * @category Rules
 */
export type UpTo<S extends Scope> = S extends 'element'
  ? Scope
  : S extends 'leaf'
    ? 'host' | 'tree' | 'leaf'
    : S extends 'tree'
      ? 'host' | 'tree'
      : 'host'

const width: Readonly<Record<Scope, number>> = { host: 0, tree: 1, leaf: 2, element: 3 }

/** The widest of some scopes; `host` of none. */
export const widest = (scopes: readonly Scope[]): Scope =>
  scopes.reduce<Scope>((a, b) => (width[b] > width[a] ? b : a), 'host')
