/** Where a step's outputs go: into the memory that was given up, or into new leaves. */

import type { Elements } from '../../rule/ndarray.js'
import { UPDATE } from '../../rule/rule.js'
import type { Binding, Group } from '../kernels/bind.js'
import type { Column, Done, JobLeaf, Work } from '../work.js'
import type { ArrayDoor } from './door.js'
import type { Layout, Segment } from './layout.js'

/** A step's outputs, as they come. */
export interface Outputs<V> {
  /** By name the leaves whose memory was given up, and is the output's now. */
  readonly taken: Readonly<Record<string, Column<V>>>
  /** Puts a window's part of a group's k-th stored output in its place; its area begins at an element. */
  readonly put: (
    group: Group<Layout>,
    k: number,
    segments: readonly Segment[],
    view: Elements,
    first: number,
  ) => void
  /** Puts one number in all places of an output. */
  readonly fill: (group: Group<Layout>, name: string, row: number, value: number) => void
  /** Puts a group's i-th output of one number in its place. */
  readonly write: (index: number, i: number, row: number, value: number) => void
  readonly done: Done<V>
}

/** Up to so many elements, a loop costs less than a call that copies them. */
const FEW = 16

const arrayOf = ({ precision }: Group<Layout>, size: number): Elements =>
  precision === 'float32' ? new Float32Array(size) : new Float64Array(size)

/** A copy of a part. */
const copyOf = (view: Elements, from: number, size: number): Elements => {
  // engines keep so few among their objects, and all others apart
  if (size > 8) return view.slice(from, from + size)
  const copy = view instanceof Float32Array ? new Float32Array(size) : new Float64Array(size)
  for (let i = 0; i < size; i++) copy[i] = view[from + i] as number
  return copy
}

/** The group that computes each output of the tree: that of the first leaf which has it. */
export const ownersOf = ({ groups }: Binding<Layout>): ReadonlyMap<string, Group<Layout>> => {
  const owners = new Map<string, Group<Layout>>()
  const first = ({ leaves }: Group<Layout>): number => leaves[0] ?? 0
  for (const group of groups)
    for (const [name, { scope }] of Object.entries(group.passes.plan.outputs)) {
      const known = owners.get(name)
      if (scope === 'tree' && (known === undefined || first(group) < first(known))) owners.set(name, group)
    }
  return owners
}

/** The outputs of a step. Takes over the memory of what was given up, and keeps what does not change. */
export const outputsOf = <V>(
  door: ArrayDoor<V>,
  work: Work<V>,
  { groups }: Binding<Layout>,
  owners: ReadonlyMap<string, Group<Layout>>,
): Outputs<V> => {
  const { job } = work
  const takes = work.donate ? door.take : null
  const columns: Record<string, (V | null)[]> = {}
  const tree: Record<string, V> = {}
  const taken: Record<string, (V | null)[]> = {}
  const unfinished: (Elements | null)[] = []

  const noneYet = (): (V | null)[] => new Array<V | null>(job.leaves.length).fill(null)
  const before = (name: string): Column<V> => (name === UPDATE ? work.parameters : (work.slots[name] ?? []))
  const take = (leaf: V | null | undefined): V | null =>
    takes !== null && leaf !== null && leaf !== undefined ? takes(leaf) : null
  /** The same of a column's; what reads it has to read what took it over. */
  const takeColumn = (name: string, leaf: number): V | null => {
    const own = take(before(name)[leaf])
    if (own === null) return null
    taken[name] ??= noneYet()
    taken[name][leaf] = own
    return own
  }
  const wrap = (leaf: number, values: Elements): V => {
    const { kind, spec } = job.leaves[leaf] as JobLeaf
    return door.wrap(values, kind, spec.shape)
  }
  /** A leaf of one number. */
  const single = (own: V | null, value: number): V => {
    const array = own === null ? 0 : door.read(own)
    if (own === null || typeof array === 'number') return door.single(value)
    array[0] = value
    return own
  }

  for (const group of groups) {
    const { leaves, passes } = group
    const { final } = passes
    for (const name of final.unchanged) {
      if (passes.plan.outputs[name]?.scope === 'tree') {
        const old = work.treeSlots[name]
        if (old !== undefined && old !== null && owners.get(name) === group)
          tree[name] = take(old) ?? door.keep(old)
        continue
      }
      columns[name] ??= noneYet()
      const column = columns[name]
      const all = before(name)
      for (const leaf of leaves) {
        const old = all[leaf]
        if (old === undefined || old === null) continue
        const own = takeColumn(name, leaf)
        column[leaf] = own ?? door.keep(old)
      }
    }
    for (const names of [final.stored, final.ofNumbers])
      for (const name of names) if (passes.plan.outputs[name]?.scope !== 'tree') columns[name] ??= noneYet()
    if (takes === null) continue
    for (const name of final.stored) for (const leaf of leaves) takeColumn(name, leaf)
  }

  return {
    taken,
    put: (group, k, segments, view, first) => {
      const { leaves, shapes, sizes, passes } = group
      const name = passes.final.stored[k] as string
      const column = columns[name] ?? []
      const own = taken[name]
      for (let s = 0; s < segments.length; s++) {
        const { row, from, size, at, isWhole } = segments[s] as Segment
        const leaf = leaves[row] as number
        const shape = shapes[row] as readonly number[]
        const place = own?.[leaf] ?? null
        if (shape.length === 0) {
          const value = view[first + at] as number
          column[leaf] = place === null ? door.single(value) : single(place, value)
        } else if (place !== null) {
          const into = door.read(place) as Elements
          if (size <= FEW) for (let i = 0; i < size; i++) into[from + i] = view[first + at + i] as number
          else into.set(view.subarray(first + at, first + at + size), from)
          column[leaf] = place
        } else if (isWhole) column[leaf] = wrap(leaf, copyOf(view, first + at, size))
        else {
          const whole = sizes[row] as number
          unfinished[k] ??= arrayOf(group, whole)
          const into = unfinished[k]
          into.set(view.subarray(first + at, first + at + size), from)
          if (from + size < whole) continue
          column[leaf] = wrap(leaf, into)
          unfinished[k] = null
        }
      }
    },
    fill: (group, name, row, value) => {
      const leaf = group.leaves[row] as number
      const shape = group.shapes[row] as readonly number[]
      const place = taken[name]?.[leaf] ?? null
      const column = columns[name] ?? []
      if (shape.length === 0) column[leaf] = single(place, value)
      else if (place !== null) {
        ;(door.read(place) as Elements).fill(value)
        column[leaf] = place
      } else {
        const values = arrayOf(group, group.sizes[row] as number)
        column[leaf] = wrap(leaf, Object.is(value, 0) ? values : values.fill(value))
      }
    },
    write: (index, i, row, value) => {
      const group = groups[index] as Group<Layout>
      const name = group.passes.final.ofNumbers[i] as string
      if (group.passes.plan.outputs[name]?.scope === 'tree') {
        if (row === 0 && owners.get(name) === group) tree[name] = single(take(work.treeSlots[name]), value)
        return
      }
      const leaf = group.leaves[row] as number
      const column = columns[name] ?? []
      column[leaf] = single(take(before(name)[leaf]), value)
    },
    done: { columns, tree },
  }
}
