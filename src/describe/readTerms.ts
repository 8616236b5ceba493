/** Reads rules and schedules of one's own: every node is looked at before anything is made of it. */
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
import { subterms } from '../rule/fold.js'
import type { Preconditioning } from '../rule/matrices.js'
import { type Scope, widest } from '../rule/scope.js'
import type { SlotSpec } from '../rule/slot.js'
import { Term } from '../rule/term.js'
import { fromTerm } from '../schedule/fromTerm.js'
import type { Schedule } from '../schedule/schedule.js'
import { fromRule } from '../transform/fromAnyRule.js'
import { multiDot } from '../transform/multiDot.js'
import { orthogonalize } from '../transform/orthogonalize.js'
import { bringReductions } from '../transform/reduction.js'
import type { Clock } from '../transform/ruleSpec.js'
import type { AnyTransformation } from '../transform/transformation.js'
import { entryOf, madeAt, nodeLimits, numbers, type Place, refused } from './json.js'

// reading JSON

/** The entries of a record, which has these keys and no others. */
export const recordAt = (
  value: unknown,
  place: Place,
  keys?: readonly string[],
): ReadonlyMap<string, unknown> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refused(place, 'a record', shown(value))
  const entries = new Map<string, unknown>(Object.entries(value))
  if (entries.has('__proto__')) throw refused(entryOf(place, '__proto__'), 'another name', '"__proto__"')
  for (const key of keys ?? [])
    if (!entries.has(key)) throw refused(entryOf(place, key), 'an entry', 'nothing')
  for (const key of keys === undefined ? [] : entries.keys())
    if (!keys?.includes(key)) throw refused(entryOf(place, key), `one of ${keys?.join(', ')}`, shown(key))
  return entries
}

/** The entries of a list. */
export const listAt = (value: unknown, place: Place): readonly unknown[] => {
  if (!Array.isArray(value)) throw refused(place, 'a list', shown(value))
  return value
}

const textAt = (value: unknown, place: Place): string => {
  if (typeof value !== 'string') throw refused(place, 'a text', shown(value))
  return value
}

/** A number, one that JSON has no word for too. */
export const numberAt = (value: unknown, place: Place): number => {
  if (typeof value === 'number') return value
  const word = recordAt(value, place, ['$number']).get('$number')
  const number = typeof word === 'string' ? numbers.get(word) : undefined
  if (number !== undefined) return number
  throw refused(`${place}.$number`, `one of ${[...numbers.keys()].join(', ')}`, shown(word))
}

const wordAt = <W extends string>(words: Readonly<Record<W, true>>, value: unknown, place: Place): W => {
  // a key of the record is one of its words
  if (typeof value === 'string' && Object.hasOwn(words, value)) return value as W
  throw refused(place, `one of ${Object.keys(words).join(', ')}`, shown(value))
}

// nodes

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
const scopes: Readonly<Record<Extract<Scope, 'host' | 'tree' | 'leaf' | 'element'>, true>> = {
  host: true,
  tree: true,
  leaf: true,
  element: true,
}

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
type At = (index: unknown, place: Place) => Expr

