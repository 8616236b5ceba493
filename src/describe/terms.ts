/** Rules and schedules of one's own as JSON: a list of nodes, each made of earlier ones. */
import { sourcesOf } from '../declare/sources.js'
import type { GradpipeError } from '../error.js'
import { shown } from '../options.js'
import { Const, type Expr } from '../rule/expr.js'
import { subterms } from '../rule/fold.js'
import type { AnyTransformation } from '../transform/transformation.js'
import { type Description, entryOf, numberOf, type Place, refused } from './json.js'

type Written = { readonly [key: string]: Description }

const written = (node: Expr, at: (part: Expr) => number, place: Place): Description => {
  switch (node._tag) {
    case 'Const':
      return ['const', numberOf(node.value)]
    case 'Scalar':
      return ['scalar', node.name]
    case 'LeafScalar':
      throw refused(entryOf(`${place}.leafScalars`, node.name), 'a number for all leaves', shown(node.of))
    case 'Gradient':
      return ['gradient']
    case 'Parameter':
      return ['parameter']
    case 'Slot':
      return ['slot', node.name]
    case 'Unary':
      return [node.op, at(node.arg)]
    case 'Binary':
      return [node.op, at(node.left), at(node.right)]
    case 'Select':
      return ['select', node.test.op, at(node.test.left), at(node.test.right), at(node.then), at(node.else)]
    case 'Reduce':
      return ['reduce', node.kind, node.over, at(node.arg)]
    case 'Orthogonal': {
      const { coefficients, preconditioning } = node.by
      return ['orthogonal', coefficients.map((each) => [...each]), preconditioning, ...node.args.map(at)]
    }
    case 'Product':
      return ['product', ...node.args.map(at)]
  }
}

/** The nodes of some terms, and where each of them stands. */
const listed = (
  terms: readonly Expr[],
  place: Place,
): { readonly nodes: Description; readonly at: (term: Expr) => number } => {
  const all = subterms(terms)
  const places = new Map(all.map((node, i) => [node, i]))
  const at = (term: Expr): number => places.get(term) ?? -1 // it is one of them
  return { nodes: all.map((node) => written(node, at, place)), at }
}

/** The term of a schedule. */
export const termWritten = (term: Expr, place: Place): Written => {
  const { nodes, at } = listed([term], place)
  return { nodes, value: at(term) }
}

interface SlotTerms {
  readonly scope: string
  readonly start: Expr
  readonly next: Expr
}

/** What is not written down of a rule: what it was declared with. */
interface Declared {
  readonly scalars: unknown
  readonly extraArgs?: readonly string[]
  readonly axes?: unknown
}

/**
 * A rule of one's own. Throws where a scalar is a function that is no term, and for axes and scalars of leaves, which are
 * functions.
 */
export const ruleWritten = (
  tx: AnyTransformation,
  { scalars, extraArgs = [], axes }: Declared,
  place: Place,
): Written => {
  if (axes !== undefined) throw refused(`${place}.axes`, 'a rule of leaves and elements', shown(axes))
  const step = tx.ruled?.begin()
  const sources = step === undefined ? undefined : sourcesOf(step)
  if (step === undefined || sources === undefined) throw refused(place, 'a rule', 'another transformation')
  const { slots, next, update } = step.program.rule({ path: [], shape: [], dtype: 'float32' })
  const constants: Record<string, Description> = {}
  const counted: [name: string, term: Expr][] = []
  const kept: [name: string, slot: SlotTerms][] = []
  for (const [i, source] of sources.entries()) {
    const name = step.program.scalars[i] ?? ''
    if (source._tag === 'Constant') constants[name] = numberOf(source.value)
    else if (source._tag === 'Counted') counted.push([name, source.term])
    else if (source._tag === 'Kept')
      kept.push([name, { scope: 'host', start: Const(source.start), next: source.next }])
    else throw notATerm(`${place}.scalars`)
  }
  for (const [name, { scope, start }] of Object.entries(slots))
    kept.push([name, { scope, start, next: next[name] ?? start }])
  const { nodes, at } = listed(
    [...counted.map(([, term]) => term), ...kept.flatMap(([, slot]) => [slot.start, slot.next]), update],
    place,
  )
  return {
    nodes,
    scalars: {
      ...constants,
      ...Object.fromEntries(counted.map(([name, term]) => [name, { count: at(term) }])),
    },
    isTimed: typeof scalars === 'function',
    slots: Object.fromEntries(
      kept.map(([name, { scope, start, next }]) => [name, { scope, start: at(start), next: at(next) }]),
    ),
    extraArgs: [...extraArgs],
    update: at(update),
  }
}

const notATerm = (place: Place): GradpipeError =>
  refused(
    place,
    'numbers, the t of the clock, or schedules of the library or of fromTerm at its count',
    'a function that computes with the clock',
  )
