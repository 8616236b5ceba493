/** namedChain: transformations one after the other, their states by name. */

import { GradpipeError } from '../error.js'
import { called, shown } from '../options.js'
import { checkRanges, transformation } from '../range.js'
import { sequence } from '../transform/sequence.js'
import type {
  AnyTransformation,
  ExtraArgsOf,
  GradientTransformation,
  StateOf,
} from '../transform/transformation.js'

/**
 * State of {@link namedChain}: each member's state under its name.
 *
 * @category Combinators
 */
export type NamedChainState<M extends readonly (readonly [name: string, tx: AnyTransformation])[]> = {
  readonly [Member in M[number] as Member[0]]: StateOf<Member[1]>
}

/**
 * `chain` of pairs of a name and a transformation: the state is a record of the members' states.
 *
 * Throws `DuplicateName` for a name that occurs twice, and `InvalidArgument` for an empty one, for `__proto__`, and
 * for one with a full stop, which separates the names of a path.
 *
 * @category Combinators
 * @see Optax, `named_chain`
 * @example
 * ```ts
 * import { clip, namedChain, scaleByAdam, scaleByLearningRate } from 'gradpipe'
 *
 * const tx = namedChain(['clip', clip(1)], ['adam', scaleByAdam()], ['rate', scaleByLearningRate(0.1)])
 * const [, state] = tx.update({ w: 5 }, tx.init({ w: 1 }))
 * assert.equal(state.adam.count, 1)
 * ```
 */
export const namedChain = <const M extends readonly (readonly [name: string, tx: AnyTransformation])[]>(
  ...members: M
): GradientTransformation<NamedChainState<M>, ExtraArgsOf<M[number][1]>> => {
  const names = members.map(([name]) => name)
  for (const [i, name] of names.entries()) {
    if (typeof name !== 'string' || name === '' || name === '__proto__' || name.includes('.'))
      throw new GradpipeError('InvalidArgument', `namedChain.${i}`, 'a name', shown(name))
    if (names.indexOf(name) < i)
      throw new GradpipeError('DuplicateName', `namedChain.${i}`, 'a name of its own', name)
  }
  for (const [name, tx] of members) checkRanges('namedChain', { [name]: tx }, { [name]: transformation })
  const all = sequence<NamedChainState<M>, ExtraArgsOf<M[number][1]>>(
    members.map(([, tx]) => tx),
    {
      names,
      // the entries are those of the members
      gather: (states) => Object.fromEntries(names.map((name, i) => [name, states[i]])) as NamedChainState<M>,
      scatter: (state, at) => {
        const all = new Map<string, unknown>(Object.entries(state ?? {}))
        return names.map((name) => {
          if (all.has(name)) return all.get(name)
          throw new GradpipeError('TreeMismatch', `${at}.${name}`, 'a state', 'nothing')
        })
      },
    },
  )
  return called(['namedChain', ...members], all)
}
