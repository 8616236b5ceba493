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

/** Where the outputs of a job are. */
export interface Places {
  /** The outputs that leaves have, one after the other. */
  readonly names: readonly string[]
  /** Which of these are stored by the loop of each group. */
  readonly stored: readonly (readonly number[])[]
  /** The group that computes each output of the tree: that of the first leaf which has it. */
  readonly owners: ReadonlyMap<string, Group<unknown>>
  /** A record of these names: to copy one and fill it costs less than to add name after name. */
  readonly template: Readonly<Record<string, Column<never>>>
}

/** The places of a job's outputs. */
export const placesOf = ({ groups }: Binding<unknown>): Places => {
  const owners = new Map<string, Group<unknown>>()
  const all = new Set<string>()
  const first = ({ leaves }: Group<unknown>): number => leaves[0] ?? 0
  for (const group of groups)
    for (const [name, { scope }] of Object.entries(group.passes.plan.outputs)) {
      const known = owners.get(name)
      if (scope !== 'tree') all.add(name)
      else if (known === undefined || first(group) < first(known)) owners.set(name, group)
    }
  const names = [...all]
  return {
    names,
    stored: groups.map(({ passes }) => passes.final.stored.map((name) => names.indexOf(name))),
    owners,
    template: Object.fromEntries(names.map((name) => [name, nothing])),
  }
}

const nothing: Column<never> = []

const noneYet = (length: number): null[] => {
  const column = new Array<null>(length)
  for (let i = 0; i < length; i++) column[i] = null
  return column
}

/** A step's outputs, as they come: they take over the memory of what was given up, and what does not change is kept. */
export class Outputs<V> {
  /** By name the leaves whose memory was given up, and is the output's now; `null` where none is. */
  readonly taken: Readonly<Record<string, Column<V>>> | null
  /** The outputs of scope `tree`, as far as they are there. */
  readonly tree: Readonly<Record<string, V>>
  readonly #door: ArrayDoor<V>
  readonly #work: Work<V>
  readonly #groups: readonly Group<unknown>[]
  readonly #places: Places
  readonly #takes: ArrayDoor<V>['take']
  /** Beside the names of the places. */
  readonly #columns: (V | null)[][] = []
  readonly #tree: Record<string, V> = {}
  readonly #taken: Record<string, (V | null)[]> = {}
  /** Of large leaves, which are done in pieces, by the number of the output. */
  readonly #unfinished: (Elements | null)[] = []

  constructor(door: ArrayDoor<V>, work: Work<V>, { groups }: Binding<unknown>, places: Places) {
    this.#door = door
    this.#work = work
    this.#groups = groups
    this.#places = places
    this.#takes = work.donate ? door.take : null
    this.taken = this.#takes === null ? null : this.#taken
    this.tree = this.#tree
    for (let i = 0; i < places.names.length; i++) this.#columns.push(noneYet(work.job.leaves.length))
    for (let g = 0; g < groups.length; g++) this.#open(groups[g] as Group<unknown>)
  }

  get done(): Done<V> {
    const { names, template } = this.#places
    const columns: Record<string, Column<V>> = { ...template }
    for (let i = 0; i < names.length; i++) columns[names[i] as string] = this.#columns[i] as Column<V>
    return { columns, tree: this.#tree }
  }

  /** Puts a window's part of a group's k-th stored output in its place; its area begins at an element. */
  put(index: number, k: number, segments: readonly Segment[], view: Elements, first: number): void {
    const group = this.#groups[index] as Group<unknown>
    const { leaves, shapes, sizes, passes } = group
    const name = passes.final.stored[k] as string
    const column = this.#columns[this.#places.stored[index]?.[k] as number] as (V | null)[]
    const own = this.taken?.[name]
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

  /** Puts one number in all places of a group's k-th stored output. */
  fill(index: number, k: number, row: number, value: number): void {
    const group = this.#groups[index] as Group<unknown>
    const name = group.passes.final.stored[k] as string
    const leaf = group.leaves[row] as number
    const shape = group.shapes[row] as readonly number[]
    const place = this.taken?.[name]?.[leaf] ?? null
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
      if (row === 0 && this.#places.owners.get(name) === group)
        this.#tree[name] = this.#single(this.#take(old), old, value)
      return
    }
    const leaf = group.leaves[row] as number
    const old = this.#before(name)[leaf]
    this.#column(name)[leaf] = this.#single(this.#take(old), old, value)
  }

  /** Has the outputs of a group that do not change, and the memory for others. */
  #open({ leaves, passes: { final, plan } }: Group<unknown>): void {
    for (const name of final.unchanged) {
      if (plan.outputs[name]?.scope === 'tree') {
        const old = this.#work.treeSlots[name]
        if (old !== undefined && old !== null && this.#places.owners.get(name)?.passes.final === final)
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
    return this.#columns[this.#places.names.indexOf(name)] as (V | null)[]
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
    this.#taken[name] ??= noneYet(this.#work.job.leaves.length)
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
