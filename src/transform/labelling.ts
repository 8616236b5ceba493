/** Labelling: a value per leaf, given as a tree or as a function of what is known of the leaf. */
import { GradpipeError } from '../error.js'
import { shown } from '../options.js'
import type { Range } from '../range.js'
import type { Leaf, LeafSpec, Params } from '../rule/leaf.js'
import { type Path, showPath } from '../tree/path.js'
import { children, describeNode, isBranch, leaves, type Tree } from '../tree/tree.js'

/**
 * A value for every leaf: a tree like the parameters, whose leaf may stand for a whole branch of theirs, or a
 * function of a leaf's path, shape and dtype. A function is asked once for trees of one structure, not in every step.
 *
 * A key with slashes, as TensorFlow.js names weights (`dense/bias`), is the keys between them here: the path of such a
 * leaf ends in `bias`, and a tree of labels may have `dense` for a whole layer.
 *
 * @category Wrappers
 */
export type Labelling<L extends boolean | string> = Tree<L> | ((leaf: LeafSpec) => L)

/**
 * Which leaves a transformation is for.
 *
 * @category Wrappers
 */
export type Mask = Labelling<boolean>

/** The first label of a tree that is not a boolean. */
const oddLabel = (value: unknown): readonly [Path, unknown] | undefined =>
  leaves<unknown>(value).find(([, label]) => typeof label !== 'boolean')

/** What may be a mask. */
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

/** Of which kind labels are, and who gives them. */
export interface Labels {
  /** The name of the factory that is given them. */
  readonly of: string
  /** The option. */
  readonly option: string
  /** What every label is. */
  readonly kind: 'boolean' | 'string'
}

/** A key as those who ask see it: a name of TensorFlow.js by its parts. */
const partsOf = (key: string | number): Path => {
  if (typeof key === 'number' || !key.includes('/')) return [key]
  const parts = key.split('/')
  return parts.includes('') ? [key] : parts
}

/** A leaf as functions that are asked about it see it: with the parts of names for keys. */
export const seen = (leaf: LeafSpec): LeafSpec => ({ ...leaf, path: leaf.path.flatMap(partsOf) })

type Node<A> = Tree<A> | undefined

/** The child of a key; or what is under the names that begin with it and a slash; `undefined` if there is nothing. */
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

/** What stands at a key, or at its parts one after the other, as far as there are branches. */
const under = <A>(node: Tree<A>, key: string | number): Node<A> => {
  const exact = childOf(node, key)
  if (exact !== undefined) return exact
  const [, ...more] = partsOf(key)
  return more.length === 0 ? undefined : downTo(node, partsOf(key))
}

/** What stands at a path, or the leaf or nothing on the way there. */
const downTo = <A>(tree: Tree<A>, path: Path): Node<A> => {
  let node: Node<A> = tree
  for (const key of path) {
    if (node === undefined || node === null || !isBranch<A>(node)) break
    node = under(node, key)
  }
  return node
}

/** Throws `TreeMismatch`, under the option, for a tree that has nothing where a tree of labels has a label. */
export const labelsFit =
  <L extends boolean | string>(option: string, labels: Labelling<L>): ((tree: Params) => void) =>
  (tree) => {
    if (typeof labels === 'function') return
    // below a leaf there is no label that could be asked for, and nothing is as good as anything
    for (const [path] of leaves<L>(labels))
      if (downTo<Leaf>(tree, path) === undefined)
        throw new GradpipeError('TreeMismatch', showPath([option, ...path]), 'no label', 'a label of nothing')
  }

/**
 * The label of a leaf.
 *
 * Throws `InvalidArgument` for a tree with a label of another kind, at once; later `TreeMismatch`, under the option,
 * for a leaf that a tree has no label for, and `InvalidArgument` for what a function gives that is no label.
 */
export const labelOf = <L extends boolean | string>(
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
