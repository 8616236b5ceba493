/**
 * Tape: terms whose values are single numbers, as a list of instructions. What every step computes on the host
 * is written down once and then only run.
 */
import { GradpipeError } from '../error.js'
import type { Expr } from '../rule/expr.js'
import { fold } from '../rule/fold.js'
import { binary, compare, unary } from './float64.js'

/** Some terms, ready to be computed from others. */
export interface Tape {
  /**
   * Where the given terms' values are to be written before a run, in their order. One run at a time: the place
   * belongs to the tape.
   */
  readonly values: Float64Array
  /** Which of the given terms it reads: the others' values need not be written. */
  readonly reads: readonly number[]
  /** How many terms it computes. */
  readonly length: number
  /** Computes the terms, and writes their values, in their order. */
  readonly run: (into: Float64Array) => void
}

type Instruction = (values: Float64Array) => void

/** Keeps every bit: to be told from what rounds, so that no instruction calls it. */
export const exact = (x: number): number => x

/**
 * Writes down how some terms are computed from `given` ones, each operation rounded by `round`.
 *
 * Throws `InvalidArgument` for a term that is made of anything but these and constants.
 */
export const tape = (
  terms: readonly Expr[],
  given: readonly Expr[],
  round: (x: number) => number = exact,
): Tape => {
  const places = new Map<Expr, number>(given.map((expr, i) => [expr, i]))
  const reads = new Set<number>()
  const constants: (readonly [place: number, value: number])[] = []
  const instructions: Instruction[] = []
  let length = given.length
  const emit = (instruction: (out: number) => Instruction): number => {
    const out = length++
    instructions.push(instruction(out))
    return out
  }
  const value = (values: Float64Array, place: number): number => values[place] as number

  const place = fold<number, (values: Float64Array) => boolean>({
    known: (node) => {
      const at = places.get(node)
      if (at !== undefined) reads.add(at)
      return at
    },
    atom: (node) => {
      if (node._tag !== 'Const') {
        const name = node._tag === 'Scalar' ? node.name : node._tag
        throw new GradpipeError('InvalidArgument', name, 'a scalar of the rule', 'no such scalar')
      }
      constants.push([length, round(node.value)])
      return length++
    },
    unary: (op, x) => {
      const f = unary[op]
      return emit((out) => (values) => {
        const exactly = f(value(values, x))
        values[out] = round === exact ? exactly : round(exactly)
      })
    },
    binary: (op, x, y) => {
      const f = binary[op]
      return emit((out) => (values) => {
        const exactly = f(value(values, x), value(values, y))
        values[out] = round === exact ? exactly : round(exactly)
      })
    },
    compare: (op, x, y) => {
      const f = compare[op]
      return (values) => f(value(values, x), value(values, y))
    },
    select: (test, x, y) =>
      emit((out) => (values) => {
        values[out] = value(values, test(values) ? x : y)
      }),
    reduce: (node) => {
      throw new GradpipeError('InvalidArgument', node.site, 'a term of single numbers', 'a reduction')
    },
  })

  const results = terms.map(place)
  const values = new Float64Array(length)
  for (const [at, constant] of constants) values[at] = constant
  return {
    values,
    reads: [...reads],
    length: results.length,
    run: (into) => {
      for (let i = 0; i < instructions.length; i++) (instructions[i] as Instruction)(values)
      for (let i = 0; i < results.length; i++) into[i] = value(values, results[i] as number)
    },
  }
}
