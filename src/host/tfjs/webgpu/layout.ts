/**
 * Where the numbers of a job stand that are not tensors: what does not change from step to step.
 *
 * One buffer holds the values that kernels read: first those that all leaves share (the host's, then the
 * tree's slots and reductions), then, for each leaf, its slots and reductions and what the host knows of it; another one holds
 * the values of reductions along axes. A record per window of a leaf, or of its values along axes, says how many there are, how
 * their indices are taken apart, and where shares, or values, of each reduction go. A table says how shares are combined.
 */

import { digitsOf } from '../../../compile/axes.js'
import type { Places, ScalarOutput } from '../../../compile/wgsl/kernel.js'
import { type Reduction, shareLength, tableRow } from '../../../compile/wgsl/reduction.js'
import type { Sharing } from '../../../compile/wgsl/sharing.js'
import type { Expr, LeafScalar, Reduce } from '../../../rule/expr.js'
import { sizeOf } from '../../../rule/leaf.js'
import type { LeafPlan } from '../../../rule/plan.js'
import { isAxes, shapeAlong } from '../../../rule/scope.js'
import type { Job } from '../../work.js'
import { planned, type Together } from './planned.js'
import { type Unit, unitsOf } from './units.js'

/** What a device allows, as far as a step may meet it. */
export interface Limits {
  /** Storage buffers that one dispatch binds. */
  readonly storageBuffers: number
  /** Bytes of one storage buffer's binding. */
  readonly storageBytes: number
  /** Uniform buffers that one dispatch binds. */
  readonly uniformBuffers: number
  /** Bytes of one uniform buffer's binding. */
  readonly uniformBytes: number
  /** Workgroups of one dispatch. */
  readonly groups: number
}

/** What the leaves with one plan have in common. */
export interface PlanLayout {
  readonly places: Places
  /** The leaf's slots that are read, and where in the leaf's values. */
  readonly slots: readonly { readonly name: string; readonly at: number }[]
  /** What the host knows of the leaf, and where among its values. */
  readonly known: readonly { readonly node: LeafScalar; readonly at: number }[]
  /** Per stage. */
  readonly reductions: readonly (readonly Together[])[]
  /** The outputs with one value per leaf or tree that are computed. */
  readonly scalars: readonly ScalarOutput[]
}

/** The layout of a job; lengths and offsets count numbers of four bytes. */
export interface Layout {
  readonly plans: ReadonlyMap<LeafPlan, PlanLayout>
  /** What kernels go over of each leaf, by name. */
  readonly units: readonly ReadonlyMap<string, Unit>[]
  /** The tree's slots that are read, and where. */
  readonly treeSlots: readonly { readonly name: string; readonly at: number }[]
  /** Length of what all leaves share, filled up to where a binding may begin. */
  readonly sharedStride: number
  /** Where a leaf's values begin. */
  readonly leafAt: (leaf: number) => number
  readonly leafStride: number
  readonly valuesLength: number
  readonly resultStride: number
  readonly partialsLength: number
  readonly records: Uint32Array<ArrayBuffer>
  readonly recordStride: number
  /** The first record of a leaf's unit. */
  readonly recordOf: (leaf: number, unit: string) => number
  /** How many values reductions along axes have. */
  readonly cellsLength: number
  readonly table: Uint32Array<ArrayBuffer>
  /** Per stage the first row and the number of rows. */
  readonly rows: readonly { readonly start: number; readonly count: number }[]
}

/** Offsets of bindings are multiples of 256 bytes: of 64 numbers. */
const ALIGNMENT = 64

const aligned = (length: number): number => Math.ceil(length / ALIGNMENT) * ALIGNMENT

