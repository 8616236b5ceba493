/**
 * Columns: a loop's terms as instructions over whole columns of elements, one operator after the other. This is what a few
 * elements are computed by, for which a kernel is not worth compiling.
 */
import type { BinaryOp, CompareOp, Expr, UnaryOp } from '../rule/expr.js'
import { fold } from '../rule/fold.js'
import type { Loop } from './loop.js'

/** A column by its number, or a single number by the complement of its own. */
export type Operand = number

/** An operator, and where the elements of its result go. */
export type Instruction =
  | { readonly _tag: 'Unary'; readonly op: UnaryOp; readonly x: Operand; readonly out: number }
  | {
      readonly _tag: 'Binary'
      readonly op: BinaryOp
      readonly x: Operand
      readonly y: Operand
      readonly out: number
    }
  | {
      readonly _tag: 'Select'
      readonly op: CompareOp
      readonly left: Operand
      readonly right: Operand
      readonly then: Operand
      readonly otherwise: Operand
      readonly out: number
    }

/** What is read per element, and the column that it goes into. */
export interface Stream {
  readonly node: Expr
  readonly column: number
}

/** A loop, written down. */
export interface Written {
  /** What is read here and was not before. */
  readonly streams: readonly Stream[]
  readonly instructions: readonly Instruction[]
  /** Beside the loop's uniforms, stores and reductions: where they are. */
  readonly uniforms: readonly Operand[]
  readonly stores: readonly Operand[]
  readonly reductions: readonly Operand[]
}

/** Where things are kept, given out one by one. */
export interface Places {
  readonly column: () => number
  /** The place of a term that is no element's: a column only where it differs from leaf to leaf. */
  readonly single: (node: Expr) => Operand
}

/** A test that is still to be made. */
interface Test {
  readonly op: CompareOp
  readonly left: Operand
  readonly right: Operand
}

/**
 * Writes down loops that follow each other. What one of them has read or computed is there for the next, which does not do
 * it again.
 */
export const writer = ({ column, single }: Places): ((loop: Loop) => Written) => {
  let streams: Stream[] = []
  let instructions: Instruction[] = []
  const emit = (make: (out: number) => Instruction): Operand => {
    const out = column()
    instructions.push(make(out))
    return out
  }
  const place = fold<Operand, Test>({
    known: (node) => (node.scope === 'element' ? undefined : single(node)),
    atom: (node) => {
      const stream = { node, column: column() }
      streams.push(stream)
      return stream.column
    },
    unary: (op, x) => emit((out) => ({ _tag: 'Unary', op, x, out })),
    binary: (op, x, y) => emit((out) => ({ _tag: 'Binary', op, x, y, out })),
    compare: (op, left, right) => ({ op, left, right }),
    select: (test, then, otherwise) => emit((out) => ({ _tag: 'Select', ...test, then, otherwise, out })),
    reduce: (node) => {
      throw new TypeError(`a loop has no value for ${node._tag}`)
    },
  })
  return (loop) => {
    streams = []
    instructions = []
    const stores = loop.stores.map(place)
    const reductions = loop.reductions.map(({ arg }) => place(arg))
    return { streams, instructions, uniforms: loop.uniforms.map(place), stores, reductions }
  }
}
