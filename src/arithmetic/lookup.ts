/**
 * Look-ups in a state by name, at any depth: a state is plain data, so a chain or a wrapper around a field does not
 * hide it.
 */
import { GradpipeError } from '../error.js'
import { options } from '../options.js'
import type { Leaf, Params } from '../rule/leaf.js'
import { below, type Path, showPath } from '../tree/path.js'
import { children, isBranch, rebuild, type Tree } from '../tree/tree.js'

// model

/**
 * The type of what stands under a name anywhere in a state of type `S`, as far as the type tells; `never` if it does
 * not.
 *
 * Trees of parameters are not searched: the type of a state does not know their names.
 *
 * @category Trees
 */
export type Found<S, K extends string> = [Params] extends [S]
  ? never
  : S extends Leaf | null | undefined
    ? never
    : S extends readonly (infer E)[]
      ? Found<E, K>
      : (K extends keyof S ? S[K] : never) | { readonly [J in keyof S]: Found<S[J], K> }[keyof S]

/**
 * {@link Found}, or anything if the type does not tell.
 *
 * @category Trees
 */
export type FoundOr<S, K extends string> = [Found<S, K>] extends [never] ? unknown : Found<S, K>

/**
 * Selects among several values of one name, by path and value.
 *
 * @category Trees
 */
export type Filtering = (path: Path, value: unknown) => boolean

/**
 * Options of a look-up.
 *
 * @category Trees
 */
export interface LookupOptions {
  /** Which of several values is meant. All by default. */
  readonly filtering?: Filtering
}

// combinators

type Node = Tree<unknown>

const all: Filtering = () => true

/** Every value of the name, the outer ones before the inner ones. */
const search = (
  node: Node,
  path: Path,
  name: string,
  filtering: Filtering,
): readonly (readonly [Path, Node])[] => {
  if (node === null || !isBranch(node)) return []
  return children(node).flatMap(([key, child]) => {
    const at = below(path, key)
    const inner = search(child, at, name, filtering)
    return key === name && filtering(at, child) ? [[at, child] as const, ...inner] : inner
  })
}

/**
 * All values of a name in a state, with their paths: fields of records, at any depth, inside of each other too.
 *
 * @category Trees
 * @see Optax, `tree.get_all_with_path`
 * @example
 * ```ts
 * import { adam, chain, ema, tree } from 'gradpipe'
 *
 * const tx = chain(ema(0.9), adam(0.1))
 * const counts = tree.getAllWithPath(tx.init({ w: 0 }), 'count')
 * assert.deepEqual(counts.map(([path]) => tree.showPath(path)), ['0.count', '1.0.count'])
 * ```
 */
export const getAllWithPath = <S, const K extends string>(
  state: S,
  name: K,
  given?: LookupOptions,
): readonly (readonly [path: Path, value: FoundOr<S, K>])[] => {
  const { filtering } = options('tree.getAllWithPath', { filtering: all }, given)
  // whatever is not a branch is a leaf, so anything is a tree; the search by name finds what the type finds by name
  return search(state as Node, [], name, filtering) as readonly (readonly [Path, FoundOr<S, K>])[]
}

/**
 * Options of {@link get}.
 *
 * @category Trees
 */
export interface GetOptions<D> extends LookupOptions {
  /** The value to return if there is none. `undefined` by default. */
  readonly defaultValue?: D
}

/**
 * The value of a name in a state, wherever it stands: a count, a moment, a hyperparameter.
 *
 * It is not a copy: tensors in it belong to the state. Throws `InvalidArgument` if `filtering` lets several values
 * pass; returns the default if there is none.
 *
 * @category Trees
 * @see Optax, `tree.get`
 * @example
 * ```ts
 * import { adam, chain, clipByGlobalNorm, tree } from 'gradpipe'
 *
 * const tx = chain(clipByGlobalNorm(1), adam(0.1))
 * const state = tx.init({ w: 0 })
 * const count: number | undefined = tree.get(state, 'count')
 * assert.equal(count, 0)
 * assert.deepEqual(tree.get(state, 'mu'), { w: 0 })
 * assert.equal(tree.get(state, 'trace', { defaultValue: null }), null)
 * // the parameter's name stands in both moments
 * const inMu = tree.get(state, 'w', { filtering: (path) => path.includes('mu') })
 * assert.equal(inMu, 0)
 * ```
 */
export const get = <S, const K extends string, D = undefined>(
  state: S,
  name: K,
  given?: GetOptions<D>,
): FoundOr<S, K> | D => {
  const { filtering, defaultValue } = options(
    'tree.get',
    { filtering: all, defaultValue: undefined },
    given as GetOptions<object> | undefined,
  )
  const found = search(state as Node, [], name, filtering)
  const [first] = found
  if (found.length > 1)
    throw new GradpipeError(
      'InvalidArgument',
      `tree.get.${name}`,
      'one value; select it by filtering',
      `${found.length}: ${found.map(([path]) => showPath(path)).join(', ')}`,
    )
  // what is found by name is what the type finds by name
  return (first === undefined ? defaultValue : first[1]) as FoundOr<S, K> | D
}

const replace = (
  node: Node,
  path: Path,
  values: ReadonlyMap<string, Node>,
  filtering: Filtering,
  done: Set<string>,
): Node => {
  if (node === null || !isBranch(node)) return node
  return rebuild(node, path, (key, value): Node => {
    const at = below(path, key)
    if (typeof key === 'number' || !values.has(key) || !filtering(at, value))
      return replace(value, at, values, filtering, done)
    done.add(key)
    // the entry exists, perhaps as undefined
    return values.get(key) ?? null
  })
}

/**
 * Returns a state with other values under some names, wherever these stand, in every place that `filtering` lets
 * pass.
 *
 * The given state stays as it is. The result shares everything else with it, tensors too, so go on with one of the
 * two, and dispose only that. Throws `InvalidArgument` for a name that is not there.
 *
 * @category Trees
 * @see Optax, `tree.set`
 * @example
 * ```ts
 * import { adam, injectHyperparams, tree } from 'gradpipe'
 *
 * const tx = injectHyperparams((h: { readonly learningRate: number }) => adam(h.learningRate))({ learningRate: 0.1 })
 * const state = tx.init({ w: 0 })
 * const slower = tree.set(state, { learningRate: 0.01 })
 * assert.equal(tree.get(slower, 'learningRate'), 0.01)
 * assert.equal(tree.get(state, 'learningRate'), 0.1)
 * ```
 */
export const set = <S, const V extends Readonly<Record<string, unknown>>>(
  state: S,
  values: V & { readonly [K in keyof V]: FoundOr<S, K & string> },
  given?: LookupOptions,
): S => {
  const { filtering } = options('tree.set', { filtering: all }, given)
  const done = new Set<string>()
  const plain: Readonly<Record<string, unknown>> = values
  const entries = new Map(Object.entries(plain))
  const after = replace(state as Node, [], entries as ReadonlyMap<string, Node>, filtering, done)
  for (const name of entries.keys())
    if (!done.has(name))
      throw new GradpipeError(
        'InvalidArgument',
        `tree.set.${name}`,
        'a name in the state',
        'a name that is not there',
      )
  // the same structure, with values of the same types under their names
  return after as S
}
