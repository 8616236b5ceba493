/** fromRuleAround: a rule around another transformation, of whose updates it makes its own. */

import { checkRange, transformation } from '../range.js'
import { Slot } from '../rule/expr.js'
import { remember } from '../rule/intern.js'
import { type Rule, rewriteRule } from '../rule/rule.js'
import { declareRule } from './declareRule.js'
import { dispose, disposingOnError } from './dispose.js'
import { execute } from './execute.js'
import { both, bothFit, nest } from './fuse.js'
import { fromProcess, processOf } from './ordinary.js'
import { freeingOnError } from './process.js'
import { fromRuled } from './ruled.js'
import type { RuleExtraArgs, RuleSpec, RuleState, Scalars, SlotSpecs } from './ruleSpec.js'
import type { GradientTransformation, Program, Step } from './transformation.js'

/**
 * The state of a rule around another transformation, which has its own under the name `K`.
 *
 * @category Rules
 */
export type AroundState<K extends string, S, L extends SlotSpecs, H extends Scalars> = RuleState<L, H> & {
  readonly [key in K]: S
}

/**
 * What a rule around another transformation needs: what that one does, and its own extra arguments `E`.
 *
 * @category Rules
 */
export type AroundExtraArgs<X, E extends string> = [E] extends [never] ? X : X & RuleExtraArgs<E>

/** The update of the inner transformation, as the outer rule reads it. */
const Inner = Slot('u', 'element')

const wrapped = remember((inner: Rule) =>
  remember((outer: Rule): Rule => {
    const { slots, next, update } = rewriteRule((node) => (node === Inner ? inner.update : node))(outer)
    return { slots: { ...inner.slots, ...slots }, next: { ...inner.next, ...next }, update }
  }),
)

const programAround = remember((inner: Program) =>
  remember(
    (outer: Program): Program => ({
      rule: (leaf) => wrapped(inner.rule(leaf))(outer.rule(leaf)),
      scalars: [...inner.scalars, ...outer.scalars],
      slots: [...inner.slots, ...outer.slots],
      inputs: [...inner.inputs, ...outer.inputs.filter(({ name }) => name !== Inner.name)],
      fits: bothFit(inner.fits, outer.fits),
    }),
  ),
)

/** A rule's step around the step of what makes `u`, as one, and their states together. */
export const around = <A, B, S>(inner: Step<A>, outer: Step<B>, gather: (outer: B, inner: A) => S): Step<S> =>
  both(inner, outer, programAround(inner.program)(outer.program), (innerState, own) =>
    gather(own, innerState),
  )

/**
 * A rule that reads, besides the gradient `g`, the update `u` that another transformation makes of it. The state holds
 * that of the other under `key`.
 *
 * Around what is made of rules it is a rule itself, and fuses.
 *
 * Throws as `fromRule` does.
 *
 * @category Rules
 * @example
 * ```ts
 * import { adam, fromRuleAround, norm } from 'gradpipe'
 *
 * // Adam's direction, as long as the gradient
 * const tx = fromRuleAround('inner', adam(1), {
 *   slots: {},
 *   scalars: {},
 *   step: ({ g, u }) => ({ update: u.mul(norm(g, 'tree').div(norm(u, 'tree'))) }),
 * })
 * const [updates, state] = tx.update([3, 4], tx.init([0, 0]))
 * assert.ok(Math.abs(Math.hypot(...updates) - 5) < 1e-6)
 * assert.equal(state.inner[0].count, 1)
 * ```
 */
export const fromRuleAround = <
  const K extends string,
  S,
  X,
  const L extends SlotSpecs,
  H extends Scalars,
  const E extends string = never,
>(
  key: K,
  inner: GradientTransformation<S, X>,
  spec: RuleSpec<L, H, E, 'u'>,
): GradientTransformation<AroundState<K, S, L, H>, AroundExtraArgs<X, E>> => {
  type State = AroundState<K, S, L, H>
  checkRange('fromRuleAround.inner', inner, transformation)
  const outer = declareRule(spec, ['u'])
  // AroundState is what was spelled out
  const joined = (own: RuleState<L, H>, innerState: S): State => ({ ...own, [key]: innerState }) as State

  const { ruled } = inner
  if (ruled !== undefined) {
    const join = (innerStep: Step<S>, outerStep: Step<RuleState<L, H>>): Step<State> =>
      around(
        nest(key, innerStep, (state) => state),
        outerStep,
        joined,
      )
    return fromRuled({
      reads: ruled.reads,
      begin: () => join(ruled.begin(), outer.begin()),
      resume: (state, at, extraArgs) => {
        const own = outer.resume(state, at, extraArgs)
        return join(ruled.resume(state[key], `${at}.${key}`, extraArgs), own)
      },
    })
  }

  const update = processOf(inner)
  return fromProcess(
    (params) =>
      disposingOnError((made) => {
        const innerState = made(inner.init(params))
        return joined(execute(outer.begin(), { _tag: 'Start', params }).state, innerState)
      }),
    freeingOnError(function* (made, grads, state, params, extraArgs) {
      // the state and the extra arguments are looked at before anything is made
      const own = outer.resume(state, 'state', extraArgs)
      const [u, innerState] = made(yield* update(grads, state[key], params, extraArgs))
      const done = execute({ ...own, inputs: [...own.inputs, u] }, { _tag: 'Update', grads, params })
      dispose(u)
      return [done.result, joined(done.state, innerState)] as const
    }),
  )
}
