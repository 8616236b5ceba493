/**
 * Where the numbers of a job stand that are not tensors: what does not change from step to step.
 *
 * One buffer holds the values that kernels read: first those that all leaves share (the host's, then the
 * tree's slots and reductions), then, for each leaf, its slots and reductions and what the host knows of it. A record per window of a leaf
 * says how many elements it has and where its shares of each reduction go. A table says how those are combined.
 */

import { reads } from '../../../compile/statements.js'
import { INFINITY_BITS, type Width } from '../../../compile/wgsl/functions.js'
import { type Places, RECORD_HEAD, type ScalarOutput } from '../../../compile/wgsl/kernel.js'
import { type Reduction, shareLength, tableRow } from '../../../compile/wgsl/reduction.js'
import { groupsFor, type Sharing } from '../../../compile/wgsl/sharing.js'
import type { Expr, LeafScalar, Reduce } from '../../../rule/expr.js'
import { sizeOf } from '../../../rule/leaf.js'
import type { LeafPlan } from '../../../rule/plan.js'
import type { Job } from '../../work.js'
import { copied } from '../inputs.js'

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
}

/** Part of a leaf: as much as one binding takes. */
export interface Window {
  /** The first element. */
  readonly start: number
  readonly count: number
  /** Workgroups that reduce it. */
  readonly reducing: number
  /** Workgroups that compute its outputs. */
  readonly computing: number
}

/** What the leaves with one plan have in common. */
export interface PlanLayout {
  readonly places: Places
  /** The leaf's slots that are read, and where in the leaf's values. */
  readonly slots: readonly { readonly name: string; readonly at: number }[]
  /** What the host knows of the leaf, and where among its values. */
  readonly known: readonly { readonly node: LeafScalar; readonly at: number }[]
  /** Per stage. */
  readonly reductions: readonly (readonly Reduction[])[]
  /** The outputs with one value per leaf or tree that are computed. */
  readonly scalars: readonly ScalarOutput[]
}

/** The layout of a job; lengths and offsets count numbers of four bytes. */
export interface Layout {
  readonly plans: ReadonlyMap<LeafPlan, PlanLayout>
  readonly windows: readonly (readonly Window[])[]
  /** How many elements of each leaf a thread takes at once. */
  readonly widths: readonly Width[]
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
  /** The first record of each leaf. */
  readonly recordOf: readonly number[]
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
    const leafAt = new Map<Expr, number>()
    const computed = Object.entries(plan.outputs).filter(([, output]) => copied(output) === null)
    const reduced = plan.stages.flat()
    const { scalars } = reads([...computed.map(([, { expr }]) => expr), ...reduced.map(({ arg }) => arg)])
    for (const node of [...scalars, ...reduced])
      if (node.scope === 'tree') treePlace(treeName(node))
      else if (!leafAt.has(node)) leafAt.set(node, leafAt.size)
    let at = RECORD_HEAD
    const reductions = plan.stages.map((stage) => stage.map((node): Reduction => ({ node, at: at++ })))
    const results = computed.filter(([, { scope }]) => scope !== 'element')
    return {
      plan,
      leafAt,
      reductions,
      recordLength: at,
      scalars: results.map(([name, { expr }], i): ScalarOutput => ({ name, expr, at: i })),
    }
  })

  const largest = (lengths: readonly number[]): number => Math.max(0, ...lengths)
  const sharedLength = job.host.length + treeAt.size
  const leafStride = aligned(largest(found.map(({ leafAt }) => leafAt.size)))
  const resultStride = aligned(largest(found.map(({ scalars }) => scalars.length)))
  const recordLength = largest(found.map((each) => each.recordLength))
  const recordStride = aligned(recordLength)
  const leafAt = (leaf: number): number => aligned(sharedLength) + leaf * leafStride

  const plans = new Map(
    found.map(({ plan, leafAt: own, reductions, scalars }): readonly [LeafPlan, PlanLayout] => [
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
        },
        slots: [...own].flatMap(([node, at]) => (node._tag === 'Slot' ? [{ name: node.name, at }] : [])),
        known: [...own].flatMap(([node, at]) => (node._tag === 'LeafScalar' ? [{ node, at }] : [])),
        reductions,
        scalars,
      },
    ]),
  )

  const most = Math.floor(limits.storageBytes / 4 / ALIGNMENT) * ALIGNMENT
  const widths = job.leaves.map(({ spec }): Width => (sizeOf(spec.shape) % 4 === 0 ? 4 : 1))
  const windows = job.leaves.map(({ spec }, leaf) => {
    const size = sizeOf(spec.shape)
    const width = widths[leaf] ?? 1
    return Array.from({ length: Math.ceil(size / most) }, (_, i): Window => {
      const count = Math.min(most, size - i * most)
      return {
        start: i * most,
        count,
        reducing: groupsFor(sharing.reducing, count, width),
        computing: groupsFor(sharing.computing, count, width),
      }
    })
  })

  const recordOf: number[] = []
  let recordCount = 0
  for (const of of windows) {
    recordOf.push(recordCount)
    // a leaf of no elements may still have a number of its own to compute
    recordCount += Math.max(1, of.length)
  }
  const records = new Uint32Array(recordCount * recordStride)
  for (const [leaf, of] of windows.entries())
    for (let i = 0; i < Math.max(1, of.length); i++)
      records.set([of[i]?.count ?? 0, INFINITY_BITS], ((recordOf[leaf] ?? 0) + i) * recordStride)

  // shares that are combined with each other lie beside each other
  const rows: { start: number; count: number }[] = []
  const table: number[] = []
  let partials = 0
  const place = (leaf: number, { node, at }: Reduction): void => {
    for (const [i, { reducing }] of (windows[leaf] ?? []).entries()) {
      records[((recordOf[leaf] ?? 0) + i) * recordStride + at] = partials
      partials += reducing * shareLength(node.kind)
    }
  }
  const addRow = (kind: Reduce['kind'], start: number, destination: number): void => {
    table.push(...tableRow(kind, start, (partials - start) / shareLength(kind), destination))
  }
  for (let stage = 0; stage < job.plan.stages; stage++) {
    while ((table.length / 4) % (ALIGNMENT / 4) !== 0) table.push(0, 0, 0, 0)
    const start = table.length / 4
    const sites = new Map<string, { kind: Reduce['kind']; places: (readonly [number, Reduction])[] }>()
    for (const [leaf, { plan }] of job.leaves.entries()) {
      const own = found.find((each) => each.plan === plan)
      for (const reduction of own?.reductions[stage] ?? []) {
        const { node } = reduction
        if (node.over === 'leaf') {
          const before = partials
          place(leaf, reduction)
          addRow(node.kind, before, leafAt(leaf) + (own?.leafAt.get(node) ?? 0))
        } else {
          const site = sites.get(node.site) ?? { kind: node.kind, places: [] }
          site.places.push([leaf, reduction])
          sites.set(node.site, site)
        }
      }
    }
    for (const [site, { kind, places }] of sites) {
      const before = partials
      for (const [leaf, reduction] of places) place(leaf, reduction)
      addRow(kind, before, treePlace(`site ${site}`))
    }
    rows.push({ start, count: table.length / 4 - start })
  }

  return {
    plans,
    windows,
    widths,
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
    table: Uint32Array.from(table),
    rows,
  }
}
