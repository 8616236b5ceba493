/**
 * Products of matrices: BatchMatMul and _FusedMatMul.
 *
 * Where a side is transposed, as in every gradient of a product, or where there is a batch of products, TensorFlow.js's
 * kernel is a plain loop, 10 to 25 times as slow as XNNPACK, which does the others. XNNPACK in turn first reorders the
 * right side. That pays if the right side stays the same, which weights in training do not.
 */
import * as tf from '@tensorflow/tfjs-core'
import { type Dense, multiplierOf, type Scattered } from './product.js'
import { type Call, isLinear, type Replaced } from './replacement.js'

/** Multiples of a number, from 0 on. */
const multiples = (count: number, of: number): Int32Array => {
  const result = new Int32Array(count)
  for (let i = 0; i < count; i++) result[i] = i * of
  return result
}

/** For each product, the index of the matrix on one side. */
const numbersOf = (own: readonly number[], common: readonly number[]): readonly number[] =>
  common.reduce<readonly number[]>(
    (before, size, axis) => {
      const length = own[own.length - common.length + axis] ?? 1
      return before.flatMap((number) =>
        Array.from({ length: size }, (_, i) => number * length + (length === 1 ? 0 : i)),
      )
    },
    [0],
  )

const matMul = ({
  door,
  inputs: { a, b, bias },
  attrs: { transposeA, transposeB },
}: Call): tf.Tensor | null => {
  if (a === undefined || b === undefined || a.dtype !== 'float32' || b.dtype !== 'float32') return null
  if (a.size === 0 || b.size === 0) return null
  const turned = [transposeA === true, transposeB === true] as const
  const [aRows = 0, aColumns = 0] = a.shape.slice(-2)
  const [bRows = 0, bColumns = 0] = b.shape.slice(-2)
  const [height, depth] = turned[0] ? [aColumns, aRows] : [aRows, aColumns]
  const [width, others] = turned[1] ? [bRows, bColumns] : [bColumns, bRows]
  // TensorFlow.js reports shapes that do not fit, and supports rarer ones
  if (depth !== others || (bias !== undefined && bias.size !== width)) return null
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2))
  const count = tf.util.sizeFromShape(batch)
  // many products with the same right side are one
  const isOne = !turned[0] && b.size === depth * width
  const [rows, products] = isOne ? [height * count, 1] : [height, count]
  const multiply = multiplierOf(door)
  const { tensor, address } = door.makeTensor([...batch, height, width], count * height * width)
  const [aBase, bBase] = [door.dataOf(a).memoryOffset, door.dataOf(b).memoryOffset]
  const left: Omit<Scattered, 'base'> = {
    rows: multiples(rows, turned[0] ? 4 : 4 * depth),
    steps: multiples(depth, turned[0] ? 4 * height : 4),
  }
  const right: Omit<Dense, 'base'> = {
    step: turned[1] ? 4 * depth : 4 * width,
    turned: turned[1],
    columns: width,
  }
  const [aAt, bAt] = [a, b].map(({ shape }) => numbersOf(shape.slice(0, -2), batch))
  for (let i = 0; i < products; i++)
    multiply(
      { base: aBase + 4 * height * depth * (aAt?.[i] ?? 0), ...left },
      { base: bBase + 4 * depth * width * (bAt?.[i] ?? 0), ...right },
      address + 4 * i * height * width,
      bias === undefined ? null : door.dataOf(bias).memoryOffset,
    )
  return tensor
}

/** The kernels. */
export const products: readonly Replaced[] = [
  { kernel: 'BatchMatMul', reason: 'slow', run: matMul },
  {
    kernel: '_FusedMatMul',
    reason: 'slow',
    run: (call) => (isLinear(call) ? matMul(call) : null),
  },
]
