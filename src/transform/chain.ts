/**
 * chain: transformations one after the other, each given the updates of the one before.
 *
 * Laws: `chain` is associative up to the nesting of the state, and `identity()` is neutral. A chain of rules is a
 * rule: it costs one pass over memory.
 */
import type { Monoid as FpMonoid } from 'fp-ts/lib/Monoid.js'
import { GradpipeError } from '../error.js'
import type { LeafSpec, Params } from '../rule/leaf.js'
import { compose, identityRule, type Rule, within } from '../rule/rule.js'
import { identity } from './identity.js'
import { release, releasing } from './release.js'
import { fromRuled } from './ruled.js'
import type { GradientTransformation, Ruled, Step } from './transformation.js'

// fusion

/** The part of a prefixed record that belongs under `prefix`, without it. */
const under = <V>(prefix: string, record: Readonly<Record<string, V>>): Record<string, V> =>
  Object.fromEntries(
    Object.entries(record).flatMap(([name, value]) =>
      name.startsWith(`${prefix}.`) ? [[name.slice(prefix.length + 1), value]] : [],
    ),
  )

/** A record with every name put under `prefix`. */
const prefixed = <V>(prefix: string, record: Readonly<Record<string, V>>): Record<string, V> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [`${prefix}.${name}`, value]))

/** A step as part of a larger one, its names under `prefix`. */
export const nested = <S, T>(prefix: string, step: Step<S>, outer: (state: S) => T): Step<T> => ({
  rule: (leaf) => within(prefix, step.rule(leaf)),
  scalars: prefixed(prefix, step.scalars),
  scopes: prefixed(prefix, step.scopes),
  slots: prefixed(prefix, step.slots),
  finish: (slots) => outer(step.finish(under(prefix, slots))),
})

/** One step of all: the rules composed, the states in a tuple. `names` are the members' places in the state. */
const together = (names: readonly string[], steps: readonly Step<unknown>[]): Step<readonly unknown[]> => {
  const parts = steps.map((step, i) => nested(names[i] ?? '', step, (state) => state))
  return {
    rule: (leaf: LeafSpec): Rule =>
      parts.reduce((rule, part) => compose(rule, part.rule(leaf)), identityRule),
    scalars: Object.assign({}, ...parts.map(({ scalars }) => scalars)),
    scopes: Object.assign({}, ...parts.map(({ scopes }) => scopes)),
    slots: Object.assign({}, ...parts.map(({ slots }) => slots)),
    finish: (slots) => parts.map(({ finish }) => finish(slots)),
  }
}

const fuse = (members: readonly Ruled<unknown>[], first: number): Ruled<readonly unknown[]> => {
  const names = members.map((_, i) => String(first + i))
  return {
    begin: () =>
      together(
        names,
        members.map((member) => member.begin()),
      ),
    resume: (state, at) =>
      together(
        names,
        members.map((member, i) => member.resume(state[i], `${at}.${names[i]}`)),
      ),
  }
}

// ordinary members

/** A stretch of a chain: rules that are fused, or one ordinary transformation. */
interface Stretch {
  readonly tx: GradientTransformation<readonly unknown[]>
  readonly first: number
  readonly length: number
}

const stretches = (members: readonly GradientTransformation<unknown>[]): readonly Stretch[] => {
  const found: Stretch[] = []
  let run: Ruled<unknown>[] = []
  const close = (end: number): void => {
    const first = end - run.length
    if (run.length > 0) found.push({ tx: fromRuled(fuse(run, first)), first, length: run.length })
    run = []
  }
  for (const [i, member] of members.entries()) {
    if (member.ruled !== undefined) run.push(member.ruled)
    else {
      close(i)
      found.push({ tx: alone(member), first: i, length: 1 })
    }
  }
  close(members.length)
  return found
}

const alone = (member: GradientTransformation<unknown>): GradientTransformation<readonly unknown[]> => ({
  init: (params) => [member.init(params)],
  update: <P extends Params>(grads: P, [state]: readonly unknown[], params?: Params) => {
    const [updates, next] = member.update(grads, state, params)
    return [updates, [next]] as const
  },
})

