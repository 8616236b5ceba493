/** Trees beside a form: states that keep something else than a leaf for each leaf of the parameters, such as a list. */
import { GradpipeError } from '../error.js'
import type { Leaf, Params } from '../rule/leaf.js'
import type { Form } from '../tree/form.js'
import { type Path, showPath } from '../tree/path.js'
import { children, describeNode, isArray, isBranch, leaves } from '../tree/tree.js'
import { inspect } from './expect.js'

/** What a tree has beside a form. */
export interface Beside {
  /** At each leaf position. */
  readonly column: readonly Params[]
  /** Where the form has nothing, in its order. */
  readonly others: readonly Params[]
}

/** Whether a branch has the children of a form, as far as one can see from above. */
const fits = (form: Form, node: Params): boolean => {
  if (node === null || !isBranch<Leaf>(node)) return false
  if (form._tag === 'Array') return isArray(node) && node.length === form.children.length
  return (
    form._tag === 'Record' &&
    !isArray(node) &&
    Object.keys(node).length === form.keys.length &&
    form.keys.every((key) => Object.hasOwn(node, key))
  )
}

/**
 * Reads a tree beside a form, with anything at the leaves. `null` may stand for a whole branch.
 *
 * Throws `TreeMismatch` for a tree of another structure, and `InvalidLeaf` or `Disposed` for something wrong in it.
 */
export const readBeside = (form: Form, tree: Params, name: string): Beside => {
  for (const [path, leaf] of leaves<Leaf>(tree)) inspect({ tree: name, path }, leaf)
  const column: Params[] = []
  const others: Params[] = []
  const visit = (part: Form, node: Params, path: Path): void => {
    if (part._tag === 'Leaf') column[part.position] = node
    else if (part._tag === 'Null') others.push(node)
    else {
      if (node !== null && !fits(part, node))
        throw new GradpipeError(
          'TreeMismatch',
          showPath([name, ...path]),
          part._tag === 'Array'
            ? `an array of ${part.children.length}`
            : `a record of ${part.keys.join(', ')}`,
          describeNode(node),
        )
      const below = new Map(node !== null && isBranch<Leaf>(node) ? children<Leaf>(node) : [])
      for (const [i, child] of part.children.entries()) {
        const key = part._tag === 'Array' ? i : (part.keys[i] ?? '')
        visit(child, below.get(key) ?? null, [...path, key])
      }
    }
  }
  visit(form, tree, [])
  return { column, others }
}

/** Makes the tree that has these values beside a form. */
export const buildBeside = (form: Form, { column, others }: Beside): Params => {
  const rest = others.values()
  const build = (part: Form): Params => {
    if (part._tag === 'Leaf') return column[part.position] ?? null
    if (part._tag === 'Null') return rest.next().value ?? null
    const below = part.children.map(build)
    if (part._tag === 'Array') return below
    return Object.fromEntries(part.keys.map((key, i) => [key, below[i] ?? null]))
  }
  return build(form)
}
