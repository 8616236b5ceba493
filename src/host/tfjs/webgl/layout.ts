/**
 * Where the numbers of a job's reductions stand, which does not change from step to step.
 *
 * Each draw makes shares of a leaf in a region of textures of our own, as many as it makes reductions of. A table says
 * which shares are combined: in levels, until a value is made of each reduction, in a last texture.
 */
import { cellsOf, sizesOf } from '../../../compile/axes.js'
import {
  MOST_SHARES,
  PLANES,
  SHARES_AT_ONCE,
  TEXELS_PER_SHARE,
  tableRow,
} from '../../../compile/glsl/reduction.js'
import { type Packing, ROW } from '../../../compile/glsl/shader.js'
import type { Reduce } from '../../../rule/expr.js'
import { sizeOf } from '../../../rule/leaf.js'
import type { Job } from '../../work.js'
import type { Memory } from './backend.js'
import type { Region } from './painter.js'

/** How the elements of a leaf lie in its textures. */
export interface Geometry {
  readonly packing: Packing
  readonly isPacked: boolean
  /** In texels. */
  readonly width: number
  readonly height: number
  readonly rows: number
  readonly columns: number
  readonly size: number
  /** How many texels have elements. */
  readonly texels: number
}

/** How a leaf of that shape lies; `null` if the backend's textures are not as expected. An empty leaf has no texels. */
export const geometryOf = (memory: Memory, shape: readonly number[], isPacked: boolean): Geometry | null => {
  const size = sizeOf(shape)
  if (size === 0) return { packing: 1, isPacked, width: 0, height: 0, rows: 0, columns: 0, size, texels: 0 }
  const place = memory.placeFor(shape, isPacked)
  if (place === null) return null
  const { width, height, rows, columns } = place
  const packing: Packing = !isPacked ? 1 : size === columns ? 2 : 4
  const texels = !isPacked ? size : (size / (rows * columns)) * Math.ceil(rows / 2) * Math.ceil(columns / 2)
  return { packing, isPacked, width, height, rows, columns, size, texels }
}

/** Where a draw puts the shares of some reductions of a leaf, or of its cells. */
export interface Shares extends Region {
  readonly count: number
  /** How many texels, or numbers of a cell, apart those of one share are. */
  readonly apart: number
  /** How many texels the leaf has, or how many shares there are of cells. */
  readonly until: number
  /** How many numbers a cell has, and for how many elements each stands; `null` where the leaf is taken whole. */
  readonly cell: readonly [length: number, each: number] | null
  /** Where those before it end: up to here nobody writes anything. */
  readonly after: number
}

/** A draw that combines shares. */
export interface Level {
  /** Where its rows begin in the table, in lines. */
  readonly table: number
  /** Which texture it reads: the first shares, or one of two that take turns. */
  readonly from: 'shares' | 0 | 1
  readonly into: 'values' | 0 | 1
  /** The lines that it writes. */
  readonly first: number
  readonly lines: number
}

/** The layout of a job's reductions. */
export interface Layout {
  /** Where the draw of some reductions puts its shares of a leaf; `null` for a leaf of no elements. */
  readonly sharesOf: (leaf: number, group: readonly Reduce[]) => Shares | null
  /** Per stage. */
  readonly levels: readonly (readonly Level[])[]
  /** The index of a value: of a reduction over a leaf, or over the tree; of one that leaves several, the first. */
  readonly valueAt: (leaf: number, node: Reduce) => number
  readonly table: Int32Array
  /** How many lines the textures have: of shares, of the two between, of values. */
  readonly lines: {
    readonly shares: number
    readonly between: readonly [number, number]
    readonly values: number
  }
}

const linesFor = (length: number): number => Math.ceil(length / ROW)

/** Shares that are combined, beside each other: where they begin, how many they are, in which plane. */
interface Range {
  readonly from: number
  readonly count: number
  readonly plane: number
  readonly after: number
}

/** A reduction, and where its shares are. */
interface Row {
  readonly kind: Reduce['kind']
  readonly ranges: readonly Range[]
}

interface Taken extends Region {
  readonly count: number
  readonly after: number
}

/** Regions of a texture of `ROW` columns, one after the other: within a line, or of whole lines. */
const regions = (): { readonly take: (wanted: number) => Taken; readonly end: () => number } => {
  let next = 0
  return {
    take: (wanted) => {
      const isLine = wanted <= ROW
      const after = next
      if (!isLine || (next % ROW) + wanted > ROW) next = linesFor(next) * ROW
      const [x, y] = [next % ROW, Math.floor(next / ROW)]
      const count = isLine ? wanted : linesFor(wanted) * ROW
      next += count
      return isLine
        ? { x, y, width: count, height: 1, count, after }
        : { x, y, width: ROW, height: count / ROW, count, after }
    },
    end: () => linesFor(next),
  }
}

/** How many shares some texels, or numbers, are put into. */
const sharesFor = (length: number, most: number): number =>
  Math.ceil(length / Math.max(TEXELS_PER_SHARE, Math.ceil(length / most)))

/** Ranges of one row that follow each other in one plane, as one: what nobody writes between them counts for nothing. */
const joined = (ranges: readonly Range[]): readonly Range[] => {
  const all: Range[] = []
  for (const range of ranges) {
    const before = all.at(-1)
    if (before !== undefined && before.plane === range.plane && before.from + before.count === range.after)
      all[all.length - 1] = { ...before, count: range.from + range.count - before.from }
    else all.push(range)
  }
  return all
}

