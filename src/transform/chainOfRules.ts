/** chainOfRules: a chain of rules alone, as most optimizers are, without what runs other members of chains. */
import { GradpipeError } from '../error.js'
import { shown } from '../options.js'
import { fuse, type Gathering } from './fuse.js'
import { ofRules } from './ofRules.js'
import type { AnyTransformation, ExtraArgsOf, GradientTransformation, StateOf } from './transformation.js'

/** The states of so many members as one. */
export const tuple = (length: number): Gathering<readonly unknown[]> => ({
  names: Array.from({ length }, (_, i) => String(i)),
  gather: (states) => states,
  scatter: (states, at) => {
    if (Array.isArray(states) && states.length === length) return states
    const given = Array.isArray(states) ? `an array of ${states.length}` : shown(states)
    throw new GradpipeError('TreeMismatch', at, `the states of ${length} transformations`, given)
  },
})

/** A chain of members, which has their states as a tuple, and their extra arguments. */
export type Chain<M extends readonly AnyTransformation[]> = GradientTransformation<
  { readonly [K in keyof M]: StateOf<M[K]> },
  ExtraArgsOf<M[number]>
>

/** As `chain`, of members that are rules. */
export const chainOfRules = <const M extends readonly AnyTransformation[]>(...members: M): Chain<M> => {
  const rules = members.flatMap(({ ruled }) => (ruled === undefined ? [] : [ruled]))
  if (rules.length < members.length) throw new TypeError('a member of a chain of rules is none')
  const tx: unknown = {
    ...ofRules(fuse(rules, tuple(members.length))),
    members,
    call: ['chain', ...members],
  }
  // the state is the tuple of the members' states
  return tx as Chain<M>
}
