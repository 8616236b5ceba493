/** How a projection that is a rule is applied to a tree. */
import { GradpipeError } from '../error.js'
import type { Params } from '../rule/leaf.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * A tree like the one that was given: of the same type, and a number for a number.
 *
 * @category Projections
 */
export type Projected<P extends Params> = P extends number ? number : P

/** Runs, and lets errors speak of what the caller has given: of `x`, not of gradients. */
const naming = <T>(name: string, names: Readonly<Record<string, string>>, run: () => T): T => {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof GradpipeError)) throw error
    const [root = '', ...below] = error.path.split('.')
    const path = [name, names[root] ?? root, ...below].join('.')
    throw new GradpipeError(error._tag, path, error.expected, error.given)
  }
}

/** What the rule makes of the tree, its `g`, and of a second one, its `p`. */
export const project = <P extends Params>(
  name: string,
  rule: GradientTransformation<EmptyState>,
  tree: P,
  second?: readonly [name: string, tree: Params],
): Projected<P> => {
  const names = { grads: 'tree', params: second?.[0] ?? 'tree' }
  const [projected] = naming(name, names, () =>
    second === undefined ? rule.update(tree, {}) : rule.update(tree, {}, second[1]),
  )
  // a rule gives a tree of the same kind of leaves
  return projected as Projected<P>
}

/** Throws `InvalidArgument` unless a radius or a bound is one. */
export const checkScale = (path: string, scale: number): void => {
  if (typeof scale === 'number' && scale >= 0) return
  throw new GradpipeError('InvalidArgument', path, 'a number from 0 on', String(scale))
}
