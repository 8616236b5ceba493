/** States as another engine sees them: a structure in which slots and numbers have their places. */
import { GradpipeError } from '../error.js'
import { shown } from '../options.js'
import type { SlotPlace } from '../program/program.js'
import type { Params } from '../rule/leaf.js'
import { ndarray } from '../rule/ndarray.js'
import { isOfMatrices } from '../rule/view.js'
import { type Path, showPath } from '../tree/path.js'

/** A state's structure: what stands where. */
export type Skeleton =
  | { readonly _tag: 'Slot'; readonly slot: SlotPlace }
  /** A tree in which each leaf has a list, of what the slots keep of it. */
  | { readonly _tag: 'Beside'; readonly slots: readonly SlotPlace[] }
  | { readonly _tag: 'Number'; readonly place: string }
  | { readonly _tag: 'Plain'; readonly value: null | boolean | string | undefined }
  | { readonly _tag: 'List'; readonly of: readonly Skeleton[] }
  | { readonly _tag: 'Record'; readonly of: readonly (readonly [key: string, node: Skeleton])[] }

/** The one leaf of a mark, which is a tree that stands for those of a slot: no state has a key like this. */
const LEAF = '\u0000'

/** The most axes that a leaf has of which there is a slot for each. */
const AXES = 6

/**
 * A mark for each slot, which nothing else is. The leaf of one of elements has as many axes as a leaf may have, of one of
 * rows a single one.
 */
export const marksFor = (slots: readonly SlotPlace[]): readonly Params[] =>
  slots.map(({ scope }) => ({
    [LEAF]: ndarray(new Float64Array(1), isOfMatrices(scope) ? [1] : new Array<number>(AXES).fill(1)),
  }))

/** What stands at the one leaf of a tree like the marks; `undefined` of anything else. */
const atLeaf = (node: unknown): unknown =>
  typeof node === 'object' && node !== null && LEAF in node && Object.keys(node).length === 1
    ? node[LEAF]
    : undefined

/** The structure of a state whose slots are known by their marks. */
export const skeletonOf = (state: unknown, slots: ReadonlyMap<unknown, SlotPlace>): Skeleton => {
  const byLeaf = new Map([...slots].map(([mark, slot]) => [atLeaf(mark), slot]))
  const visit = (node: unknown, path: Path): Skeleton => {
    const list = atLeaf(node)
    if (Array.isArray(list)) return { _tag: 'Beside', slots: list.flatMap((leaf) => byLeaf.get(leaf) ?? []) }
    const slot = slots.get(node)
    if (slot !== undefined) return { _tag: 'Slot', slot }
    if (typeof node === 'number') return { _tag: 'Number', place: showPath(path) }
    if (node === null || node === undefined || typeof node === 'boolean' || typeof node === 'string')
      return { _tag: 'Plain', value: node }
    if (Array.isArray(node)) return { _tag: 'List', of: node.map((child, i) => visit(child, [...path, i])) }
    if (typeof node === 'object')
      return {
        _tag: 'Record',
        of: Object.entries(node).map(([key, child]) => [key, visit(child, [...path, key])]),
      }
    throw new GradpipeError('InvalidLeaf', showPath(['state', ...path]), 'plain data', shown(node))
  }
  return visit(state, [])
}

/** The structure of a state whose leaves keep these slots alone, where each of them has a list. */
export const keeping = (skeleton: Skeleton, slots: ReadonlySet<string>): Skeleton => {
  switch (skeleton._tag) {
    case 'Beside':
      return { ...skeleton, slots: skeleton.slots.filter(({ name }, i) => i === 0 || slots.has(name)) }
    case 'List':
      return { ...skeleton, of: skeleton.of.map((child) => keeping(child, slots)) }
    case 'Record':
      return { ...skeleton, of: skeleton.of.map(([key, child]) => [key, keeping(child, slots)] as const) }
    default:
      return skeleton
  }
}

/** The numbers of a state, by their places. */
export type Numbers = ReadonlyMap<string, number>

/** The state of such a structure that holds these numbers and slots. */
export const stateOf = (
  skeleton: Skeleton,
  numbers: Numbers,
  slots: ReadonlyMap<SlotPlace, Params>,
): unknown => {
  switch (skeleton._tag) {
    case 'Slot':
      return slots.get(skeleton.slot) ?? null
    case 'Beside':
      return { [LEAF]: skeleton.slots.map((slot) => atLeaf(slots.get(slot)) ?? null) }
    case 'Number':
      return numbers.get(skeleton.place)
    case 'Plain':
      return skeleton.value
    case 'List':
      return skeleton.of.map((child) => stateOf(child, numbers, slots))
    case 'Record':
      return Object.fromEntries(skeleton.of.map(([key, child]) => [key, stateOf(child, numbers, slots)]))
  }
}

/** The numbers that a state of such a structure holds. */
export const numbersOf = (skeleton: Skeleton, state: unknown): Numbers => {
  const found = new Map<string, number>()
  const visit = (node: Skeleton, value: unknown): void => {
    if (node._tag === 'Number') {
      if (typeof value === 'number') found.set(node.place, value)
    } else if (node._tag === 'List' || node._tag === 'Record') {
      const children: Readonly<Record<string, unknown>> = typeof value === 'object' ? { ...value } : {}
      const of = node._tag === 'List' ? node.of.map((child, i) => [String(i), child] as const) : node.of
      for (const [key, child] of of) visit(child, children[key])
    }
  }
  visit(skeleton, state)
  return found
}

/** A place, and the path that leads to it; where each leaf has a list, which of it is meant. */
export type Placed = readonly [place: string, path: Path, after?: number]

/** Where slots and numbers stand in a state of such a structure. */
export const placesIn = (
  skeleton: Skeleton,
): { readonly slots: readonly Placed[]; readonly kept: readonly Placed[] } => {
  const [slots, kept]: [Placed[], Placed[]] = [[], []]
  const visit = (node: Skeleton, path: Path): void => {
    if (node._tag === 'Slot') slots.push([node.slot.name, path])
    else if (node._tag === 'Beside')
      for (const [i, slot] of node.slots.entries()) slots.push([slot.name, path, i])
    else if (node._tag === 'Number') kept.push([node.place, path])
    else if (node._tag === 'List') for (const [i, child] of node.of.entries()) visit(child, [...path, i])
    else if (node._tag === 'Record') for (const [key, child] of node.of) visit(child, [...path, key])
  }
  visit(skeleton, [])
  return { slots, kept }
}
