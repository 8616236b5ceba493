/**
 * A tensor as a stack of matrices, as the declarations of gradpipe name it: without the types of TensorFlow.js, which a
 * project may lack.
 */

/** How a tensor becomes a stack of matrices: its axes in this order, in this shape. */
export interface Stack {
  readonly order: readonly number[]
  readonly shape: readonly [count: number, rows: number, columns: number]
}
