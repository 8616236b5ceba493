/**
 * How a leaf's outputs are shared out among dispatches, where one binds fewer buffers than they need.
 *
 * What two of them need is computed in both. A tensor that is written in place must not be read after that, so
 * then the output gets memory of its own.
 */
import type { Expr } from '../../rule/expr.js'
import { isAxes } from '../../rule/scope.js'
import { inGroups } from '../groups.js'
import { type ElementAtom, reads } from '../statements.js'
import type { ElementOutput, ScalarOutput } from './kernel.js'
import type { Reduction } from './reduction.js'

/** What one dispatch computes. */
export interface Share {
  readonly elements: readonly ElementOutput[]
  readonly scalars: readonly ScalarOutput[]
}

/** The tensors that some terms read. */
const tensorsOf = (exprs: readonly Expr[]): readonly ElementAtom[] => {
  const { elements, axes } = reads(exprs)
  return [...elements, ...axes]
}

/** How many buffers some terms read: their tensors, and that of reductions along axes. */
export const readBuffers = (exprs: readonly Expr[]): number => {
  const readsCells = reads(exprs).scalars.some((node) => node._tag === 'Reduce' && isAxes(node.scope))
  return tensorsOf(exprs).length + (readsCells ? 1 : 0)
}

const buffersOf = (elements: readonly ElementOutput[], scalars: readonly ScalarOutput[]): number => {
  const exprs = elements.map(({ expr }) => expr)
  const read = tensorsOf(exprs)
  const written = elements.filter(({ inPlace }) => inPlace === null || !read.includes(inPlace))
  return readBuffers(exprs) + written.length + (scalars.length > 0 ? 1 : 0)
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
    const later = new Set(tensorsOf(groups.slice(i + 1).flatMap((each) => each.map(({ expr }) => expr))))
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

/** The dispatches for some reductions, of at most so many; `null` if one alone needs too many buffers. */
export const shareReductions = (
  reductions: readonly Reduction[],
  buffers: number,
  most: number = Number.POSITIVE_INFINITY,
): readonly (readonly Reduction[])[] | null =>
  inGroups(
    reductions,
    (group) => group.length <= most && readBuffers(group.map(({ node }) => node.arg)) + 1 <= buffers,
  )
