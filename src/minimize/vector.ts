/** A tree's numbers as one vector, and back: vectors are measured, compared, and moved along one axis. */
import { GradpipeError } from '../error.js'
import { expectLike, expectPresent, inspect } from '../program/expect.js'
import { isTensorLike, type Leaf, type LeafSpec, type Params, withoutTensors } from '../rule/leaf.js'
import { countOf, isNumberLeaf, likeLeaf, type NumberLeaf, numbersOf } from '../rule/ndarray.js'
import { formOf, leavesLike, type PlacedLeaf } from '../tree/align.js'
import { buildForm } from '../tree/form.js'
import { type Path, showPath } from '../tree/path.js'

/** Vectors for all trees of one structure. */
export interface Vectors<P> {
  /** How many numbers a tree has. */
  readonly size: number
  /** Rounds a number to what the element at this index can hold. */
  readonly rounded: (index: number, value: number) => number
  /** The relative precision of the element at this index. */
  readonly precision: (index: number) => number
  /**
   * A tree's numbers. Throws `TreeMismatch`, `ShapeMismatch`, `DtypeMismatch` or `InvalidLeaf`, with `name` before the
   * path, for a tree of another structure.
   */
  read(tree: Params, name: string): Float64Array
  /** The tree of these numbers, in memory of its own. */
  build(values: Float64Array): P
}

/** Where a leaf stands in the vector. */
interface Part {
  readonly path: Path
  readonly like: NumberLeaf
  readonly spec: LeafSpec
  readonly from: number
  readonly length: number
}

const numbersAt = ({ path, leaf }: PlacedLeaf<Leaf>): readonly [NumberLeaf, LeafSpec] => {
  if (isTensorLike(leaf))
    throw new GradpipeError(
      'InvalidLeaf',
      showPath(['x0', ...path]),
      `${withoutTensors}; for tensors there is step`,
      'a tensor',
    )
  return [leaf, inspect({ tree: 'x0', path }, leaf)]
}

const partsOf = (leaves: readonly PlacedLeaf<Leaf>[]): readonly Part[] => {
  let size = 0
  return leaves.map((placed) => {
    const [like, spec] = numbersAt(placed)
    const from = size
    const length = countOf(like)
    size += length
    return { path: placed.path, like, spec, from, length }
  })
}

const isSingle = (leaf: NumberLeaf): boolean => numbersOf(leaf) instanceof Float32Array

/**
 * The vectors of trees like the starting point. Throws for something that is not a tree of numbers, and for one
 * without numbers.
 */
export const vectorsLike = <P extends Params>(x0: P): Vectors<P> => {
  const { form, leaves } = formOf<Leaf>('x0', x0)
  const parts = partsOf(leaves)
  const size = parts.reduce((sum, { length }) => sum + length, 0)
  if (size === 0) throw new GradpipeError('InvalidLeaf', 'x0', 'at least one number', 'none')
  const single = new Uint8Array(size)
  for (const { like, from, length } of parts) if (isSingle(like)) single.fill(1, from, from + length)

  return {
    size,
    rounded: (index, value) => (single[index] === 1 ? Math.fround(value) : value),
    precision: (index) => (single[index] === 1 ? 2 ** -23 : Number.EPSILON),
    read: (tree, name) => {
      const given = leavesLike<Leaf>(form, ['x0', x0], [name, tree])
      const values = new Float64Array(size)
      for (const [i, { path, like, spec, from }] of parts.entries()) {
        const leaf = given[i] ?? null
        const place = { tree: name, path }
        expectPresent(place, leaf)
        expectLike(place, spec, like, leaf)
        const numbers = isNumberLeaf(leaf) ? numbersOf(leaf) : Number.NaN
        if (typeof numbers === 'number') values[from] = numbers
        else values.set(numbers, from)
      }
      return values
    },
    build: (values) => {
      const made = parts.map(({ like, from, length }) => likeLeaf(like, values.slice(from, from + length)))
      // a tree of the structure that x0 has, with leaves of the same kinds
      return buildForm<Leaf>(form, made) as P
    },
  }
}

/** Whether two vectors have the same numbers. */
export const same = (x: Float64Array, y: Float64Array): boolean => x.every((xi, i) => xi === y[i])

/** The greatest absolute value; NaN if any is NaN. */
export const greatest = (x: Float64Array): number =>
  x.reduce((most, xi) => (Number.isNaN(most) ? most : Math.abs(xi) <= most ? most : Math.abs(xi)), 0)
