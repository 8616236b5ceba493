/** The numbers of a step, as a function of a Python module: what is made of a state's own numbers before any leaf. */
import { bodyOf } from '../compile/python/body.js'
import { constantText } from '../compile/python/constants.js'
import type { Library } from '../compile/python/library.js'
import { Names } from '../compile/python/names.js'
import { atom, floatText, type Printed, stringText } from '../compile/python/text.js'
import type { Expr } from '../rule/expr.js'
import { rewrite } from '../rule/fold.js'
import { plan } from '../rule/plan.js'
import { type Rule, updateOutputs } from '../rule/rule.js'
import type { Asked, Kind } from './ask.js'
import type { Source } from './host.js'

/** What a module calls slots, the state's numbers, and tables. */
export interface Keys {
  /** Slots by their places. */
  readonly slots: ReadonlyMap<string, string>
  /** The state's own numbers by their places. */
  readonly kept: ReadonlyMap<string, string>
  /** Tables by their entries. */
  readonly tables: ReadonlyMap<string, string>
}

const entriesOf = (source: Source): string => (source._tag === 'Table' ? source.values.join() : '')

const namesFor = (places: readonly string[], taken: Iterable<string>): ReadonlyMap<string, string> => {
  const names = new Names(taken)
  return new Map(places.map((place) => [place, names.of(place)]))
}

/** Short names for all that a transformation has; `taken` are names that are none of a slot's, nor of a number's. */
export const keysOf = ({ start, kept, kinds }: Asked, taken: readonly string[] = []): Keys => {
  const names = new Names([])
  const tables = new Map<string, string>()
  for (const { scalars, next } of kinds)
    for (const [what, source] of [...scalars, ...next])
      if (source._tag === 'Table' && !tables.has(entriesOf(source)))
        tables.set(entriesOf(source), names.of(`${what}_TABLE`).toUpperCase())
  const slots = namesFor(
    start.slots.map(({ name }) => name),
    taken,
  )
  // in one record with slots, if anything is
  const beside = taken.length === 0 ? [] : [...taken, ...slots.values()]
  const ofKept = namesFor(
    kept.map(({ place }) => place),
    beside,
  )
  return { slots, kept: ofKept, tables }
}

/** The tables of a module. */
export const tablesText = ({ kinds }: Asked, { tables }: Keys): string => {
  const values = new Map<string, readonly number[]>()
  for (const { scalars, next } of kinds)
    for (const source of [...scalars.values(), ...next.values()])
      if (source._tag === 'Table') values.set(entriesOf(source), source.values)
  return [...tables]
    .map(([entries, name]) => {
      const items = (values.get(entries) ?? []).map(floatText)
      const line = `${name} = np.array([${items.join(', ')}])\n`
      if (line.length <= 89) return line
      return `${name} = np.array(\n    [\n${items.map((item) => `        ${item},\n`).join('')}    ]\n)\n`
    })
    .join('')
}

/** A number that a source tells, as an expression. */
export const sourceText = (source: Source, { kept, tables }: Keys): Printed => {
  if (source._tag === 'Always') return { text: floatText(source.value), binding: 3 }
  if (source._tag === 'Term') return atom('')
  const from = `kept[${stringText(kept.get(source.place) ?? '')}]`
  switch (source._tag) {
    case 'Same':
      return atom(from)
    case 'Next':
      return { text: `${from} + 1`, binding: 1 }
    case 'Negated':
      return { text: `-${from}`, binding: 3 }
    case 'Table': {
      const look = source.after === 'again' ? '_again' : '_at'
      return atom(`${look}(${tables.get(entriesOf(source))}, ${from})`)
    }
  }
}

/** Scalars that are the same in every step. */
export const constantsOf = ({ scalars }: Kind): ReadonlyMap<string, number> =>
  new Map([...scalars].flatMap(([name, source]) => (source._tag === 'Always' ? [[name, source.value]] : [])))

/** The terms of a kind of step that the host computes and that its rules read, by what they are called. */
export type Terms = ReadonlyMap<Expr, string>

/** The terms that rules read of a step, with names from these. */
export const termsOf = (kind: Kind, rules: readonly Rule[], names: Names): Terms => {
  const { leaves } = plan(rules.map(updateOutputs))
  const isConstant = constantText(constantsOf(kind), () => '')
  const terms = new Map<Expr, string>()
  for (const expr of new Set([...leaves.values()].flatMap(({ host }) => host)))
    if (isConstant(expr) === undefined)
      terms.set(expr, expr._tag === 'Scalar' ? names.of(expr.name) : names.numbered('c'))
  return terms
}

/** The statements of the function of a kind of step's numbers, of `kept`: it returns them, and what is kept after it. */
export const numbersLines = (
  { scalars, next, ...kind }: Kind,
  terms: Terms,
  keys: Keys,
  library: Library,
): readonly string[] => {
  const names = new Names(['kept', 'numbers', 'jnp', 'jax', 'math', 'np', 'torch'])
  const head: string[] = []
  const known = new Map<string, Printed>()
  const scalar = (place: string): Printed => {
    const before = known.get(place)
    if (before !== undefined) return before
    const local = names.of(place)
    const source = scalars.get(place)
    const { text } =
      source === undefined
        ? atom(`kept[${stringText(keys.kept.get(place) ?? '')}]`)
        : sourceText(source, keys)
    head.push(`${local} = ${text}`)
    known.set(place, atom(local))
    return atom(local)
  }
  const constant = constantText(constantsOf({ scalars, next, ...kind }), (place) => scalar(place).text)
  const kept = [...next.values()].flatMap((source) => (source._tag === 'Term' ? [source.expr] : []))
  /** Terms of the state's own numbers. */
  const spelled = rewrite((node) => {
    const source = node._tag === 'Scalar' ? scalars.get(node.name) : undefined
    return source?._tag === 'Term' ? source.expr : node
  })
  const called = new Map(
    [...terms].flatMap(([expr, own]) => {
      const of = spelled(expr)
      return of._tag === 'Scalar' ? [] : [[of, names.fresh(own)] as const]
    }),
  )
  const body = bodyOf([...terms.keys(), ...kept].map(spelled), {
    library,
    names,
    known: (node) => constant(node) ?? (node._tag === 'Scalar' ? scalar(node.name) : undefined),
    called,
  })
  const values = [...terms].map(([expr, own]) => `${stringText(own)}: ${body.value(spelled(expr)).text}`)
  const after = [...next].map(([place, source]) => {
    const { text, argument = text } =
      source._tag === 'Term' ? body.value(spelled(source.expr)) : sourceText(source, keys)
    return `${stringText(keys.kept.get(place) ?? '')}: ${argument}`
  })
  return [
    ...head,
    ...body.lines,
    ...assigned('numbers = ', '', values),
    ...assigned('return numbers, ', '', after),
  ]
}

/** A record after some text, on one line or as black breaks it. */
const assigned = (before: string, after: string, items: readonly string[]): readonly string[] => {
  const line = `${before}{${items.join(', ')}}${after}`
  return line.length <= 84 ? [line] : [`${before}{`, ...items.map((item) => `    ${item},`), `}${after}`]
}
