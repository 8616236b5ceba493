/** Where a step's outputs go: into the memory that was given up, or into new leaves. */

import type { Elements } from '../../rule/ndarray.js'
import { UPDATE } from '../../rule/rule.js'
import type { Binding, Group } from '../kernels/binding.js'
import type { Column, Done, JobLeaf, Work } from '../work.js'
import { copyInto } from './copy.js'
import type { ArrayDoor } from './door.js'
import type { Segment } from './layout.js'

const arrayOf = ({ precision }: Group<unknown>, size: number): Elements =>
  precision === 'float32' ? new Float32Array(size) : new Float64Array(size)

/** Engines keep arrays of so few bytes among their objects, and all others apart. */
const AMONG_OBJECTS = 64

/** A copy of a part. */
const copyOf = (view: Elements, from: number, size: number): Elements => {
  if (size * view.BYTES_PER_ELEMENT > AMONG_OBJECTS) return view.slice(from, from + size)
  const copy = view instanceof Float32Array ? new Float32Array(size) : new Float64Array(size)
  for (let i = 0; i < size; i++) copy[i] = view[from + i] as number
  return copy
}

/** The group that computes each output of the tree: that of the first leaf which has it. */
export type Owners = ReadonlyMap<string, Group<unknown>>

/** The owners of a job's outputs. */
export const ownersOf = ({ groups }: Binding<unknown>): Owners => {
  const owners = new Map<string, Group<unknown>>()
  const first = ({ leaves }: Group<unknown>): number => leaves[0] ?? 0
  for (const group of groups)
    for (const [name, { scope }] of Object.entries(group.passes.plan.outputs)) {
      const known = owners.get(name)
      if (scope === 'tree' && (known === undefined || first(group) < first(known))) owners.set(name, group)
    }
  return owners
}

const nothing: Column<never> = []

/** A step's outputs, as they come: they take over the memory of what was given up, and what does not change is kept. */
export class Outputs<V> {
  /** By name the leaves whose memory was given up, and is the output's now. */
  readonly taken: Readonly<Record<string, Column<V>>>
  /** The outputs of scope `tree`, as far as they are there. */
  readonly tree: Readonly<Record<string, V>>
  readonly #door: ArrayDoor<V>
  readonly #work: Work<V>
  readonly #groups: readonly Group<unknown>[]
  readonly #owners: Owners
  readonly #takes: ArrayDoor<V>['take']
  readonly #columns: Record<string, (V | null)[]> = {}
  readonly #tree: Record<string, V> = {}
  readonly #taken: Record<string, (V | null)[]> = {}
  /** Of large leaves, which are done in pieces, by the number of the output. */
  readonly #unfinished: (Elements | null)[] = []

  constructor(door: ArrayDoor<V>, work: Work<V>, { groups }: Binding<unknown>, owners: Owners) {
    this.#door = door
    this.#work = work
    this.#groups = groups
    this.#owners = owners
    this.#takes = work.donate ? door.take : null
    this.taken = this.#taken
    this.tree = this.#tree
    for (let g = 0; g < groups.length; g++) this.#open(groups[g] as Group<unknown>)
  }

