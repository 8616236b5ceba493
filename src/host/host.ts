/**
 * Host: where the numbers of some leaves live, and who computes with them.
 *
 * Everything else knows leaves by this interface alone. It is what a further tensor library has to bring.
 */
import type { Leaf } from '../rule/leaf.js'
import type { Orthogonalization } from '../rule/matrices.js'
import type { Stack } from '../rule/stack.js'
import type { Done, Work } from './work.js'

/** A host of leaves of type `V`. */
export interface Host<V extends Leaf = Leaf> {
  /** Whether a leaf is its own. */
  owns(leaf: unknown): leaf is V
  /** Computes a step over leaves of its own. */
  run(work: Work<V>): Done<V>
  /**
   * Steps whose parameters and slots stay the same leaves, with other numbers, while other gradients are put into the
   * work's column. A call makes a step, and says whether it did: where another leaf has the same memory, nothing is done.
   * `null` where there are no such steps, and no function where there never are.
   */
  inPlace?(work: Work<V>): (() => boolean) | null

  // memory

  /** The same value in memory of its own: a copied array, a tensor's new handle. */
  clone(leaf: V): V
  /** Gives a leaf's memory back, where somebody has to. */
  dispose(leaf: V): void
}

/** What else a host makes of its leaves. Of numbers only those who ask for it bring the code. */
export interface Vectors<V extends Leaf = Leaf> extends Pick<Host<V>, 'owns'> {
  /** A leaf of the kind and shape of another, with numbers of its own: row by row, as many as it has elements. */
  like(leaf: V, values: Float32Array): V
  /** A leaf of zeros. */
  zerosLike(leaf: V): V
  // vectors

  /** How many elements a leaf has. */
  sizeOf(leaf: V): number
  /** Leaves one after the other, as one; `null` where they do not go together. */
  concat(leaves: readonly V[]): V | null
  /** The part of a vector from an index on that has a leaf's shape, in that shape. */
  part(vector: V, from: number, like: V): V
}

/** What computes with the matrices in leaves of one shape: these as they are told lie with no more rows than columns. */
export interface Matrices<V extends Leaf = Leaf> {
  /** Their orthogonal factors, each a leaf of its own. */
  orthogonalize(leaves: readonly V[], stack: Stack, by: Orthogonalization, eps: number): readonly V[]
  /** Their products $a\,b^\top c$, each a leaf of its own. */
  multiply(a: readonly V[], b: readonly V[], c: readonly V[], stack: Stack): readonly V[]
}

/**
 * A host that computes with matrices itself, and whose leaves have to be read: that of tensors. Of numbers only those who
 * have terms of matrices bring the code.
 */
export interface MatrixHost<V extends Leaf = Leaf> extends Host<V>, Vectors<V>, Matrices<V> {
  /** The number of a scalar leaf. */
  read(leaf: V): number
  /** The same without blocking on a device. */
  readLater(leaf: V): Promise<number>
}
