/**
 * Values that differ along some of a leaf's axes: how many numbers they have, where each of them stands in a larger one,
 * and which of its numbers a reduction takes together.
 */
import { otherAxes, sizeOf, sizeOfAxes } from '../../rule/leaf.js'
import { differs, type Extent, shapeAlong } from '../../rule/scope.js'

/** How many numbers a value of an extent has. */
export const sizeAlong = (extent: Extent, shape: readonly number[]): number =>
  sizeOf(shapeAlong(extent, shape))

/** How far the neighbours along each axis are from each other in a value of an extent; 0 where it is the same for all. */
export const stridesOf = (extent: Extent, shape: readonly number[]): readonly number[] => {
  const own = differs(extent, shape.length)
  return shape.map((_, axis) =>
    own[axis] ? sizeOf(shape.slice(axis + 1).filter((_, i) => own[axis + 1 + i])) : 0,
  )
}

/** The numbers of a value of an extent, for every index of some axes, the last one running fastest. */
const gather = <A extends { [i: number]: number }>(
  x: ArrayLike<number>,
  extent: Extent,
  shape: readonly number[],
  axes: readonly number[],
  out: A,
): A => {
  const strides = stridesOf(extent, shape)
  const [lengths, steps] = [axes.map((axis) => shape[axis] ?? 1), axes.map((axis) => strides[axis] ?? 0)]
  const at = axes.map(() => 0)
  const size = sizeOf(lengths)
  for (let i = 0, from = 0; i < size; i++) {
    out[i] = x[from] ?? Number.NaN
    for (let k = axes.length - 1; k >= 0; k--) {
      const index = (at[k] ?? 0) + 1
      from += steps[k] ?? 0
      at[k] = index
      if (index < (lengths[k] ?? 1)) break
      from -= index * (steps[k] ?? 0)
      at[k] = 0
    }
  }
  return out
}

/** The axes along which a value of an extent differs. */
const axesAlong = (extent: Extent, rank: number): readonly number[] =>
  differs(extent, rank).flatMap((own, axis) => (own ? [axis] : []))

/** A value of an extent as one of a wider one. */
export const widened = <A extends { [i: number]: number }>(
  x: ArrayLike<number>,
  from: Extent,
  to: Extent,
  shape: readonly number[],
  out: A,
): A => gather(x, from, shape, axesAlong(to, shape.length), out)

/** What a reduction takes together: groups of as many numbers, one after the other. */
export interface Groups {
  readonly numbers: Float64Array
  readonly count: number
  /** How many numbers each has. */
  readonly length: number
  /** How many elements each number stands for. */
  readonly each: number
}

/** The groups of a value of an extent, one for each number of what it is reduced to. */
export const groupsOf = (
  x: ArrayLike<number>,
  from: Extent,
  over: Extent,
  shape: readonly number[],
): Groups => {
  const [own, left] = [axesAlong(from, shape.length), axesAlong(over, shape.length)]
  const within = own.filter((axis) => !left.includes(axis))
  const [count, length] = [sizeOfAxes(shape, left), sizeOfAxes(shape, within)]
  const others = otherAxes(shape, [...own, ...left])
  const order = [...left, ...within]
  // those that lie so already need not be gathered
  const numbers = order.every((axis, i) => axis === own[i])
    ? Float64Array.from(x)
    : gather(x, from, shape, order, new Float64Array(count * length))
  return { numbers, count, length, each: sizeOfAxes(shape, others) }
}