/** The slots that a rule has, and how far they reach. */
type Reaches = ReadonlyMap<string, Scope>

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
const nodesAt = (value: unknown, place: Place, reaches: Reaches): At => {
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

// what they are nodes of

/** A schedule of its term. */
export const scheduleAt = (value: unknown, place: Place): Schedule => {
  const written = recordAt(value, place, ['nodes', 'value'])
  const at = nodesAt(written.get('nodes'), `${place}.nodes`, new Map())
  const term = at(written.get('value'), `${place}.value`)
  return termSchedule(term, place)
}

const termSchedule = (term: Expr, place: Place): Schedule =>
  madeAt(place, () => fromTerm(() => new Term(term, 'host')))

/** What a rule reads beside its scalars: a term is of those that are declared. */
const expectKnown = (term: Expr, place: Place, scalars: ReadonlySet<string>): void => {
  for (const node of subterms([term]))
    if (node._tag === 'Scalar' && !scalars.has(node.name))
      throw refused(place, `scalars among ${[...scalars].join(', ') || 'none'}`, node.name)
}

/** A rule of one's own. */
export const ruleAt = (value: unknown, place: Place): AnyTransformation => {
  const written = recordAt(value, place, ['nodes', 'scalars', 'isTimed', 'slots', 'extraArgs', 'update'])
  const entries = (key: string): readonly (readonly [string, unknown])[] => [
    ...recordAt(written.get(key), `${place}.${key}`),
  ]
  const isTimed = written.get('isTimed')
  if (typeof isTimed !== 'boolean') throw refused(`${place}.isTimed`, 'true or false', shown(isTimed))
  const extraArgs = listAt(written.get('extraArgs'), `${place}.extraArgs`).map((name, i) =>
    textAt(name, `${place}.extraArgs[${i}]`),
  )
  const declared = entries('slots').map(([name, slot]) => {
    const where = entryOf(`${place}.slots`, name)
    const parts = recordAt(slot, where, ['scope', 'start', 'next'])
    return { name, where, parts, scope: wordAt(scopes, parts.get('scope'), `${where}.scope`) }
  })
  // to a term, what the host keeps is a scalar, and an extra argument one value for the tree
  const reaches: Reaches = new Map<string, Scope>([
    ...declared.flatMap(({ name, scope }) => (scope === 'host' ? [] : [[name, scope] as const])),
    ...extraArgs.map((name) => [name, 'tree'] as const),
  ])
  const at = nodesAt(written.get('nodes'), `${place}.nodes`, reaches)

  const scalars = entries('scalars').map(([name, scalar]): readonly [string, number | Schedule] => {
    const where = entryOf(`${place}.scalars`, name)
    if (typeof scalar !== 'object' || scalar === null || !Object.hasOwn(scalar, 'count'))
      return [name, numberAt(scalar, where)]
    if (!isTimed) throw refused(where, 'a number, since the rule has no clock', 'a term in the count')
    const term = at(recordAt(scalar, where, ['count']).get('count'), `${where}.count`)
    return [name, termSchedule(term, where)]
  })
  const known = new Set(scalars.map(([name]) => name))
  for (const { name, scope } of declared) if (scope === 'host') known.add(name)

  const termAt = (index: unknown, where: Place): Term<Scope> => {
    const term = at(index, where)
    expectKnown(term, where, known)
    // what was read has no axes
    return new Term(term, term.scope as Scope)
  }
  const slots = declared.map(({ name, where, parts, scope }): readonly [string, SlotSpec] => [
    name,
    { scope, start: startAt(at(parts.get('start'), `${where}.start`), `${where}.start`, scope) },
  ])
  const results = [
    ...declared.map(({ name, where, parts }) => [name, termAt(parts.get('next'), `${where}.next`)] as const),
    ['update', termAt(written.get('update'), `${place}.update`)] as const,
  ]
  for (const { name, where, scope } of declared) {
    const next = results.find(([result]) => result === name)?.[1].scope ?? 'host'
    if (widest([scope, next]) !== scope)
      throw refused(`${where}.next`, `one per ${scope}, or less`, `one per ${next}`)
  }
  const valuesAt = ({ count }: Clock): Readonly<Record<string, number>> =>
    Object.fromEntries(scalars.map(([name, of]) => [name, typeof of === 'number' ? of : of(count)]))
  return madeAt(place, () =>
    fromRule<Readonly<Record<string, SlotSpec>>, (clock: Clock) => Readonly<Record<string, number>>, string>({
      slots: Object.fromEntries(slots),
      // a rule without a clock has no count in its state, which its type has
      scalars: isTimed ? valuesAt : (valuesAt({ count: 0, t: 1 }) as never),
      extraArgs,
      step: () => Object.fromEntries(results) as never, // with an entry for each slot, and the update
    }),
  )
}

/** The first value of a slot: a number, or made of the parameter, as far as the slot reaches. */
const startAt = (start: Expr, place: Place, scope: Scope): Expr => {
  const other = subterms([start]).find(
    ({ _tag }) => _tag === 'Scalar' || _tag === 'Slot' || _tag === 'Gradient',
  )
  if (other !== undefined) throw refused(place, 'numbers and the parameter', `a ${other._tag.toLowerCase()}`)
  if (scope === 'host' && start._tag !== 'Const') throw refused(place, 'a number', 'another term')
  if (widest([scope, start.scope]) !== scope)
    throw refused(place, `one per ${scope}, or less`, `one per ${start.scope}`)
  return start
}
