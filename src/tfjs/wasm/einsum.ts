/**
 * Sums by indices: Einsum, which WASM lacks, and its gradient, which TensorFlow.js has on no backend.
 *
 * Two tensors are multiplied as matrices, whose rows and columns are the indices that only one of them has.
 */
import * as tf from '@tensorflow/tfjs-core'
import { tidied } from '../../host/tfjs/tidy.js'
import type { Call, Replaced } from './replacement.js'

type Labels = readonly string[]

/** A tensor, and the names of its dimensions. */
interface Labelled {
  readonly tensor: tf.Tensor
  readonly labels: Labels
}

const labelsOf = (equation: string): readonly [inputs: readonly Labels[], output: Labels] => {
  const [left = '', right = ''] = equation.replace(/\s/g, '').split('->')
  return [left.split(',').map((each) => [...each]), [...right]]
}

/** Sums over indices that occur nowhere else, and orders the others. */
const ordered = ({ tensor, labels }: Labelled, order: Labels): tf.Tensor => {
  const away = labels.flatMap((label, axis) => (order.includes(label) ? [] : [axis]))
  const rest = labels.filter((label) => order.includes(label))
  const sum = away.length === 0 ? tensor : tf.sum(tensor, away)
  const places = order.map((label) => rest.indexOf(label))
  return places.every((place, i) => place === i) ? sum : tf.transpose(sum, places)
}

const sizesOf = ({ tensor, labels }: Labelled, of: Labels): readonly number[] =>
  of.map((label) => tensor.shape[labels.indexOf(label)] ?? 1)

const product = tf.util.sizeFromShape

const multiply = (a: Labelled, b: Labelled, output: Labels): tf.Tensor => {
  const shared = a.labels.filter((label) => b.labels.includes(label))
  const batch = shared.filter((label) => output.includes(label))
  const summed = shared.filter((label) => !output.includes(label))
  const only = ({ labels }: Labelled): Labels =>
    labels.filter((label) => !shared.includes(label) && output.includes(label))
  const [rows, columns] = [only(a), only(b)]
  const [batches, depths] = [sizesOf(a, batch), sizesOf(a, summed)]
  const [heights, widths] = [sizesOf(a, rows), sizesOf(b, columns)]
  const [count, depth] = [product([...batches]), product([...depths])]
  const left = tf.reshape(ordered(a, [...batch, ...rows, ...summed]), [count, product([...heights]), depth])
  const right = tf.reshape(ordered(b, [...batch, ...summed, ...columns]), [
    count,
    depth,
    product([...widths]),
  ])
  const tensor = tf.reshape(tf.matMul(left, right), [...batches, ...heights, ...widths])
  return ordered({ tensor, labels: [...batch, ...rows, ...columns] }, output)
}

/** The sum of one tensor, or of the product of two. */
const contract = (tensors: readonly Labelled[], output: Labels): tf.Tensor | null => {
  const [a, b, ...more] = tensors
  if (a === undefined || more.length > 0) return null
  return b === undefined ? ordered(a, output) : multiply(a, b, output)
}

const einsum = ({ inputs, attrs }: Call): tf.Tensor | null => {
  const tensors = Object.values(inputs).filter((each) => each !== undefined)
  if (tensors.some(({ dtype }) => dtype !== 'float32')) return null
  const equation = String(attrs.equation)
  const { allDims, idDims } = tf.backend_util.decodeEinsumEquation(equation, tensors.length)
  tf.backend_util.checkEinsumDimSizes(allDims.length, idDims, tensors)
  const [labels, output] = labelsOf(equation)
  return tidied('einsum', () => {
    const result = contract(
      tensors.map((tensor, i) => ({ tensor, labels: labels[i] ?? [] })),
      output,
    )
    // the kernel's result is no other tensor
    return result === null ? null : tf.clone(result)
  })
}

/** The gradient in one of the tensors; it is constant along the dimensions that occur nowhere else. */
const inTensor = (own: Labelled, dy: Labelled, others: readonly Labelled[]): tf.Tensor => {
  const known = new Set([dy, ...others].flatMap(({ labels }) => labels))
  const found = contract(
    [dy, ...others],
    own.labels.filter((label) => known.has(label)),
  )
  if (found === null) throw new Error('einsum has more than two tensors')
  const open = own.labels.map((label, axis) => (known.has(label) ? (own.tensor.shape[axis] ?? 1) : 1))
  return tf.broadcastTo(tf.reshape(found, open), own.tensor.shape)
}

/** The gradient of Einsum. */
export const einsumGradient: tf.GradConfig = {
  kernelName: 'Einsum',
  saveAllInputs: true,
  gradFunc: (dy, saved, { equation }) => {
    const [labels, output] = labelsOf(String(equation))
    const tensors = saved.map((tensor, i) => ({ tensor, labels: labels[i] ?? [] }))
    const above = { tensor: dy as tf.Tensor, labels: output } // a kernel with one result
    return Object.fromEntries(
      tensors.map((own, i) => [
        i,
        () =>
          inTensor(
            own,
            above,
            tensors.filter((_, j) => j !== i),
          ),
      ]),
    )
  },
}

/** The kernel. */
export const indexed: readonly Replaced[] = [{ kernel: 'Einsum', reason: 'missing', run: einsum }]
