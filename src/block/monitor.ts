/** monitor: several measures of updates, kept in the state. */
import { allDeclared } from '../declare/declared.js'
import { GradpipeError } from '../error.js'
import { shown } from '../options.js'
import type { Program, Ruled, Step } from '../program/program.js'
import { Const, Gradient } from '../rule/expr.js'
import { rememberNamed } from '../rule/intern.js'
import type { LeafSpec, Params } from '../rule/leaf.js'
import { compose, identityRule, type Rule, within } from '../rule/rule.js'
import { fromRule } from '../transform/fromRule.js'
import { bothFit } from '../transform/fuse.js'
import { type Measure, type Measured, measured, reachOf } from '../transform/measure.js'
import { fromRuled } from '../transform/ruled.js'
import type { GradientTransformation } from '../transform/transformation.js'

/**
 * Measures by name.
 *
 * @category Building blocks
 */
export type Measures = Readonly<Record<string, Measure | GradientTransformation>>

/**
 * State of {@link monitor}.
 *
 * @category Building blocks
 */
export interface MonitorState<M extends Measures> {
  /** What was measured last, by name; NaN before the first step. */
  readonly measurements: {
    readonly [K in keyof M]: M[K] extends Measure<infer S> ? Measured<S> : Params
  }
  /** The measures' own states, in the order of their names. */
  readonly measureStates: readonly unknown[]
}

/** A measure under its name, as what is made of rules. */
interface Named {
  readonly name: string
  readonly ruled: Ruled<unknown>
}

const anyLeaf: LeafSpec = { path: [], shape: [2, 2], dtype: 'float32' }

const named = ([name, measure]: readonly [string, Measure | GradientTransformation]): Named => {
  const path = `monitor.${name}`
  const tx: GradientTransformation =
    typeof measure === 'function'
      ? fromRule({ slots: {}, scalars: {}, step: () => ({ update: measured(path, measure) }) })
      : measure
  if (typeof tx !== 'object' || tx === null || tx.ruled === undefined)
    throw new GradpipeError(
      'InvalidArgument',
      path,
      'a measure, or a transformation made of rules',
      shown(tx),
    )
  return { name, ruled: tx.ruled }
}

/** A rule whose update is kept in a slot instead of taking the gradient's place. */
const kept = rememberNamed(
  (rule: Rule, name): Rule => ({
    slots: { ...rule.slots, [name]: { scope: reachOf(rule.update.scope), start: Const(Number.NaN) } },
    next: { ...rule.next, [name]: rule.update },
    update: Gradient,
  }),
)

/** The program that runs the members side by side, each on the same updates. */
const watching = (names: readonly string[], programs: readonly Program[]): Program => {
  const members = programs.map((program, i) => ({
    program,
    name: `measurements.${names[i]}`,
    prefix: `measureStates.${i}`,
    scope: reachOf(program.rule(anyLeaf).update.scope),
  }))
  return {
    rule: (leaf) =>
      members
        .map(({ program, name, prefix, scope }) => {
          const rule = within(prefix, program.rule(leaf))
          const reach = reachOf(rule.update.scope)
          if (reach === scope) return kept(rule, name)
          throw new GradpipeError('InvalidArgument', name, `one per ${scope}`, `one per ${reach}`)
        })
        .reduce(compose, identityRule),
    scalars: members.flatMap(({ program, prefix }) => program.scalars.map((name) => `${prefix}.${name}`)),
    slots: members.flatMap(({ program, name, prefix, scope }) => [
      { name, scope },
      ...program.slots.map((place) => ({ name: `${prefix}.${place.name}`, scope: place.scope })),
    ]),
    inputs: members.flatMap(({ program, prefix }) =>
      program.inputs.map((place) => ({ name: `${prefix}.${place.name}`, scope: place.scope })),
    ),
    fits: programs.map(({ fits }) => fits).reduce(bothFit, undefined),
  }
}

/**
 * Passes updates on unchanged, and keeps measurements of them in the state: a window into a chain.
 *
 * A measure is a function of the term of the updates, or a transformation made of rules from the updates to the
 * measurement: `measureWithEma`, or `ema` for an average of the updates themselves. All run fused with the chain.
 * Measurements of tensors stay on the device until you read them.
 *
 * Throws `InvalidArgument` for a measure that is neither, and where a leaf is measured in one way and another leaf in
 * another.
 *
 * @category Building blocks
 * @see Optax, `monitor`
 * @example
 * ```ts
 * import { chain, max, monitor, norm, sgd } from 'gradpipe'
 *
 * const watch = monitor({ norm: (u) => norm(u, 'tree'), greatest: (u) => max(u.abs(), 'tree') })
 * const tx = chain(watch, sgd(0.1))
 * const [, [{ measurements }]] = tx.update([3, -4], tx.init([0, 0]))
 * assert.deepEqual(measurements, { norm: 5, greatest: 4 })
 * ```
 */
export const monitor = <const M extends Measures>(measures: M): GradientTransformation<MonitorState<M>> => {
  type State = MonitorState<M>
  const members = Object.entries(measures).map(named)
  const names = members.map(({ name }) => name)
  let known: { readonly programs: readonly Program[]; readonly program: Program } | undefined
  const programOf = (programs: readonly Program[]): Program => {
    if (known === undefined || !known.programs.every((program, i) => program === programs[i]))
      known = { programs, program: watching(names, programs) }
    return known.program
  }
  const together = (steps: readonly Step<unknown>[], before: readonly (readonly Params[])[]): Step<State> => {
    const apart = (end: 'finish' | 'hold', after: readonly Params[]): State => {
      let from = 0
      const parts = steps.map((step) => {
        const [measurement = null, ...own] = after.slice(from, from + 1 + step.program.slots.length)
        from += 1 + own.length
        return { measurement, state: step[end](own) }
      })
      return {
        // one for each of M's names
        measurements: Object.fromEntries(
          parts.map(({ measurement }, i) => [names[i] ?? '', measurement]),
        ) as State['measurements'],
        measureStates: parts.map(({ state }) => state),
      }
    }
    return {
      program: programOf(steps.map(({ program }) => program)),
      scalars: steps.flatMap(({ scalars }) => scalars),
      declared: () => allDeclared(steps),
      slots: steps.flatMap(({ slots }, i) => [...(before[i] ?? []), ...slots]),
      inputs: steps.flatMap(({ inputs }) => inputs),
      finish: (after) => apart('finish', after),
      hold: (same) => apart('hold', same),
    }
  }
  return fromRuled<State>({
    call: ['monitor', measures],
    begin: () =>
      together(
        members.map(({ ruled }) => ruled.begin()),
        [],
      ),
    resume: (state, at, extraArgs) => {
      const before = names.map((name) => {
        const value = state?.measurements?.[name]
        if (value !== undefined) return [value]
        throw new GradpipeError('TreeMismatch', `${at}.measurements.${name}`, 'a measurement', 'nothing')
      })
      const steps = members.map(({ ruled }, i) =>
        ruled.resume(state.measureStates?.[i], `${at}.measureStates.${i}`, extraArgs),
      )
      return together(steps, before)
    },
  })
}
