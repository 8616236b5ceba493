/** The matrices in tensors of one shape, of which something is made: of all at once, or of one after the other. */
import * as tf from '@tensorflow/tfjs-core'
import type { Stack } from '../../rule/stack.js'
import { flip, fromMatrices, toMatrices } from './matrices.js'
import { cloneTensor } from './tensor.js'
import { tidied } from './tidy.js'

/** Where several products in one are computed by a plain loop, 20 times as long as one after the other. */
const oneByOne: ReadonlySet<string> = new Set(['wasm'])

/** A function of a thing that computes once for each; what is there once more is the same tensor once more. */
const once = <K, V>(make: (key: K) => V): ((key: K) => V) => {
  const made = new Map<K, V>()
  return (key) => {
    const value = made.get(key) ?? make(key)
    made.set(key, value)
    return value
  }
}

/**
 * What is made of the matrices in tensors of one shape: of the first of every column, of the second of every column, and so
 * on. Intermediate tensors are the caller's to tidy.
 */
export const mapMatrices = <const C extends readonly (readonly tf.Tensor[])[]>(
  columns: C,
  stack: Stack,
  f: (...matrices: { readonly [K in keyof C]: tf.Tensor }) => tf.Tensor,
): readonly tf.Tensor[] => {
  const [tensors = []] = columns
  // one of each column
  const of = (matrices: readonly tf.Tensor[]): tf.Tensor =>
    f(...(matrices as { readonly [K in keyof C]: tf.Tensor }))
  const [count] = stack.shape
  const [one] = tensors
  if (one === undefined || one.size === 0) return tensors.map(cloneTensor)
  const matricesOf = once((tensor: tf.Tensor): tf.Tensor => toMatrices(tensor, stack))
  const together = (): readonly tf.Tensor[] => {
    const joined = once((column: readonly tf.Tensor[]) => {
      const [alone, ...more] = column.map(matricesOf)
      return alone !== undefined && more.length === 0 ? alone : tf.concat(column.map(matricesOf), 0)
    })
    const made = of(columns.map(joined))
    return tensors.length === 1 ? [made] : tf.split(made, tensors.length, 0)
  }
  const apart = (i: number): tf.Tensor => {
    const parts = once((matrices: tf.Tensor) => (count === 1 ? [matrices] : tf.split(matrices, count, 0)))
    const all = columns.map((column) => parts(matricesOf(column[i] as tf.Tensor))) // as many as tensors
    // what is in between goes at once: of a hundred matrices it would be much
    const each = Array.from({ length: count }, (_, which) =>
      tidied('matrices', () => of(all.map((own) => own[which] as tf.Tensor))),
    )
    return count === 1 ? (each[0] as tf.Tensor) : tf.concat(each, 0)
  }
  const made = oneByOne.has(tf.getBackend()) ? tensors.map((_, i) => apart(i)) : together()
  return tensors.map(({ shape }, i) => fromMatrices(made[i] as tf.Tensor, stack, shape))
}

/** The products $a\,b^\top c$ of the matrices in tensors of one shape. */
export const multiplyTensors = (
  a: readonly tf.Tensor[],
  b: readonly tf.Tensor[],
  c: readonly tf.Tensor[],
  stack: Stack,
): readonly tf.Tensor[] =>
  tidied('multiply', () => mapMatrices([a, b, c], stack, (x, y, z) => tf.matMul(tf.matMul(x, flip(y)), z)))
