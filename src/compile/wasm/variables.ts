/** Variables: where a kernel's function keeps what it works with. */
import type { Expr, Reduce } from '../../rule/expr.js'
import type { Loop } from '../loop.js'
import type { ValueType } from './assembler.js'
import type { Width } from './width.js'

/** The function's parameters: the address of the first entry, and how many there are. */
export const TABLE = 0
export const COUNT = 1
/** Their types. */
export const parameters: readonly ValueType[] = ['i32', 'i32']
/** The first local variable: the address of an entry's results. */
export const RESULTS = 2

/** The local variables of the function, given out one by one. */
export interface Locals {
  readonly types: ValueType[]
  readonly take: (type: ValueType) => number
}

/** None given out yet but the one for the results. */
export const makeLocals = (): Locals => {
  const types: ValueType[] = ['i32']
  return { types, take: (type) => parameters.length + types.push(type) - 1 }
}

/**
 * Accumulators of a reduction: some for vectors, so that one need not wait for the other, and one for the rest. Sums are
 * float64.
 */
export interface Accumulators {
  readonly reduce: Reduce
  readonly vectors: readonly number[]
  readonly rest: number
  /** What a sum was after the first time through the elements. */
  readonly before: number
  /** What the elements of a norm are multiplied by the second time. */
  readonly power: number
}

/** Where everything is. */
export interface Variables {
  /** Elements to go. */
  readonly left: number
  /** Addresses of the streams, and of the stores. */
  readonly streams: readonly number[]
  readonly stores: readonly number[]
  readonly accumulators: readonly Accumulators[]
  /** Per width the values of uniforms and streams, of shared terms, and of what an operator keeps meanwhile. */
  readonly values: Readonly<Record<Width['type'], (node: Expr, use?: string) => number>>
}

/** So many local variables of a type. */
export const takeSome = (locals: Locals, type: ValueType, count: number): readonly number[] =>
  Array.from({ length: count }, () => locals.take(type))

/** Gives a loop its variables; `accumulators` makes those of what it reduces. */
export const variables = (
  locals: Locals,
  loop: Loop,
  accumulators: (locals: Locals, reductions: readonly Reduce[]) => readonly Accumulators[],
): Variables => {
  const values = (type: Width['type']): ((node: Expr, use?: string) => number) => {
    const known = new Map<string, number>()
    return (node, use = 'value') => {
      const key = `${use} ${node.id}`
      const index = known.get(key) ?? locals.take(type)
      known.set(key, index)
      return index
    }
  }
  return {
    left: locals.take('i32'),
    streams: takeSome(locals, 'i32', loop.streams.length),
    stores: takeSome(locals, 'i32', loop.stores.length),
    accumulators: accumulators(locals, loop.reductions),
    values: { f32: values('f32'), f64: values('f64'), v128: values('v128') },
  }
}