/** The layout of a job. */
export const layoutOf = (job: Job, limits: Limits, sharing: Sharing): Layout => {
  const distinct = [...new Set(job.leaves.map(({ plan }) => plan))]

  const hostAt = new Map(job.host.map((expr, i) => [expr, i] as const))
  const treeAt = new Map<string, number>()
  const treePlace = (name: string): number => {
    const at = treeAt.get(name) ?? job.host.length + treeAt.size
    treeAt.set(name, at)
    return at
  }
  const treeName = (node: Expr): string =>
    node._tag === 'Slot' ? `slot ${node.name}` : node._tag === 'Reduce' ? `site ${node.site}` : ''

  const found = distinct.map((plan) => {
    const own = planned(plan)
    const leafAt = new Map<Expr, number>()
    for (const node of own.singles)
      if (node.scope === 'tree') treePlace(treeName(node))
      else if (!leafAt.has(node)) leafAt.set(node, leafAt.size)
    return { ...own, leafAt }
  })
  const of = new Map(found.map((own) => [own.plan, own]))

  const largest = (lengths: readonly number[]): number => Math.max(0, ...lengths)
  const sharedLength = job.host.length + treeAt.size
  const leafStride = aligned(largest(found.map(({ leafAt }) => leafAt.size)))
  const resultStride = aligned(largest(found.map(({ scalars }) => scalars.length)))
  const recordLength = largest(found.map(({ record }) => record))
  const recordStride = aligned(recordLength)
  const leafAt = (leaf: number): number => aligned(sharedLength) + leaf * leafStride

  const plans = new Map(
    found.map(
      ({ plan, leafAt: own, words, digits, reductions, scalars }): readonly [LeafPlan, PlanLayout] => [
        plan,
        {
          places: {
            shared: sharedLength,
            leaf: leafStride,
            record: recordLength,
            inShared: (node) =>
              node.scope === 'host'
                ? hostAt.get(node)
                : node.scope === 'tree'
                  ? treeAt.get(treeName(node))
                  : undefined,
            inLeaf: (node) => own.get(node),
            ofCells: (node) => words.get(node) ?? 0,
            digits,
          },
          slots: [...own].flatMap(([node, at]) => (node._tag === 'Slot' ? [{ name: node.name, at }] : [])),
          known: [...own].flatMap(([node, at]) => (node._tag === 'LeafScalar' ? [{ node, at }] : [])),
          reductions,
          scalars,
        },
      ],
    ),
  )

  const most = Math.floor(limits.storageBytes / 4 / ALIGNMENT) * ALIGNMENT
  const units = job.leaves.map(({ plan, spec }): ReadonlyMap<string, Unit> => {
    const own = of.get(plan)
    return own === undefined ? new Map() : unitsOf(own, spec.shape, { sharing, most, groups: limits.groups })
  })
  const recordsOf = units.map(() => new Map<string, number>())
  const heads: (readonly number[])[] = []
  for (const [leaf, all] of units.entries())
    for (const [name, unit] of all) {
      recordsOf[leaf]?.set(name, heads.length)
      heads.push(...unit.heads)
    }
  const recordOf = (leaf: number, unit: string): number => recordsOf[leaf]?.get(unit) ?? 0
  const records = new Uint32Array(heads.length * recordStride)
  for (const [i, head] of heads.entries()) records.set(head, i * recordStride)
  /** Writes into every record of a leaf. */
  const write = (leaf: number, word: number, numbers: readonly number[]): void => {
    for (const [name, unit] of units[leaf] ?? [])
      for (const i of unit.heads.keys())
        records.set(numbers, (recordOf(leaf, name) + i) * recordStride + word)
  }
  let cells = 0
  for (const [leaf, { plan, spec }] of job.leaves.entries()) {
    const own = of.get(plan)
    for (const [step, vector] of own?.steps ?? [])
      for (const [k, digit] of digitsOf(step, spec.shape).entries()) write(leaf, 4 * (vector + k), digit)
    for (const [node, word] of own?.words ?? [])
      if (isAxes(node.scope)) {
        write(leaf, word, [cells])
        cells += sizeOf(shapeAlong(node.scope, spec.shape))
      }
  }

  // shares that are combined with each other lie beside each other
  const rows: { start: number; count: number }[] = []
  const table: number[] = []
  let partials = 0
  const place = (leaf: number, unit: string, { node, at }: Reduction): void => {
    for (const [i, { reducing }] of (units[leaf]?.get(unit)?.windows ?? []).entries()) {
      records[(recordOf(leaf, unit) + i) * recordStride + at] = partials
      partials += reducing * shareLength(node.kind)
    }
  }
  const addRow = (kind: Reduce['kind'], start: number, destination: number): void => {
    table.push(...tableRow(kind, start, (partials - start) / shareLength(kind), destination))
  }
  for (let stage = 0; stage < job.plan.stages; stage++) {
    while ((table.length / 4) % (ALIGNMENT / 4) !== 0) table.push(0, 0, 0, 0)
    const start = table.length / 4
    const sites = new Map<
      string,
      { kind: Reduce['kind']; places: (readonly [number, string, Reduction])[] }
    >()
    for (const [leaf, { plan }] of job.leaves.entries()) {
      const own = of.get(plan)
      const reductions = (own?.reductions[stage] ?? []).flatMap(
        ({ unit, cells: byCells, reductions: all }) =>
          byCells === null ? all.map((reduction) => [unit, reduction] as const) : [],
      )
      for (const [unit, reduction] of reductions) {
        const { node } = reduction
        if (node.over === 'leaf') {
          const before = partials
          place(leaf, unit, reduction)
          addRow(node.kind, before, leafAt(leaf) + (own?.leafAt.get(node) ?? 0))
        } else {
          const site = sites.get(node.site) ?? { kind: node.kind, places: [] }
          site.places.push([leaf, unit, reduction])
          sites.set(node.site, site)
        }
      }
    }
    for (const [site, { kind, places }] of sites) {
      const before = partials
      for (const [leaf, unit, reduction] of places) place(leaf, unit, reduction)
      addRow(kind, before, treePlace(`site ${site}`))
    }
    rows.push({ start, count: table.length / 4 - start })
  }

  return {
    plans,
    units,
    treeSlots: [...treeAt].flatMap(([name, at]) =>
      name.startsWith('slot ') ? [{ name: name.slice('slot '.length), at }] : [],
    ),
    sharedStride: aligned(sharedLength),
    leafAt,
    leafStride,
    valuesLength: aligned(sharedLength) + job.leaves.length * leafStride,
    resultStride,
    partialsLength: partials,
    records,
    recordStride,
    recordOf,
    cellsLength: cells,
    table: Uint32Array.from(table),
    rows,
  }
}
