/**
 * What kernels go over: a leaf's elements, its values along some axes, or cells of them. Each has a record per window, which
 * says how many there are.
 */
import { sizesOf } from '../../../compile/axes.js'
import { cellsAtOnce } from '../../../compile/wgsl/cells.js'
import { INFINITY_BITS, type Width } from '../../../compile/wgsl/functions.js'
import { groupsFor, type Sharing } from '../../../compile/wgsl/sharing.js'
import { sizeOf } from '../../../rule/leaf.js'
import { type Extent, shapeAlong } from '../../../rule/scope.js'
import type { Planned } from './planned.js'

/** Part of what a kernel goes over: as much as one binding takes. */
export interface Window {
  /** The first element. */
  readonly start: number
  readonly count: number
  /** Workgroups that reduce it. */
  readonly reducing: number
  /** Workgroups that compute its outputs. */
  readonly computing: number
}

/** What kernels go over. */
export interface Unit {
  readonly windows: readonly Window[]
  /** How many elements a thread takes at once. */
  readonly width: Width
  /** The first words of its records, one for each window, and one at least. */
  readonly heads: readonly (readonly number[])[]
}

/** What may limit them. */
export interface Sizes {
  readonly sharing: Sharing
  /** The most elements that one binding takes. */
  readonly most: number
  /** The most workgroups. */
  readonly groups: number
}

const unitOf = (domain: Extent, shape: readonly number[], { sharing, most }: Sizes): Unit => {
  const size = sizeOf(shapeAlong(domain, shape))
  const width = domain === 'element' && size % 4 === 0 ? 4 : 1
  const windows = Array.from({ length: Math.ceil(size / most) }, (_, i): Window => {
    const count = Math.min(most, size - i * most)
    return {
      start: i * most,
      count,
      reducing: groupsFor(sharing.reducing, count, width),
      computing: groupsFor(sharing.computing, count, width),
    }
  })
  const each = size === 0 ? 1 : sizeOf(shape) / size
  return {
    windows,
    width,
    // a leaf of no elements may still have a number of its own to compute
    heads: (windows.length === 0 ? [{ start: 0, count: 0 }] : windows).map(({ start, count }) => [
      count,
      INFINITY_BITS,
      start,
      each,
    ]),
  }
}

/** The units of a leaf of some shape, by name. */
export const unitsOf = (
  { domains, reductions }: Planned,
  shape: readonly number[],
  sizes: Sizes,
): ReadonlyMap<string, Unit> => {
  const units = new Map<string, Unit>([['element', unitOf('element', shape, sizes)]])
  for (const domain of domains) units.set(domain, unitOf(domain, shape, sizes))
  for (const { unit, domain, cells } of reductions.flat()) {
    if (units.has(unit)) continue
    if (cells === null) {
      units.set(unit, unitOf(domain, shape, sizes))
      continue
    }
    const { cells: many, length, each } = sizesOf(cells, shape)
    const groups = Math.min(Math.ceil(many / cellsAtOnce(sizes.sharing.reducing.threads)), sizes.groups)
    units.set(unit, {
      windows: [{ start: 0, count: many * length, reducing: groups, computing: groups }],
      width: 1,
      heads: [[many, INFINITY_BITS, 0, each, length]],
    })
  }
  return units
}