/** The layout of reductions: per leaf its geometry, and per stage the groups of reductions that one draw makes. */
export const layoutOf = (
  job: Job,
  geometries: readonly Geometry[],
  groupsOf: (leaf: number, stage: number) => readonly (readonly Reduce[])[],
): Layout => {
  const shareRegions = regions()
  const shares = job.leaves.map(() => new Map<readonly Reduce[], Shares>())
  const levels: Level[][] = []
  const table: number[] = []
  const between: [number, number] = [0, 0]
  let values = 0
  const ofLeaf = job.leaves.map(() => new Map<Reduce, number>())
  const ofSite = new Map<string, number>()

  for (let stage = 0; stage < job.plan.stages; stage++) {
    const rows: { readonly kind: Reduce['kind']; readonly ranges: Range[] }[] = []
    const first = linesFor(values) * ROW
    // a site's shares lie beside each other, apart from those of other reductions
    const sites = new Map<string, { readonly kind: Reduce['kind']; readonly ranges: Range[] }>()
    /** The rows of a reduction, one for each of its cells. */
    const rowsOf = (leaf: number, node: Reduce, cells: number): readonly { readonly ranges: Range[] }[] => {
      const known = node.over === 'tree' ? sites.get(node.site) : undefined
      if (known !== undefined) return [known]
      const own = Array.from({ length: cells }, () => ({ kind: node.kind, ranges: [] }))
      const at = first + rows.length
      for (const row of own) rows.push(row)
      const [row] = own
      if (node.over !== 'tree') ofLeaf[leaf]?.set(node, at)
      else if (row !== undefined) {
        sites.set(node.site, row)
        ofSite.set(node.site, at)
      }
      return own
    }
    const regionOf = (leaf: number, group: readonly Reduce[]): Shares | null => {
      const cells = cellsOf(group)
      const { texels = 0 } = geometries[leaf] ?? {}
      if (texels === 0) return null
      if (cells === null) {
        const taken = shareRegions.take(sharesFor(texels, MOST_SHARES))
        return { ...taken, apart: taken.count, until: texels, cell: null }
      }
      const { cells: count, length, each } = sizesOf(cells, job.leaves[leaf]?.spec.shape ?? [])
      const apart = sharesFor(length, SHARES_AT_ONCE)
      return { ...shareRegions.take(count * apart), apart, until: count * apart, cell: [length, each] }
    }
    for (const leaf of geometries.keys())
      for (const group of groupsOf(leaf, stage)) {
        const region = regionOf(leaf, group)
        if (region !== null) shares[leaf]?.set(group, region)
        const cells = region === null || region.cell === null ? 1 : region.until / region.apart
        for (const [plane, node] of group.entries())
          for (const [cell, { ranges }] of rowsOf(leaf, node, cells).entries()) {
            if (region === null) continue
            const { x, y, count, apart, after } = region
            const from = y * ROW + x
            ranges.push(
              region.cell === null
                ? { from, count, plane, after }
                : { from: from + cell * apart, count: apart, plane, after },
            )
          }
      }
    levels.push(combined(rows, first, table, between))
    if (rows.length > 0) values = first + linesFor(rows.length) * ROW
  }
  return {
    sharesOf: (leaf, group) => shares[leaf]?.get(group) ?? null,
    levels,
    valueAt: (leaf, node) => (node.over === 'tree' ? ofSite.get(node.site) : ofLeaf[leaf]?.get(node)) ?? 0,
    table: Int32Array.from(table),
    lines: { shares: shareRegions.end(), between, values: linesFor(values) },
  }
}

/** The draws that combine a stage's shares; the table and the textures between them grow. */
const combined = (
  reductions: readonly Row[],
  first: number,
  table: number[],
  between: [number, number],
): Level[] => {
  const levels: Level[] = []
  if (reductions.length === 0) return levels
  let rows: readonly Row[] = reductions.map(({ kind, ranges }) => ({ kind, ranges: joined(ranges) }))
  let from: Level['from'] = 'shares'
  const write = (all: readonly (readonly number[])[]): number => {
    const start = table.length / 4 / ROW
    for (const row of all) for (const word of row) table.push(word)
    while ((table.length / 4) % ROW !== 0) table.push(0, 0, 0, 0)
    return start
  }
  const isDone = ({ ranges }: Row): boolean =>
    ranges.length <= 1 && ranges.every(({ count }) => count <= SHARES_AT_ONCE)
  while (!rows.every(isDone)) {
    const turn: 0 | 1 = from === 0 ? 1 : 0
    const start = between[turn]
    const entries: (readonly number[])[] = []
    rows = rows.map(({ kind, ranges }) => {
      const begin = start * ROW + entries.length
      for (const range of ranges)
        for (let at = 0; at < range.count; at += SHARES_AT_ONCE)
          entries.push(
            tableRow(kind, range.from + at, Math.min(SHARES_AT_ONCE, range.count - at), range.plane, false),
          )
      return {
        kind,
        ranges: [{ from: begin, count: start * ROW + entries.length - begin, plane: 0, after: 0 }],
      }
    })
    const lines = linesFor(entries.length)
    levels.push({ table: write(entries), from, into: turn, first: start, lines })
    between[turn] += lines
    from = turn
  }
  const entries = rows.map(({ kind, ranges: [range] }) =>
    tableRow(kind, range?.from ?? 0, range?.count ?? 0, range?.plane ?? 0, true),
  )
  levels.push({
    table: write(entries),
    from,
    into: 'values',
    first: first / ROW,
    lines: linesFor(rows.length),
  })
  return levels
}

/** How many reductions one draw makes shares of at most, on a device of so many attachments. */
export const reductionsAtOnce = (attachments: number): number => Math.min(PLANES, attachments)