  get done(): Done<V> {
    return { columns: this.#columns, tree: this.#tree }
  }

  /** Puts a window's part of a group's k-th stored output in its place; its area begins at an element. */
  put(group: Group<unknown>, k: number, segments: readonly Segment[], view: Elements, first: number): void {
    const { leaves, shapes, sizes, passes } = group
    const name = passes.final.stored[k] as string
    const column = this.#column(name)
    const own = this.#taken[name]
    const door = this.#door
    for (let s = 0; s < segments.length; s++) {
      const { row, from, size, at, isWhole } = segments[s] as Segment
      const leaf = leaves[row] as number
      const shape = shapes[row] as readonly number[]
      const place = own?.[leaf] ?? null
      if (shape.length === 0) {
        column[leaf] = this.#single(place, this.#before(name)[leaf], view[first + at] as number)
      } else if (place !== null) {
        copyInto(view, first + at, size, door.read(place) as Elements, from)
        column[leaf] = place
      } else if (isWhole) column[leaf] = this.#wrap(name, leaf, copyOf(view, first + at, size))
      else {
        const whole = sizes[row] as number
        this.#unfinished[k] ??= arrayOf(group, whole)
        const into = this.#unfinished[k] as Elements
        copyInto(view, first + at, size, into, from)
        if (from + size < whole) continue
        column[leaf] = this.#wrap(name, leaf, into)
        this.#unfinished[k] = null
      }
    }
  }

  /** Puts one number in all places of an output. */
  fill(group: Group<unknown>, name: string, row: number, value: number): void {
    const leaf = group.leaves[row] as number
    const shape = group.shapes[row] as readonly number[]
    const place = this.#taken[name]?.[leaf] ?? null
    const column = this.#column(name)
    if (shape.length === 0) column[leaf] = this.#single(place, this.#before(name)[leaf], value)
    else if (place !== null) {
      ;(this.#door.read(place) as Elements).fill(value)
      column[leaf] = place
    } else {
      const values = arrayOf(group, group.sizes[row] as number)
      column[leaf] = this.#wrap(name, leaf, Object.is(value, 0) ? values : values.fill(value))
    }
  }

  /** Puts a group's i-th output of one number in its place. */
  write(index: number, i: number, row: number, value: number): void {
    const group = this.#groups[index] as Group<unknown>
    const name = group.passes.final.ofNumbers[i] as string
    if (group.passes.plan.outputs[name]?.scope === 'tree') {
      const old = this.#work.treeSlots[name]
      if (row === 0 && this.#owners.get(name) === group)
        this.#tree[name] = this.#single(this.#take(old), old, value)
      return
    }
    const leaf = group.leaves[row] as number
    const old = this.#before(name)[leaf]
    this.#column(name)[leaf] = this.#single(this.#take(old), old, value)
  }

  /** Makes room for a group's outputs, and has those that do not change. */
  #open({ leaves, passes: { final, plan } }: Group<unknown>): void {
    for (const name of final.unchanged) {
      if (plan.outputs[name]?.scope === 'tree') {
        const old = this.#work.treeSlots[name]
        if (old !== undefined && old !== null && this.#owners.get(name)?.passes.final === final)
          this.#tree[name] = this.#take(old) ?? this.#door.keep(old)
        continue
      }
      const column = this.#column(name)
      const all = this.#before(name)
      for (const leaf of leaves) {
        const old = all[leaf]
        if (old !== undefined && old !== null)
          column[leaf] = this.#takeColumn(name, leaf) ?? this.#door.keep(old)
      }
    }
    if (this.#takes !== null)
      for (const name of final.stored) for (const leaf of leaves) this.#takeColumn(name, leaf)
  }

  #column(name: string): (V | null)[] {
    const known = this.#columns[name]
    if (known !== undefined) return known
    const made = this.#noneYet()
    this.#columns[name] = made
    return made
  }

  #noneYet(): (V | null)[] {
    return new Array<V | null>(this.#work.job.leaves.length).fill(null)
  }

  #before(name: string): Column<V> {
    return name === UPDATE ? this.#work.parameters : (this.#work.slots[name] ?? nothing)
  }

  #take(leaf: V | null | undefined): V | null {
    return this.#takes !== null && leaf !== null && leaf !== undefined ? this.#takes(leaf) : null
  }

  /** The same of a column's; what reads it has to read what took it over. */
  #takeColumn(name: string, leaf: number): V | null {
    const own = this.#take(this.#before(name)[leaf])
    if (own === null) return null
    this.#taken[name] ??= this.#noneYet()
    this.#taken[name][leaf] = own
    return own
  }

  /** A leaf with these numbers, in the place of the job's. */
  #wrap(name: string, leaf: number, values: Elements): V {
    const { put, wrap } = this.#door
    const before = put === undefined ? null : this.#before(name)[leaf]
    if (put !== undefined && before !== null && before !== undefined) return put(before, values)
    const { kind, spec } = this.#work.job.leaves[leaf] as JobLeaf
    return wrap(values, kind, spec.shape)
  }

  /** A leaf of one number, in the place of one that was there before, or of what has taken that over. */
  #single(own: V | null, before: V | null | undefined, value: number): V {
    const { put, read, single } = this.#door
    const array = own === null ? 0 : read(own)
    if (own !== null && typeof array !== 'number') {
      array[0] = value
      return own
    }
    return put === undefined || before === null || before === undefined
      ? single(value)
      : put(before, Float32Array.of(value))
  }
}
