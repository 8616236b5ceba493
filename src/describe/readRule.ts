/** Reads rules and schedules of one's own. */

import type { Clock } from '../declare/ruleSpec.js'
import { shown } from '../options.js'
import type { Expr } from '../rule/expr.js'
import { subterms } from '../rule/fold.js'
import { type Scope, widest } from '../rule/scope.js'
import type { SlotSpec } from '../rule/slot.js'
import { Term } from '../rule/term.js'
import { fromTerm } from '../schedule/fromTerm.js'
import type { Schedule } from '../schedule/schedule.js'
import { fromRule } from '../transform/fromAnyRule.js'
import type { AnyTransformation } from '../transform/transformation.js'
import { entryOf, madeAt, type Place, refused } from './json.js'
import { listAt, numberAt, recordAt, textAt, wordAt } from './readJson.js'
import { nodesAt, type Reaches } from './readNodes.js'

// a rule of matrices, rows or columns holds a function of the leaf, which is no data
const scopes: Readonly<Record<Extract<Scope, 'host' | 'tree' | 'leaf' | 'element'>, true>> = {
  host: true,
  tree: true,
  leaf: true,
  element: true,
}

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
