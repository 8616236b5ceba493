/** Runs transformations one after the other: fuses what can be fused, and frees intermediate updates. */
import { dispose, disposingOnError } from '../program/dispose.js'
import { freeingOnError, type Process } from '../program/process.js'
import type { ExtraArgs, Ruled } from '../program/program.js'
import type { Params } from '../rule/leaf.js'
import { fuse, type Gathering } from './fuse.js'
import { fromProcess, processOf } from './ordinary.js'
import { fromRuled } from './ruled.js'
import type { AnyTransformation, GradientTransformation } from './transformation.js'

/** Consecutive members as one transformation on the tuple of their states. */
interface Stretch {
  readonly first: number
  readonly length: number
  readonly tx: GradientTransformation<readonly unknown[], ExtraArgs>
}

const alone = (member: AnyTransformation): Stretch['tx'] => {
  const update = processOf(member)
  return fromProcess(
    (params) => [member.init(params)],
    function* (grads, [state]: readonly unknown[], params, extraArgs) {
      const [updates, next] = yield* update(grads, state, params, extraArgs)
      return [updates, [next]] as const
    },
  )
}

const fusedRun = (members: readonly Ruled<unknown>[], names: readonly string[]): Stretch['tx'] =>
  fromRuled(fuse(members, { names, gather: (states) => states, scatter: (states) => states }))

const stretches = (members: readonly AnyTransformation[], names: readonly string[]): readonly Stretch[] => {
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

const oneByOne = <S, X>(
  parts: readonly Stretch[],
  { gather, scatter }: Gathering<S>,
): GradientTransformation<S, X> => {
  const steps = parts.map((part) => ({ ...part, update: processOf(part.tx) }))
  return fromProcess(
    (params) => gather(disposingOnError((made) => parts.flatMap(({ tx }) => made(tx.init(params))))),
    freeingOnError(function* (made, grads, state, params, extraArgs): Process<readonly [Params, S]> {
      const states = scatter(state, 'state')
      let updates = grads
      const next: unknown[] = []
      for (const { update, first, length } of steps) {
        const own = states.slice(first, first + length)
        const [after, later] = made(yield* update(updates, own, params, extraArgs))
        if (updates !== grads) dispose(updates)
        updates = after
        next.push(...later)
      }
      return [updates, gather(next)] as const
    }),
  )
}

/** Transformations one after the other, with their states gathered in one. */
export const sequence = <S, X>(
  members: readonly AnyTransformation[],
  gathering: Gathering<S>,
): GradientTransformation<S, X> => {
  const ruled = members.flatMap((member) => (member.ruled === undefined ? [] : [member.ruled]))
  return ruled.length === members.length
    ? fromRuled(fuse(ruled, gathering))
    : {
        ...oneByOne<S, X>(stretches(members, gathering.names), gathering),
        takesExamples: members[0]?.takesExamples === true,
        ofChanged: (change) => sequence(members.map(change), gathering),
      }
}
