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
 * @category Wrappers
 */
export type Labelling<L extends boolean | string> = Tree<L> | ((leaf: LeafSpec) => L)

/**
 * Which leaves a transformation is for.
 *
 * @category Wrappers
 */
export type Mask = Labelling<boolean>

/** The first label of a tree that is no boolean. */
const oddLabel = (value: unknown): readonly [Path, unknown] | undefined =>
  leaves<unknown>(value).find(([, label]) => typeof label !== 'boolean')

/** What may be a mask. */
export const masks: Range = [
  'a tree of booleans, or a function of a leaf',
  (value) => typeof value === 'function' || oddLabel(value) === undefined,
  (value) => {
    const [path = [], label] = oddLabel(value) ?? []
    return path.length === 0
      ? undefined
      : { path: showPath(path), expected: 'a boolean', given: shown(label) }
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

/** Throws `TreeMismatch`, under the option, for a tree that has nothing where a tree of labels has a label. */
export const labelsFit =
  <L extends boolean | string>(option: string, labels: Labelling<L>): ((tree: Params) => void) =>
  (tree) => {
    if (typeof labels === 'function') return
    for (const [path] of leaves<L>(labels)) {
      let node: Params | undefined = tree
      for (const key of path) {
        // below a leaf there is no label that could be asked for, and nothing is as good as anything
        if (node === undefined || node === null || !isBranch<Leaf>(node)) break
        node = new Map(children(node)).get(key)
      }
      if (node === undefined)
        throw new GradpipeError('TreeMismatch', showPath([option, ...path]), 'no label', 'a label of nothing')
    }
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
  if (typeof labels === 'function') return (leaf) => checked([option, ...leaf.path], labels(leaf))
  for (const [path, label] of leaves<L>(labels)) checked([of, option, ...path], label)
  return ({ path }) => {
    let node: Tree<L> | undefined = labels
    for (const key of path) {
      if (node === undefined || node === null || !isBranch<L>(node)) break
      node = new Map(children(node)).get(key)
    }
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
