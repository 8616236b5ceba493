/** Labelling: a value per leaf, given as a tree or as a function of the leaf's path, shape and dtype. */
import { GradpipeError } from '../error.js'
import { shown } from '../options.js'
import type { Range } from '../range.js'
import type { Leaf, LeafSpec, Params } from '../rule/leaf.js'
import { type Path, showPath } from '../tree/path.js'
import { children, describeNode, isBranch, leaves, type Tree } from '../tree/tree.js'

/**
 * A value for every leaf: a tree like the parameters, in which a leaf may stand for a whole branch, or a function of
 * a leaf's path, shape and dtype. A function is called once per structure of trees, not in every step.
 *
 * A key with slashes, as in TensorFlow.js's names of weights (`dense/bias`), counts as several keys: the path of such
 * a leaf ends in `bias`, and a tree of labels may have `dense` for a whole layer.
 *
 * @category Wrappers
 */
export type Labelling<L extends boolean | string | number> = Tree<L> | ((leaf: LeafSpec) => L)

/**
 * Selects the leaves that a transformation is for.
 *
 * @category Wrappers
 */
export type Mask = Labelling<boolean>

/** The first label of a tree that is not a boolean. */
const oddLabel = (value: unknown): readonly [Path, unknown] | undefined =>
  leaves<unknown>(value).find(([, label]) => typeof label !== 'boolean')

/** The range of masks. */
export const masks: Range = [
  'a tree of booleans, or a function of a leaf',
  (value) => typeof value === 'function' || oddLabel(value) === undefined,
  {
    fault: (value) => {
      const [path = [], label] = oddLabel(value) ?? []
      return path.length === 0
        ? undefined
        : { path: showPath(path), expected: 'a boolean', given: shown(label) }
    },
  },
]

/** The kind of the labels, and where they come from. */
export interface Labels {
  /** The name of the factory that takes them. */
  readonly of: string
  /** The option. */
  readonly option: string
  /** The kind of every label. */
  readonly kind: 'boolean' | 'string' | 'number'
}

/** A key as users see it: a name of TensorFlow.js in its parts. */
const partsOf = (key: string | number): Path => {
  if (typeof key === 'number' || !key.includes('/')) return [key]
  const parts = key.split('/')
  return parts.includes('') ? [key] : parts
}

/** A leaf as functions of leaves see it: with the parts of names as keys. */
export const seen = (leaf: LeafSpec): LeafSpec => ({ ...leaf, path: leaf.path.flatMap(partsOf) })

type Node<A> = Tree<A> | undefined

/** The child under a key, or the children whose names begin with it and a slash; `undefined` if there is nothing. */
const childOf = <A>(node: Tree<A>, key: string | number): Node<A> => {
  if (node === null || !isBranch(node)) return undefined
  const all = children(node)
  const exact = all.find(([name]) => name === key)
  if (exact !== undefined) return exact[1]
  const below = all.flatMap(([name, child]) =>
    typeof name === 'string' && name.startsWith(`${key}/`)
      ? [[name.slice(`${key}/`.length), child] as const]
      : [],
  )
  return below.length === 0 ? undefined : Object.fromEntries(below)
}

/** The node at a key, or at its parts one after the other, as far as there are branches. */
const under = <A>(node: Tree<A>, key: string | number): Node<A> => {
  const exact = childOf(node, key)
  if (exact !== undefined) return exact
  const [, ...more] = partsOf(key)
  return more.length === 0 ? undefined : downTo(node, partsOf(key))
}

/** The node at a path, or the leaf or nothing on the way there. */
const downTo = <A>(tree: Tree<A>, path: Path): Node<A> => {
  let node: Node<A> = tree
  for (const key of path) {
    if (node === undefined || node === null || !isBranch<A>(node)) break
    node = under(node, key)
  }
  return node
}

/** Throws `TreeMismatch`, under the option, if a tree of labels has a label where the tree has nothing. */
export const labelsFit =
  <L extends boolean | string | number>(option: string, labels: Labelling<L>): ((tree: Params) => void) =>
  (tree) => {
    if (typeof labels === 'function') return
    // nothing can stand below a leaf, so no label is ever asked for there
    for (const [path] of leaves<L>(labels))
      if (downTo<Leaf>(tree, path) === undefined)
        throw new GradpipeError(
          'TreeMismatch',
          showPath([option, ...path]),
          'no label',
          'a label where there is no leaf',
        )
  }

/**
 * The label of a leaf.
 *
 * Throws `InvalidArgument` at once for a tree with a label of another kind. Later it throws `TreeMismatch`, under the
 * option, for a leaf without a label in the tree, and `InvalidArgument` if a function returns something that is no
 * label.
 */
export const labelOf = <L extends boolean | string | number>(
  { of, option, kind }: Labels,
  labels: Labelling<L>,
): ((leaf: LeafSpec) => L) => {
  const checked = (at: Path, label: L): L => {
    if (typeof label === kind) return label
    throw new GradpipeError('InvalidArgument', showPath(at), `a ${kind}`, shown(label))
  }
  if (typeof labels === 'function') return (leaf) => checked([option, ...leaf.path], labels(seen(leaf)))
  for (const [path, label] of leaves<L>(labels)) checked([of, option, ...path], label)
  return ({ path }) => {
    const node = downTo<L>(labels, path)
    if (node === undefined || node === null || isBranch<L>(node))
      throw new GradpipeError(
        'TreeMismatch',
        showPath([option, ...path]),
        'a label',
        node === undefined ? 'nothing' : describeNode(node),
      )
    return node
  }
}
