/** mapParams: applies a function to those parts of a state that are shaped like the parameters. */
import { GradpipeError } from '../error.js'
import { options } from '../options.js'
import { dispose } from '../program/dispose.js'
import { checkRange, initable } from '../range.js'
import type { Leaf, Params } from '../rule/leaf.js'
import { type Path, showPath } from '../tree/path.js'
import { children, describeNode, isArray, isBranch, map, rebuild, type Tree } from '../tree/tree.js'

// model

/**
 * Something with a first state, such as a transformation.
 *
 * @category Trees
 */
export interface Initable<S> {
  /** The state before the first step. */
  readonly init: (params: Params) => S
}

/**
 * Options of {@link mapParams}.
 *
 * @category Trees
 */
export interface MapParamsOptions {
  /** A function of every other leaf, such as counts and hyperparameters. By default they stay. */
  readonly transformNonParams?: (value: unknown, path: Path) => unknown
}

type Node = Tree<unknown>

/** A mark in the place of a parameter, by which the parameter is found again in a state. */
const MARK = 'gradpipe: a parameter'

const isMark = (node: Node): boolean =>
  node !== null && isBranch(node) && !isArray(node) && Object.hasOwn(node, MARK)

const below = (node: Node): ReadonlyMap<string | number, Node> =>
  new Map(node !== null && isBranch(node) ? children(node) : [])

/** Whether a part of a state that was made of marked parameters is shaped like them. */
const isLikeParams = (probe: Node, params: Node): boolean => {
  if (params === null || probe === null) return true
  if (!isBranch(params)) return isMark(probe)
  if (!isBranch(probe) || isMark(probe)) return false
  const [ours, theirs] = [below(probe), below(params)]
  return (
    isArray(probe) === isArray(params) &&
    ours.size === theirs.size &&
    [...theirs].every(([key, child]) => {
      const own = ours.get(key)
      return own !== undefined && isLikeParams(own, child)
    })
  )
}

const mismatch = (path: Path, expected: string, given: Node | undefined): GradpipeError =>
  new GradpipeError('TreeMismatch', showPath(['state', ...path]), expected, describeNode(given))

const rebuilt = (node: Node, f: (key: string | number, child: Node) => unknown): unknown =>
  node === null || !isBranch(node) ? node : rebuild(node, [], (key, child) => f(key, child ?? null))

/** A first state of marked parameters, and which of its parts are shaped like them. */
interface Probe {
  readonly state: unknown
  readonly isLikeParams: (part: Node) => boolean
}

/**
 * Asks a transformation for the first state of marked parameters. The marks stand below the leaves, where a mask or a
 * label by the first keys of a path does not see them; if one by the last key refuses that, they stand above.
 */
const probed = (tx: Initable<unknown>, params: Params): Probe => {
  try {
    // a tree of trees is a tree
    const marked = map((leaf: Leaf): Params => ({ [MARK]: leaf }))(params) as Params
    return { state: tx.init(marked), isLikeParams: (part) => isLikeParams(part, params) }
  } catch (error) {
    if (!(error instanceof GradpipeError)) throw error
    return { state: tx.init({ [MARK]: params }), isLikeParams: isMark }
  }
}

// combinators

/**
 * Applies a function to every leaf of a state that belongs to a parameter, in every part of the state that is shaped
 * like the parameters: moments, traces, averages, one value per leaf.
 *
 * The function gets the leaf, the parameter, and the leaf's path in the state. The transformation tells which parts
 * these are: `mapParams` asks it for the first state of marked parameters of the same structure. For this, masks and
 * labels are asked about paths that are longer by one.
 *
 * The result shares with the given state what the function does not replace, tensors too. Throws `TreeMismatch` for a
 * state that is not the transformation's.
 *
 * @category Trees
 * @see Optax, `tree.map_params`
 * @example
 * ```ts
 * import { adam, tree } from 'gradpipe'
 *
 * const tx = adam(0.1)
 * const params = { w: 1, b: 2 }
 * const [, state] = tx.update({ w: 3, b: 4 }, tx.init(params))
 * // forgets all moments, and keeps the count
 * const forgotten = tree.mapParams(tx, () => 0, state, params)
 * assert.deepEqual(forgotten, [{ count: 1, mu: { w: 0, b: 0 }, nu: { w: 0, b: 0 } }, {}])
 * ```
 */
export function mapParams<S>(
  tx: Initable<S>,
  f: (leaf: Leaf, param: Leaf, path: Path) => Leaf,
  state: S,
  params: Params,
): S
export function mapParams<S>(
  tx: Initable<S>,
  f: (leaf: Leaf, param: Leaf, path: Path) => unknown,
  state: S,
  params: Params,
  given?: MapParamsOptions,
): unknown
export function mapParams<S>(
  tx: Initable<S>,
  f: (leaf: Leaf, param: Leaf, path: Path) => unknown,
  state: S,
  params: Params,
  given?: MapParamsOptions,
): unknown {
  checkRange('tree.mapParams', tx, initable)
  const { transformNonParams } = options('tree.mapParams', { transformNonParams: undefined }, given)
  const other = transformNonParams ?? ((value: unknown): unknown => value)

  const ofParams = (node: Node, like: Node, path: Path): unknown => {
    if (node === null) return null
    // a part that is shaped like the parameters has leaves where they have
    if (like !== null && !isBranch(like)) {
      if (isBranch(node)) throw mismatch(path, 'a leaf', node)
      return f(node as Leaf, like as Leaf, path)
    }
    const [own, theirs] = [below(node), below(like)]
    if (!isBranch(node) || own.size !== theirs.size) throw mismatch(path, describeNode(like), node)
    return rebuilt(node, (key, child) => {
      const param = theirs.get(key)
      if (param === undefined) throw mismatch([...path, key], 'nothing', child)
      return ofParams(child, param, [...path, key])
    })
  }

  const visit = (node: Node, probe: Node, path: Path): unknown => {
    if (probe !== null && marked.isLikeParams(probe)) return ofParams(node, params, path)
    if (probe === null || !isBranch(probe)) {
      if (node !== null && isBranch(node)) throw mismatch(path, describeNode(probe), node)
      return node === null ? null : other(node, path)
    }
    const [own, theirs] = [below(node), below(probe)]
    if (node === null || !isBranch(node) || own.size !== theirs.size)
      throw mismatch(path, describeNode(probe), node)
    return rebuilt(node, (key, child) => {
      const at = theirs.get(key)
      if (at === undefined) throw mismatch([...path, key], 'nothing', child)
      return visit(child, at, [...path, key])
    })
  }

  const marked = probed(tx, params)
  try {
    // whatever is not a branch is a leaf, so anything is a tree
    return visit(state as Node, marked.state as Node, [])
  } finally {
    dispose(marked.state)
  }
}