/** Runs the stretches one after the other; what lies between them is freed. */
const sequence = (parts: readonly Stretch[]): GradientTransformation<readonly unknown[]> => {
  const count = parts.reduce((n, { length }) => n + length, 0)
  return {
    init: (params) => releasing((made) => parts.flatMap(({ tx }) => made(tx.init(params)))),
    update: <P extends Params>(grads: P, state: readonly unknown[], params?: Params) => {
      expectStates(state, count, 'state')
      return releasing((made) => {
        let updates: P | undefined
        const next: unknown[] = []
        for (const { tx, first, length } of parts) {
          const [after, states] = tx.update<P>(updates ?? grads, state.slice(first, first + length), params)
          made([after, states])
          if (updates !== undefined) release(updates)
          updates = after
          next.push(...states)
        }
        return [updates ?? grads, next] as const
      })
    },
  }
}

const expectStates = (state: readonly unknown[], count: number, at: string): void => {
  if (!Array.isArray(state) || state.length !== count)
    throw new GradpipeError(
      'TreeMismatch',
      at,
      `the states of ${count} transformations`,
      Array.isArray(state) ? `an array of ${state.length}` : typeof state,
    )
}

// constructors

/**
 * Transformations one after the other. The state is the tuple of the members' states.
 *
 * Runs of rules are fused into one rule per leaf: clipping, Adam and weight decay together cost one pass (two,
 * where a norm of the whole tree is needed first).
 *
 * @category Combinators
 * @example
 * ```ts
 * import { addDecayedWeights, chain, clipByGlobalNorm, scaleByAdam, scaleByLearningRate } from 'gradpipe'
 *
 * const adamw = chain(clipByGlobalNorm(1), scaleByAdam(), addDecayedWeights(1e-2), scaleByLearningRate(0.1))
 * const state = adamw.init({ w: 1 })
 * const [updates, next] = adamw.update({ w: 5 }, state, { w: 1 })
 * assert.ok(Math.abs(updates.w + 0.1 * (1 + 1e-2)) < 1e-8)
 * assert.equal(next.length, 4)
 * assert.equal(next[1].count, 1)
 * ```
 */
export const chain = <const S extends readonly unknown[]>(
  ...members: { readonly [K in keyof S]: GradientTransformation<S[K]> }
): GradientTransformation<S> => {
  const parts = stretches(members)
  const [only] = parts
  const whole =
    parts.length === 1 && only?.tx.ruled !== undefined ? checked(only.tx.ruled, members.length) : null
  // the state of the chain is the tuple of its members' states, which is what S says
  return (whole === null ? sequence(parts) : fromRuled(whole)) as GradientTransformation<S>
}

const checked = (ruled: Ruled<readonly unknown[]>, count: number): Ruled<readonly unknown[]> => ({
  begin: () => ruled.begin(),
  resume: (state, at) => {
    expectStates(state, count, at)
    return ruled.resume(state, at)
  },
})

/**
 * `chain` with the second transformation first, for `pipe`.
 *
 * @category Combinators
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js'
 * import { andThen, clip, scale } from 'gradpipe'
 *
 * const tx = pipe(clip(1), andThen(scale(-0.1)))
 * assert.equal(tx.update(7, tx.init(0))[0], -0.1)
 * ```
 */
export const andThen =
  <T>(second: GradientTransformation<T>) =>
  <S>(first: GradientTransformation<S>): GradientTransformation<readonly [S, T]> =>
    chain(first, second)

/**
 * Transformations under `chain`, with `identity()` as the empty one: an fp-ts Monoid.
 *
 * Equality is that of behaviour: the same updates for the same gradients, whatever the nesting of the state.
 *
 * @category Combinators
 * @example
 * ```ts
 * import { concatAll } from 'fp-ts/lib/Monoid.js'
 * import { clip, MonoidChain, scale } from 'gradpipe'
 *
 * const tx = concatAll(MonoidChain)([clip(1), scale(-0.1)])
 * assert.equal(tx.update(7, tx.init(0))[0], -0.1)
 * ```
 */
export const MonoidChain: FpMonoid<GradientTransformation> = {
  concat: (x, y) => chain(x, y),
  empty: identity(),
}
