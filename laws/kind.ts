/** Kinds of leaves: a law is drawn once, as blocks of numbers, and run on every kind that it holds for. */
import { type Leaf, NdArray, ndarray, type Params, type Path, type Tree, tree } from '../src/index.js'
import { Block } from './block.js'
import { makeTensor, readTensor } from './tensor.js'

/**
 * A floating-point format: IEEE single or double precision.
 *
 * @category Distances
 */
export type Precision = 'float32' | 'float64'

/**
 * A kind of leaves: plain numbers (a leaf of more than one element becomes an array of them), `Float64Array`,
 * `Float32Array`, a `Float64Array` with a shape (without axes, a number), or tensors on the active backend.
 *
 * @category Laws
 */
export type Kind = 'number' | 'float64' | 'float32' | 'ndarray' | 'tensor'

/**
 * All kinds of leaves.
 *
 * @category Laws
 * @example
 * ```ts
 * import { allKinds } from 'gradpipe/laws'
 *
 * assert.deepEqual(allKinds, ['number', 'float64', 'float32', 'ndarray', 'tensor'])
 * ```
 */
export const allKinds: readonly Kind[] = ['number', 'float64', 'float32', 'ndarray', 'tensor']

/** The kinds in which a leaf of several elements is one leaf, so norms per leaf are meaningful. */
export const arrayKinds: readonly Kind[] = ['float64', 'float32', 'ndarray', 'tensor']

/** The precision in which a kind computes. */
export const precisionOf = (kind: Kind): Precision =>
  kind === 'float32' || kind === 'tensor' ? 'float32' : 'float64'

const leafOf = (kind: Kind, { shape, data }: Block): Params => {
  switch (kind) {
    case 'number':
      return shape.length === 0 ? (data[0] ?? Number.NaN) : Array.from(data)
    case 'float64':
      return data.slice()
    case 'float32':
      return Float32Array.from(data)
    case 'ndarray':
      return shape.length === 0 ? (data[0] ?? Number.NaN) : ndarray(data.slice(), shape)
    case 'tensor':
      return makeTensor(data, shape)
  }
}

const graft = (node: Tree<Block>, replace: (block: Block) => Params): Params => {
  if (node === null) return null
  if (node instanceof Block) return replace(node)
  // Array.isArray does not narrow readonly arrays
  if (Array.isArray(node)) return (node as readonly Tree<Block>[]).map((child) => graft(child, replace))
  return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, graft(child, replace)]))
}

/**
 * Makes a tree of leaves of a kind, in memory of its own.
 *
 * @category Generators
 * @example
 * ```ts
 * import { Block, encode } from 'gradpipe/laws'
 *
 * const drawn = { w: new Block([2], Float64Array.of(1, 2)), b: null }
 * assert.deepEqual(encode('number')(drawn), { w: [1, 2], b: null })
 * assert.deepEqual(encode('float32')(drawn), { w: Float32Array.of(1, 2), b: null })
 * ```
 */
export const encode =
  (kind: Kind): ((blocks: Tree<Block>) => Params) =>
  (blocks) =>
    graft(blocks, (block) => leafOf(kind, block))

/** The numbers of a leaf. */
export const read = (leaf: Leaf): Block => {
  if (typeof leaf === 'number') return new Block([], Float64Array.of(leaf))
  if (leaf instanceof Float64Array || leaf instanceof Float32Array)
    return new Block([leaf.length], Float64Array.from(leaf))
  if (leaf instanceof NdArray) return new Block(leaf.shape, Float64Array.from(leaf.data))
  return new Block(leaf.shape, readTensor(leaf) ?? new Float64Array(0))
}

/**
 * The numbers of every leaf, in the tree's own structure.
 *
 * @category Generators
 * @example
 * ```ts
 * import { Block, readTree } from 'gradpipe/laws'
 *
 * assert.deepEqual(readTree({ w: Float32Array.of(1, 2) }), { w: new Block([2], Float64Array.of(1, 2)) })
 * ```
 */
export const readTree: (params: Params) => Tree<Block> = tree.map(read)

const at = (node: Params, path: Path): Params =>
  path.reduce<Params>((below, key) => new Map(entries(below)).get(String(key)) ?? null, node)

const entries = (node: Params): readonly (readonly [string, Params])[] =>
  // what stands above a leaf is a record or an array
  node === null ? [] : Object.entries(node as Readonly<Record<string, Params>>)

/**
 * The blocks of a tree that {@link encode} made from a tree like `like` and a transformation changed; `null` where
 * nothing is left.
 *
 * @category Generators
 * @example
 * ```ts
 * import { Block, decode, encode } from 'gradpipe/laws'
 *
 * const drawn = { w: new Block([2], Float64Array.of(1, 2)), b: null }
 * assert.deepEqual(decode(drawn, encode('number')(drawn)), drawn)
 * ```
 */
export const decode = (like: Tree<Block>, params: Params): Tree<Block> =>
  tree.mapWithPath((path: Path, block: Block): Tree<Block> => {
    const below = at(params, path)
    if (below === null) return null
    const numbers = tree.leaves<Leaf>(below).flatMap(([, leaf]) => [...read(leaf).data])
    return new Block(block.shape, Float64Array.from(numbers))
  })(like) as Tree<Block> // a tree of trees of blocks is a tree of blocks
