/**
 * How a leaf's outputs are shared out among dispatches, where one binds fewer buffers than they need.
 *
 * What two of them need is computed in both. A tensor that is written in place must not be read after that, so
 * then the output gets memory of its own.
 */
import { inGroups } from '../groups.js'
import { type ElementAtom, reads } from '../statements.js'
import type { ElementOutput, ScalarOutput } from './kernel.js'
import type { Reduction } from './reduction.js'

/** What one dispatch computes. */
export interface Share {
  readonly elements: readonly ElementOutput[]
  readonly scalars: readonly ScalarOutput[]
}

const buffersOf = (elements: readonly ElementOutput[], scalars: readonly ScalarOutput[]): number => {
  const read = new Set<ElementAtom>(reads(elements.map(({ expr }) => expr)).elements)
  const written = elements.filter(({ inPlace }) => inPlace === null || !read.has(inPlace))
  return read.size + written.length + (scalars.length > 0 ? 1 : 0)
}

/** The dispatches for some outputs; `null` if one output alone needs more buffers than there may be. */
export const shareOut = (
  elements: readonly ElementOutput[],
  scalars: readonly ScalarOutput[],
  buffers: number,
): readonly Share[] | null => {
  if (buffersOf(elements, scalars) <= buffers) return [{ elements, scalars }]
  const apart = elements.map((output) => ({ ...output, inPlace: null }))
  const groups = inGroups(apart, (group) => buffersOf(group, []) <= buffers)
  if (groups === null) return null
  const wanted = new Map(elements.map(({ name, inPlace }) => [name, inPlace] as const))
  const shares = groups.map((group, i): Share => {
    const later = new Set(reads(groups.slice(i + 1).flatMap((each) => each.map(({ expr }) => expr))).elements)
    return {
      elements: group.map((output) => {
        const inPlace = wanted.get(output.name) ?? null
        return { ...output, inPlace: inPlace !== null && later.has(inPlace) ? null : inPlace }
      }),
      scalars: [],
    }
  })
  return scalars.length === 0 ? shares : [{ elements: [], scalars }, ...shares]
}

/** The dispatches for some reductions; `null` if one alone needs too many buffers. */
export const shareReductions = (
  reductions: readonly Reduction[],
  buffers: number,
): readonly (readonly Reduction[])[] | null =>
  inGroups(reductions, (group) => reads(group.map(({ node }) => node.arg)).elements.length + 1 <= buffers)
