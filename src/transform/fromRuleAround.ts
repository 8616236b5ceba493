/** fromRuleAround: a rule around another transformation, which makes its updates from those of the other. */

import { declareAnyRule } from '../declare/declareAnyRule.js'
import type { RuleExtraArgs, RuleSpec, RuleState, Scalars, SlotSpecs } from '../declare/ruleSpec.js'
import { dispose, disposingOnError } from '../program/dispose.js'
import { execute } from '../program/execute.js'
import { freeingOnError } from '../program/process.js'
import type { Program, Step } from '../program/program.js'
import { checkRange, transformation } from '../range.js'
import { Slot } from '../rule/expr.js'
import { remember } from '../rule/intern.js'
import { type Rule, rewriteRule } from '../rule/rule.js'
import { both, bothFit, nest } from './fuse.js'
import { fromProcess, processOf } from './ordinary.js'
import { fromRuled } from './ruled.js'
import type { GradientTransformation } from './transformation.js'

/**
 * The state of a rule around another transformation, which keeps the other's state under the name `K`.
 *
 * @category Rules
 */
export type AroundState<K extends string, S, L extends SlotSpecs, H extends Scalars> = RuleState<L, H> & {
  readonly [key in K]: S
}

/**
 * The extra arguments of a rule around another transformation: the other's, and its own, `E`.
 *
 * @category Rules
 */
export type AroundExtraArgs<X, E extends string> = [E] extends [never] ? X : X & RuleExtraArgs<E>

/** The update of the inner transformation, as the outer rule reads it. */
const Inner = Slot('u', 'element')

/** Of a leaf that the rule around leaves alone. */
const innerAlone: Rule = { slots: {}, next: {}, update: Inner }

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

/** A rule's step around the step that makes `u`, as one step with both states. */
export const around = <A, B, S>(inner: Step<A>, outer: Step<B>, gather: (outer: B, inner: A) => S): Step<S> =>
  both(inner, outer, programAround(inner.program)(outer.program), (innerState, own) =>
    gather(own, innerState),
  )

/**
 * Makes a transformation from a rule that reads the gradient `g` and the update `u` that another transformation makes
 * from it. Its state holds the other's under `key`.
 *
 * Around a rule it is a rule itself, and fuses.
 *
 * Throws like `fromRule`.
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
  const N extends string = never,
>(
  key: K,
  inner: GradientTransformation<S, X>,
  spec: RuleSpec<L, H, E, 'u', N>,
): GradientTransformation<AroundState<K, S, L, H>, AroundExtraArgs<X, E>> => {
  type State = AroundState<K, S, L, H>
  checkRange('fromRuleAround.inner', inner, transformation)
  const outer = declareAnyRule(spec, ['u'], innerAlone)
  // this is AroundState, spelled out
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
      call: ['fromRuleAround', key, inner, spec],
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
    ['fromRuleAround', key, inner, spec],
  )
}
