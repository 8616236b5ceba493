/**
 * Door: what the interpreter of arrays knows of the leaves of a kind, whether they are arrays themselves or hold one.
 */
import type { LeafKind } from '../../rule/leaf.js'
import type { Elements } from '../../rule/ndarray.js'
import type { NumberValue } from './values.js'

/** Where leaves have their numbers, and how new ones are made. */
export interface ArrayDoor<V> {
  /** A leaf's numbers, to be read alone; of a leaf of one number that number, or an array of it. */
  readonly read: (leaf: V) => NumberValue
  /**
   * A leaf in the place of one that was given up: with the same numbers in the same memory, which are written over from
   * now on, while the other leaf is used no more. `null` where that memory must stay as it is; no function where all must.
   */
  readonly take: ((leaf: V) => V | null) | null
  /** A new leaf of a kind and shape, with these numbers, in this array. */
  readonly wrap: (values: Elements, kind: LeafKind, shape: readonly number[]) => V
  /** A new leaf of one number. */
  readonly single: (value: number) => V
  /** A leaf with the numbers of another, both of which stay. */
  readonly keep: (leaf: V) => V
  /** Puts an array of numbers in the place of a leaf's own, which stays the same leaf. No function where new leaves are made. */
  readonly put?: (leaf: V, values: Elements) => V
}
