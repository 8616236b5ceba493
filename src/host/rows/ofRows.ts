/**
 * Of rows: what a traversal makes of the rows that it has reduced, for what it reduces next of the same rows, while these are
 * in the caches. Operators are loops over a few rows at once, whose arrays round as all of a leaf's do.
 */
import type { Expr } from '../../rule/expr.js'
import { fold, parts } from '../../rule/fold.js'
import { remember } from '../../rule/intern.js'
import type { Elements } from '../../rule/ndarray.js'
import type { Traversal } from '../../rule/traversals.js'
import { map2Into, mapInto, selectInto } from '../numbers/loops.js'
import type { NumberValue } from '../numbers/values.js'
import { type Grid, placesOf } from './grid.js'

/** A number of each row, or one for all. */
type Operand = number | Elements

/** What a phase needs of the rows that phases before it have reduced: places of operands. */
interface Needs {
  readonly terms: readonly (readonly [node: Expr, place: number])[]
  /** What these terms are made of: what is known already, and reductions of rows. */
  readonly given: readonly Expr[]
  readonly instructions: readonly ((operands: Operand[]) => void)[]
}

const needsOf = (phases: Traversal['phases'], phase: number): Needs => {
  const made = new Set<Expr>(phases.slice(0, phase).flat())
  const isOfRows = (node: Expr): boolean => made.has(node) || parts(node).some(isOfRows)
  const needed = (node: Expr): readonly Expr[] =>
    !isOfRows(node) ? [] : node.scope === 'element' ? parts(node).flatMap(needed) : [node]
  const terms = new Set((phases[phase] ?? []).flatMap(({ arg }) => needed(arg)))
  const given = new Map<Expr, number>()
  const split = (node: Expr): void => {
    if (!made.has(node) && isOfRows(node)) parts(node).forEach(split)
    else if (!given.has(node)) given.set(node, given.size)
  }
  terms.forEach(split)
  const instructions: ((operands: Operand[]) => void)[] = []
  const emit = (instruction: (operands: Operand[], out: Elements) => void): number => {
    const place = given.size + instructions.length
    instructions.push((operands) => instruction(operands, operands[place] as Elements)) // as long as the others
    return place
  }
  const at = (operands: Operand[], place: number): Operand => operands[place] as Operand // of those that are given out
  const place = fold<number, readonly [left: number, right: number]>({
    known: (node) => given.get(node),
    atom: (node) => {
      throw new TypeError(`${node._tag} is none of a row's`)
    },
    unary: (op, x) => emit((all, out) => mapInto(op, at(all, x) as Elements, out)), // what is one number is given
    binary: (op, x, y) => emit((all, out) => map2Into(op, at(all, x), at(all, y), out)),
    compare: (_, x, y) => [x, y],
    select: ([left, right], x, y, { test: { op } }) =>
      emit((all, out) => selectInto(op, at(all, left), at(all, right), at(all, x), at(all, y), out)),
    reduce: (_, arg) => arg(),
  })
  return { terms: [...terms].map((node) => [node, place(node)]), given: [...given.keys()], instructions }
}

const allNeeds = remember(({ phases }: Traversal) => phases.map((_, phase) => needsOf(phases, phase)))

/** The values that phases need, one for each row. */
export interface OfRows {
  readonly values: ReadonlyMap<Expr, Elements>
  /** Computes those that a phase needs of some rows, of which all phases before it are done. */
  readonly compute: (phase: number, row: number, rows: number) => void
}

/** What a traversal makes of a leaf's rows, of which so many are done at once. */
export const ofRows = (
  grid: Grid,
  traversal: Traversal,
  height: number,
  array: (length: number) => Elements,
  numbersOf: (node: Expr) => NumberValue,
): OfRows => {
  const values = new Map<Expr, Elements>()
  const phases = allNeeds(traversal).map(({ terms, given, instructions }) => {
    for (const [node] of terms) if (!values.has(node)) values.set(node, array(grid.rows))
    const from = given.map((node) => ({ value: numbersOf(node), scope: node.scope }))
    const operands: Operand[] = [
      ...from.map(({ value }) => (typeof value === 'number' ? value : array(height))),
      ...instructions.map(() => array(height)),
    ]
    return { terms, from, instructions, operands }
  })
  return {
    values,
    compute: (phase, row, rows) => {
      const { terms, from, instructions, operands } = phases[phase] as (typeof phases)[number] // one of the traversal's
      for (const [k, { value, scope }] of from.entries()) {
        if (typeof value === 'number') continue
        const places = placesOf(grid, scope)
        const operand = operands[k] as Elements // as it is no number
        for (let i = 0; i < rows; i++) operand[i] = value[places[row + i] as number] as number
      }
      for (const instruction of instructions) instruction(operands)
      for (const [node, place] of terms) {
        const [into, operand] = [values.get(node) as Elements, operands[place] as Elements] // one for each
        for (let i = 0; i < rows; i++) into[row + i] = operand[i] as number
      }
    },
  }
}
