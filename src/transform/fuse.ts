/** Puts steps together: several transformations' rules as one rule per leaf, their states in one state. */
import { compose, identityRule, within } from '../rule/rule.js'
import type { Ruled, Step } from './transformation.js'

const prefixed = <V>(prefix: string, record: Readonly<Record<string, V>>): Record<string, V> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [`${prefix}.${name}`, value]))

const under = <V>(prefix: string, record: Readonly<Record<string, V>>): Record<string, V> =>
  Object.fromEntries(
    Object.entries(record).flatMap(([name, value]) =>
      name.startsWith(`${prefix}.`) ? [[name.slice(prefix.length + 1), value]] : [],
    ),
  )

/** A step as part of a larger one: its slots and scalars are named under `prefix`, its state wrapped. */
export const nest = <S, T>(prefix: string, step: Step<S>, wrap: (state: S) => T): Step<T> => ({
  rule: (leaf) => within(prefix, step.rule(leaf)),
  scalars: prefixed(prefix, step.scalars),
  scopes: prefixed(prefix, step.scopes),
  slots: prefixed(prefix, step.slots),
  finish: (slots) => wrap(step.finish(under(prefix, slots))),
})

/** One step of all, one after the other. `names` are the members' places in the state. */
const together = <T>(
  names: readonly string[],
  steps: readonly Step<unknown>[],
  gather: (states: readonly unknown[]) => T,
): Step<T> => {
  const parts = steps.map((step, i) => nest(names[i] ?? '', step, (state) => state))
  return {
    rule: (leaf) => parts.reduce((rule, part) => compose(rule, part.rule(leaf)), identityRule),
    scalars: Object.assign({}, ...parts.map(({ scalars }) => scalars)),
    scopes: Object.assign({}, ...parts.map(({ scopes }) => scopes)),
    slots: Object.assign({}, ...parts.map(({ slots }) => slots)),
    finish: (slots) => gather(parts.map(({ finish }) => finish(slots))),
  }
}

/** How the states of several transformations are kept in one. */
export interface Gathering<S> {
  /** Each member's place in the state, as a path. */
  readonly names: readonly string[]
  /** The state that holds the members' states. */
  readonly gather: (states: readonly unknown[]) => S
  /** The members' states; throws `TreeMismatch` if the state, which stands at `at`, holds others. */
  readonly scatter: (state: S, at: string) => readonly unknown[]
}

/** Transformations one after the other, as one. */
export const fuse = <S>(
  members: readonly Ruled<unknown>[],
  { names, gather, scatter }: Gathering<S>,
): Ruled<S> => ({
  begin: () =>
    together(
      names,
      members.map((member) => member.begin()),
      gather,
    ),
  resume: (state, at) => {
    const states = scatter(state, at)
    return together(
      names,
      members.map((member, i) => member.resume(states[i], `${at}.${names[i]}`)),
      gather,
    )
  },
})
