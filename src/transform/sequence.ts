/** Runs transformations one after the other: what can be fused as one, what lies between them freed. */
import type { Params } from '../rule/leaf.js'
import { dispose, disposingOnError } from './dispose.js'
import { fuse, type Gathering } from './fuse.js'
import { fromRuled } from './ruled.js'
import type { GradientTransformation, Ruled } from './transformation.js'

type Member = GradientTransformation<unknown>

/** Consecutive members as one transformation on the tuple of their states. */
interface Stretch {
  readonly first: number
  readonly length: number
  readonly tx: GradientTransformation<readonly unknown[]>
}

const alone = (member: Member): Stretch['tx'] => ({
  init: (params) => [member.init(params)],
  update: <P extends Params>(grads: P, [state]: readonly unknown[], params?: Params) => {
    const [updates, next] = member.update<P>(grads, state, params)
    return [updates, [next]] as const
  },
})

const fusedRun = (members: readonly Ruled<unknown>[], names: readonly string[]): Stretch['tx'] =>
  fromRuled(fuse(members, { names, gather: (states) => states, scatter: (states) => states }))

const stretches = (members: readonly Member[], names: readonly string[]): readonly Stretch[] => {
  const found: Stretch[] = []
  let run: Ruled<unknown>[] = []
  const close = (end: number): void => {
    const first = end - run.length
    if (run.length > 0) found.push({ first, length: run.length, tx: fusedRun(run, names.slice(first, end)) })
    run = []
  }
  for (const [i, member] of members.entries()) {
    if (member.ruled !== undefined) run.push(member.ruled)
    else {
      close(i)
      found.push({ first: i, length: 1, tx: alone(member) })
    }
  }
  close(members.length)
  return found
}

const oneByOne = <S>(
  parts: readonly Stretch[],
  { gather, scatter }: Gathering<S>,
): GradientTransformation<S> => ({
  init: (params) => gather(disposingOnError((made) => parts.flatMap(({ tx }) => made(tx.init(params))))),
  update: <P extends Params>(grads: P, state: S, params?: Params) => {
    const states = scatter(state, 'state')
    return disposingOnError((made) => {
      let updates = grads
      const next: unknown[] = []
      for (const { tx, first, length } of parts) {
        const [after, later] = made(tx.update<P>(updates, states.slice(first, first + length), params))
        if (updates !== grads) dispose(updates)
        updates = after
        next.push(...later)
      }
      return [updates, gather(next)] as const
    })
  },
})

/** Transformations one after the other, their states gathered in one. */
export const sequence = <S>(
  members: readonly Member[],
  gathering: Gathering<S>,
): GradientTransformation<S> => {
  const ruled = members.flatMap((member) => (member.ruled === undefined ? [] : [member.ruled]))
  return ruled.length === members.length
    ? fromRuled(fuse(ruled, gathering))
    : oneByOne(stretches(members, gathering.names), gathering)
}
