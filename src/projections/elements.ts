/** A function of all elements of a tree in a row, however they are spread over its leaves. */
import type * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../error.js'
import { clone } from '../host/hosts.js'
import { tfjs } from '../host/tfjs/library.js'
import { isTensor } from '../host/tfjs/tensor.js'
import { isTrainable, type Leaf, leafSpec, type Params, sizeOf } from '../rule/leaf.js'
import { countOf, isNumberLeaf, likeLeaf, type NumberLeaf, numbersOf } from '../rule/ndarray.js'
import { formOf } from '../tree/align.js'
import { buildForm } from '../tree/form.js'
import { showPath } from '../tree/path.js'
import type { Projected } from './project.js'

/** The function, for each of the two kinds of leaves. */
export interface Elements {
  /** In float64; numbers of float32 are rounded when they are written back. */
  readonly numbers: (x: Float64Array) => Float64Array
  /** On tensors of rank one. */
  readonly tensors: (x: tf.Tensor) => tf.Tensor
  /** What a tree without elements becomes; by default it is refused. */
  readonly ofNone?: 'stays'
}

const ofNumbers = (leaves: readonly NumberLeaf[], f: Elements['numbers']): readonly NumberLeaf[] => {
  const values = f(
    Float64Array.from(
      leaves.flatMap((leaf) => {
        const numbers = numbersOf(leaf)
        return typeof numbers === 'number' ? [numbers] : [...numbers]
      }),
    ),
  )
  let from = 0
  return leaves.map((leaf) => {
    const to = from + countOf(leaf)
    const part = likeLeaf(leaf, values.slice(from, to))
    from = to
    return part
  })
}

const ofTensors = (leaves: readonly tf.Tensor[], f: Elements['tensors']): readonly tf.Tensor[] =>
  tfjs.tidy(() => {
    const values = f(tfjs.concat1d(leaves.map((leaf) => tfjs.reshape<tf.Rank.R1>(leaf, [leaf.size]))))
    let from = 0
    return leaves.map((leaf) => {
      const part = tfjs.reshape(tfjs.slice(values, [from], [leaf.size]), leaf.shape)
      from += leaf.size
      return part
    })
  })

/**
 * Applies a function to all elements of a tree at once, leaves in the canonical order.
 *
 * Throws `InvalidLeaf`, `Disposed` or `DtypeMismatch` for leaves that cannot be projected and for tensors among
 * numbers, and `InvalidArgument` for a tree without elements, unless it may stay.
 */
export const overElements = <P extends Params>(name: string, tree: P, f: Elements): Projected<P> => {
  const { form, leaves: placed } = formOf<Leaf>('tree', tree)
  const leaves = placed.map(({ path: at, leaf }): Leaf => {
    const path = [name, 'tree', ...at]
    const spec = leafSpec(path, leaf)
    if (!isTrainable(spec)) throw new GradpipeError('DtypeMismatch', showPath(path), 'floats', spec.dtype)
    return leaf
  })
  const [tensors, numbers] = [leaves.filter(isTensor), leaves.filter(isNumberLeaf)]
  const elements = leaves.reduce((n: number, leaf) => n + sizeOf(leafSpec([], leaf).shape), 0)
  if (elements === 0 && f.ofNone === 'stays') return buildForm<Leaf>(form, leaves.map(clone)) as Projected<P> // as below
  if (elements === 0) throw new GradpipeError('InvalidArgument', `${name}.tree`, 'an element', 'none')
  const results =
    tensors.length === leaves.length
      ? ofTensors(tensors, f.tensors)
      : numbers.length === leaves.length
        ? ofNumbers(numbers, f.numbers)
        : undefined
  if (results === undefined)
    throw new GradpipeError('DtypeMismatch', `${name}.tree`, 'tensors alone, or numbers alone', 'both')
  // every leaf is of the kind of the leaf in its place
  return buildForm<Leaf>(form, results) as Projected<P>
}
