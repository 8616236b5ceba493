/** Reads the terms of rules and schedules of one's own: every node is looked at before it is made. */

import { multiDot } from '../declare/multiDot.js'
import { orthogonalize } from '../declare/orthogonalize.js'
import { bringReductions } from '../declare/reduction.js'
import { shown } from '../options.js'
import {
  Binary,
  type BinaryOp,
  Compare,
  type CompareOp,
  Const,
  type Expr,
  Gradient,
  Parameter,
  Reduce,
  Scalar,
  Select,
  Slot,
  Unary,
  type UnaryOp,
} from '../rule/expr.js'
import type { Preconditioning } from '../rule/matrices.js'
import type { Scope } from '../rule/scope.js'
import { Term } from '../rule/term.js'
import { madeAt, nodeLimits, type Place, refused } from './json.js'
import { listAt, numberAt, textAt, wordAt } from './readJson.js'

const unary: Readonly<Record<UnaryOp, true>> = {
  neg: true,
  abs: true,
  sqrt: true,
  sign: true,
  exp: true,
  log: true,
  tanh: true,
  floor: true,
  round: true,
  sin: true,
  cos: true,
  sigmoid: true,
  erf: true,
}
const binary: Readonly<Record<BinaryOp, true>> = {
  add: true,
  sub: true,
  mul: true,
  div: true,
  pow: true,
  min: true,
  max: true,
}
const compare: Readonly<Record<CompareOp, true>> = { lt: true, le: true, eq: true, ne: true }
const kinds: Readonly<Record<Reduce['kind'], true>> = { sum: true, max: true, norm: true }
const words: Readonly<Record<Preconditioning, true>> = {
  frobenius: true,
  spectral: true,
  aol: true,
  schatten: true,
}
// a rule of matrices, rows or columns holds a function of the leaf, which is no data
const overs: Readonly<Record<Extract<Reduce['over'], 'leaf' | 'tree'>, true>> = { leaf: true, tree: true }

/** How many entries each kind of node has, after its word; those of one argument and of two aside. */
const lengths: ReadonlyMap<unknown, number> = new Map([
  ['const', 1],
  ['scalar', 1],
  ['gradient', 0],
  ['parameter', 0],
  ['slot', 1],
  ['select', 5],
  ['reduce', 3],
  ['orthogonal', 4],
  ['product', 3],
])

/** Gives the node of an index. */
export type At = (index: unknown, place: Place) => Expr

/** The slots that a rule has, and how far they reach. */
export type Reaches = ReadonlyMap<string, Scope>

const isUnary = (word: unknown): word is UnaryOp => typeof word === 'string' && Object.hasOwn(unary, word)
const isBinary = (word: unknown): word is BinaryOp => typeof word === 'string' && Object.hasOwn(binary, word)

/** A part of a node, which reaches as far as told. */
const partOf = <S extends Scope>(part: (i: number) => Expr, i: number, place: Place, scope: S): Term<S> => {
  const term = part(i)
  if (term.scope !== scope) throw refused(`${place}[${i + 1}]`, `one per ${scope}`, `one per ${term.scope}`)
  return new Term(term, scope)
}

/** So often may matrices be multiplied. */
const ITERATIONS = 100

const orthogonalAt = (rest: readonly unknown[], place: Place, part: (i: number) => Expr): Expr => {
  const [polynomials, preconditioning] = rest
  const all = listAt(polynomials, `${place}[1]`)
  if (all.length > ITERATIONS)
    throw refused(`${place}[1]`, `at most ${ITERATIONS} polynomials`, `${all.length}`)
  const coefficients = all.map((each, i) => {
    const at = `${place}[1][${i}]`
    const [c0, c1, c2, ...more] = listAt(each, at)
    if (more.length > 0) throw refused(at, 'three numbers', `${3 + more.length} entries`)
    return [numberAt(c0, `${at}[0]`), numberAt(c1, `${at}[1]`), numberAt(c2, `${at}[2]`)] as const
  })
  const by = {
    coefficients,
    preconditioning: wordAt(words, preconditioning, `${place}[2]`),
    eps: partOf(part, 3, place, 'host'),
  }
  return madeAt(place, () => orthogonalize(partOf(part, 2, place, 'element'), by)).expr
}

const nodeAt = (value: unknown, place: Place, reaches: Reaches, at: At): Expr => {
  const [word, ...rest] = listAt(value, place)
  const part = (i: number): Expr => at(rest[i], `${place}[${i + 1}]`)
  const length = isUnary(word) ? 1 : isBinary(word) ? 2 : lengths.get(word)
  if (length === undefined) throw refused(`${place}[0]`, 'an operation', shown(word))
  if (rest.length !== length) throw refused(place, `${length} entries after ${shown(word)}`, `${rest.length}`)
  if (isUnary(word)) return Unary(word, part(0))
  if (isBinary(word)) return Binary(word, part(0), part(1))
  switch (word) {
    case 'const':
      return Const(numberAt(rest[0], `${place}[1]`))
    case 'scalar':
      return Scalar(textAt(rest[0], `${place}[1]`))
    case 'slot': {
      const name = textAt(rest[0], `${place}[1]`)
      const scope = reaches.get(name)
      if (scope === undefined) throw refused(`${place}[1]`, 'the name of a slot', shown(name))
      return Slot(name, scope)
    }
    case 'select':
      return Select(Compare(wordAt(compare, rest[0], `${place}[1]`), part(1), part(2)), part(3), part(4))
    case 'reduce':
      bringReductions()
      return Reduce(wordAt(kinds, rest[0], `${place}[1]`), wordAt(overs, rest[1], `${place}[2]`), part(2))
    case 'orthogonal':
      return orthogonalAt(rest, place, part)
    case 'product': {
      const of = (i: number): Term<'element'> => partOf(part, i, place, 'element')
      return multiDot(of(0), of(1), of(2)).expr
    }
    default:
      return word === 'gradient' ? Gradient : Parameter
  }
}

/** The nodes of a list, each of which is made of earlier ones. */
export const nodesAt = (value: unknown, place: Place, reaches: Reaches): At => {
  const nodes: Expr[] = []
  const depths: number[] = []
  const list = listAt(value, place)
  const { most, deepest } = nodeLimits
  if (list.length > most) throw refused(place, `at most ${most} nodes`, String(list.length))
  for (const [i, node] of list.entries()) {
    let depth = 0
    const made = nodeAt(node, `${place}[${i}]`, reaches, (index, where) => {
      depth = Math.max(depth, depths[Number(index)] ?? 0)
      return partAt(nodes, index, where)
    })
    if (depth >= deepest) throw refused(`${place}[${i}]`, `terms at most ${deepest} deep`, 'a deeper one')
    nodes.push(made)
    depths.push(depth + 1)
  }
  return (index, where) => partAt(nodes, index, where)
}

const partAt = (nodes: readonly Expr[], index: unknown, place: Place): Expr => {
  const node = typeof index === 'number' ? nodes[index] : undefined
  if (node !== undefined) return node
  throw refused(place, nodes.length === 0 ? 'no part' : `a whole number below ${nodes.length}`, shown(index))
}
