/** How a leaf's matrices lie in the backend's memory, and their way into panels and back. */
import type { Stack } from '../../../rule/stack.js'
import { type Places, placesOf } from '../../places.js'
import type { Area, Matrix, Rows } from './panels.js'

/** Columns of a panel. */
const wide = 8

const squared = (x: number): number => x * x

/** How a leaf's matrices lie in memory. */
export interface MatrixLayout {
  readonly places: Places
  /** Whether all of a matrix's numbers lie side by side, in whatever order. */
  readonly isWhole: boolean
  /** How many bytes lie from one row to the next, if columns lie side by side. */
  readonly step: number | null
}

/** How the matrices of a leaf of a shape lie. */
export const layoutOf = (stack: Stack, shape: readonly number[]): MatrixLayout => {
  const places = placesOf(stack, shape)
  const { matrices, rows, columns } = places
  const size = rows.length * columns.length
  const step = rows[1] ?? columns.length
  return {
    places,
    isWhole: matrices.every((place, i) => place === i * size),
    step:
      columns.every((place, j) => place === j) && rows.every((place, i) => place === i * step)
        ? 4 * step
        : null,
  }
}

/** Where the numbers of one of a leaf's matrices are. */
export interface Source {
  readonly layout: MatrixLayout
  /** The address of the first. */
  readonly address: number
}

/** The sum of the squares of a matrix's numbers. */
export const sumOfSquares = (f32: Float32Array, { address, layout }: Source): number => {
  const { rows, columns } = layout.places
  const base = address >>> 2
  let [a, b, c, d] = [0, 0, 0, 0]
  if (!layout.isWhole) {
    for (let i = 0; i < rows.length; i++) {
      const row = base + (rows[i] as number)
      for (let j = 0; j < columns.length; j++) a += squared(f32[row + (columns[j] as number)] as number)
    }
    return a
  }
  const size = rows.length * columns.length
  const end = base + size - (size % 4)
  // four, so that one need not wait for the other
  for (let i = base; i < end; i += 4) {
    a += squared(f32[i] as number)
    b += squared(f32[i + 1] as number)
    c += squared(f32[i + 2] as number)
    d += squared(f32[i + 3] as number)
  }
  for (let i = end; i < base + size; i++) a += squared(f32[i] as number)
  return a + b + (c + d)
}

/** Calls a function with the place of each number from a column on: in the leaf, and in a matrix of panels. */
const eachFrom = (
  first: number,
  { height }: Area,
  { at }: Matrix,
  { address, layout: { places } }: Source,
  f: (inLeaf: number, inPanels: number) => void,
): void => {
  const { rows, columns } = places
  const base = address >>> 2
  for (let from = first; from < columns.length; from += wide) {
    const to = Math.min(from + wide, columns.length)
    for (let i = 0, place = (at >>> 2) + from * height; i < rows.length; i++, place += wide) {
      const row = base + (rows[i] as number)
      for (let j = from; j < to; j++) f(row + (columns[j] as number), place + j - from)
    }
  }
}

/** The columns of whole panels that lie side by side, as rows of panels. */
const densely = ({
  address,
  layout: { step, places },
}: Source): { readonly rows: Rows; readonly panels: number } => ({
  rows: { at: address, step: step ?? 0, panel: 4 * wide },
  panels: step === null ? 0 : Math.floor(places.columns.length / wide),
})

/** Copies a matrix into a work area, times a factor. */
export const load = (area: Area, source: Source, into: Matrix, factor: number): void => {
  const { views, height, width } = area
  const { f32 } = views
  const { rows, columns } = source.layout.places
  const first = into.at >>> 2
  if (rows.length < height || columns.length < width) f32.fill(0, first, first + height * width)
  const dense = densely(source)
  area.copy(dense.rows, area.rowsOf(into), dense.panels, factor)
  eachFrom(wide * dense.panels, area, into, source, (inLeaf, inPanels) => {
    f32[inPanels] = (f32[inLeaf] as number) * factor
  })
}

/** Copies a matrix out of a work area. */
export const unload = (area: Area, from: Matrix, source: Source): void => {
  const { f32 } = area.views
  const dense = densely(source)
  area.copy(area.rowsOf(from), dense.rows, dense.panels, 1)
  eachFrom(wide * dense.panels, area, from, source, (inLeaf, inPanels) => {
    f32[inLeaf] = f32[inPanels] as number
  })
}
