/**
 * All hosts: numbers and typed arrays are gradpipe's own, tensors have a host once their library is there.
 *
 * What is done with a leaf here, its host does.
 */
import { GradpipeError } from '../error.js'
import { type HostKind, isTensorLike, type Leaf, tensorsMissing } from '../rule/leaf.js'
import type { NumberLeaf } from '../rule/ndarray.js'
import { type Path, showPath } from '../tree/path.js'
import { brought } from './brought.js'
import type { Host, MatrixHost, Vectors } from './host.js'
import { numberHost } from './numbers/host.js'
import { numberVectors } from './numbers/vectors.js'

/** Throws `InvalidLeaf` for a tensor that no host knows. */
export const expectHost = (path: Path, leaf: Leaf): void => {
  if (isTensorLike(leaf) && brought.tensors?.owns(leaf) !== true) throw tensorsMissing(showPath(path))
}

/** The host of tensors. */
export const hostOfTensors = (): MatrixHost => {
  const host: MatrixHost | undefined = brought.tensors
  if (host === undefined) throw tensorsMissing('')
  return host
}

/** The host of one kind of leaves. */
export const hostFor = (kind: HostKind): Host => (kind === 'number' ? numberHost : hostOfTensors())

const tensorHostOf = (leaf: Leaf): MatrixHost => {
  expectHost([], leaf)
  return hostOfTensors()
}

const vectorsOf = (leaf: Leaf): Vectors => (numberVectors.owns(leaf) ? numberVectors : tensorHostOf(leaf))

// memory

/** The same value in memory of its own: a copied array, a tensor's new handle. */
export const clone = (leaf: Leaf): Leaf =>
  numberHost.owns(leaf)
    ? numberHost.clone(leaf)
    : // what is not a leaf, a name or a flag in a state, passes through
      isTensorLike(leaf)
      ? tensorHostOf(leaf).clone(leaf)
      : leaf

/** Gives a leaf's memory back; numbers and arrays have none to give. */
export const disposeLeaf = (leaf: Leaf): void => {
  // every donating step comes here: nothing is looked at but the kind
  if (isTensorLike(leaf)) hostOfTensors().dispose(leaf)
}

/** A leaf of the kind and shape of another, with numbers of its own: row by row, as many as it has elements. */
export const leafLike = (like: Leaf, values: Float32Array): Leaf => vectorsOf(like).like(like, values)

/** A leaf of zeros. */
export const zerosLikeLeaf = (like: Leaf): Leaf => vectorsOf(like).zerosLike(like)

/** The number of a scalar leaf. */
export const readLeaf = (leaf: Leaf): number =>
  numberHost.owns(leaf) ? numberOf(leaf) : tensorHostOf(leaf).read(leaf)

/** The same without blocking on the device. */
export const readLeafLater = async (leaf: Leaf): Promise<number> =>
  numberHost.owns(leaf) ? numberOf(leaf) : tensorHostOf(leaf).readLater(leaf)

const numberOf = (leaf: NumberLeaf): number => (typeof leaf === 'number' ? leaf : Number.NaN)

// vectors

/**
 * Leaves one after the other, as one. Numbers and Float64Arrays go together; other kinds do not.
 *
 * Throws `DtypeMismatch`, with `path` as its path, for leaves of several kinds.
 */
export const concatLeaves = (leaves: readonly Leaf[], path: string): Leaf => {
  const [first] = leaves
  const host = first === undefined ? numberVectors : vectorsOf(first)
  const whole = leaves.every((leaf) => host.owns(leaf)) ? host.concat(leaves) : null
  if (whole !== null) return whole
  throw new GradpipeError('DtypeMismatch', path, 'leaves of one kind', 'several')
}

/** The leaves, each like one of `likes`, that lie one after the other in a vector. */
export const splitLeaf = (flat: Leaf, likes: readonly Leaf[]): readonly Leaf[] => {
  const host = vectorsOf(flat)
  let next = 0
  return likes.map((like) => {
    const from = next
    next += host.sizeOf(like)
    return host.part(flat, from, like)
  })
}
