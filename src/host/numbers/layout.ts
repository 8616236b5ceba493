/**
 * Layout: where a phase over arrays has its things in the memory of our own, and how its leaves come there.
 *
 * The leaves of a group are thought of one after the other. Windows of so many elements go through them, large leaves in
 * pieces and small ones many at a time: what a window holds is copied into areas, one per stream, and from there again.
 * A store has the area of the stream that it replaces.
 */
import type { Final, Phase } from '../../compile/passes.js'
import { entryWords } from '../../compile/wasm/kernel.js'
import type { Precision } from '../../compile/wasm/width.js'
import type { Expr } from '../../rule/expr.js'
import { UPDATE } from '../../rule/rule.js'

/** A part of a leaf in a window. */
export interface Segment {
  /** Which of the group's leaves it is of. */
  readonly row: number
  /** How many elements of the leaf come before it, and how many it has. */
  readonly from: number
  readonly size: number
  /** How many elements of the window come before it. */
  readonly at: number
  /** Whether it is all of the leaf. */
  readonly isWhole: boolean
}

/** What is in the areas at the same time. */
export interface Window {
  readonly segments: readonly Segment[]
  readonly size: number
}

/** A phase's layout: addresses are bytes, the uniforms come first. */
export interface Layout {
  readonly windows: readonly Window[]
  /** Whether each segment has its entry in the table, or all of a window one together. */
  readonly isApart: boolean
  readonly cells: number
  readonly table: number
  /** Of each stream and store. */
  readonly streams: readonly number[]
  readonly stores: readonly number[]
  /** How many bytes there must be. */
  readonly bytes: number
}

/** How many bytes all areas have together: they are to stay in a processor's own cache. */
const AREAS = 2 ** 17

/** How many leaves a window has at most. */
const LEAVES = 1024

const align = (bytes: number): number => (bytes + 63) & ~63

/** Windows of at most so many elements through leaves of these sizes. */
export const windowsOf = (sizes: readonly number[], capacity: number): readonly Window[] => {
  const windows: Window[] = []
  let segments: Segment[] = []
  let at = 0
  const close = (): void => {
    if (segments.length > 0) windows.push({ segments, size: at })
    segments = []
    at = 0
  }
  for (const [row, whole] of sizes.entries()) {
    let from = 0
    do {
      const size = Math.min(whole - from, capacity - at)
      segments.push({ row, from, size, at, isWhole: size === whole })
      from += size
      at += size
      if (at === capacity || segments.length === LEAVES) close()
    } while (from < whole)
  }
  close()
  return windows
}

const isFinal = (phase: Phase): phase is Final => 'stored' in phase

const replaces = (name: string, node: Expr): boolean =>
  node._tag === 'Slot' ? node.name === name : node._tag === 'Parameter' && name === UPDATE

/** Lays out the phases over leaves of these sizes. */
export const lay = (sizes: readonly number[], precision: Precision): ((phase: Phase) => Layout) => {
  const bytes = precision === 'float32' ? 4 : 8
  const elements = sizes.reduce((total, size) => total + size, 0)
  return (phase) => {
    const { loop, perLeaf } = phase
    // areas by their number
    let count = loop.streams.length
    const stored = isFinal(phase) ? phase.stored : []
    const storeAreas = stored.map((name) => {
      const stream = loop.streams.findIndex((node) => replaces(name, node))
      return stream < 0 ? count++ : stream
    })
    // so many that vectors and turns come out even
    const most = Math.max(64, Math.floor(AREAS / (bytes * Math.max(1, count)) / 64) * 64)
    const capacity = Math.max(1, Math.min(most, elements))
    const windows = windowsOf(sizes, capacity)
    const isApart = perLeaf || loop.reductions.length > 0
    const entries = isApart ? Math.max(0, ...windows.map(({ segments }) => segments.length)) : 1

    const cells = align(bytes * loop.uniforms.length * (perLeaf ? sizes.length : 1))
    const table = align(cells + 16 * loop.reductions.length * sizes.length)
    const first = align(table + 4 * entryWords(loop) * entries)
    const area = align(bytes * capacity)
    return {
      windows,
      isApart,
      cells,
      table,
      streams: loop.streams.map((_, i) => first + area * i),
      stores: storeAreas.map((i) => first + area * i),
      bytes: first + area * count,
    }
  }
}
