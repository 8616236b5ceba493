/** How a projection that is a rule is applied to a tree. */
import { GradpipeError } from '../error.js'
import type { Params } from '../rule/leaf.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * The type of the result: that of the given tree, and `number` for a number.
 *
 * @category Projections
 */
export type Projected<P extends Params> = P extends number ? number : P

/** Runs, and renames what errors speak of: the caller passed `x`, not gradients. */
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

/** The update that the rule makes from the tree, its `g`, and a second one, its `p`. */
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
  // a rule returns a tree with leaves of the same kinds
  return projected as Projected<P>
}

/** Throws `InvalidArgument` unless a radius or a bound is a number of at least 0. */
export const checkScale = (path: string, scale: number): void => {
  if (typeof scale === 'number' && scale >= 0) return
  throw new GradpipeError('InvalidArgument', path, 'a number of at least 0', String(scale))
}
