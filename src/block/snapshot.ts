/** snapshot: a measure of updates, kept in the state. */
import { noScalars } from '../declare/declared.js'
import { GradpipeError } from '../error.js'
import { shown } from '../options.js'
import type { Program, Step } from '../program/program.js'
import { Gradient } from '../rule/expr.js'
import type { Params } from '../rule/leaf.js'
import { makeRule } from '../rule/rule.js'
import type { Scope } from '../rule/scope.js'
import { parameter } from '../rule/slot.js'
import { nest } from '../transform/fuse.js'
import { type Measure, type Measured, measured, reachOf } from '../transform/measure.js'
import { fromRuled } from '../transform/ruled.js'
import type { GradientTransformation } from '../transform/transformation.js'

/**
 * State of {@link snapshot}.
 *
 * @category Building blocks
 */
export interface SnapshotState<N extends string, S extends Scope> {
  /** What was measured last, under its name. */
  readonly measurement: { readonly [K in N]: Measured<S> }
}

/**
 * Leaves updates as they are and keeps a measure of them: a window into a chain.
 *
 * Before the first step, it is the measure of the parameters. The measure is a rule and runs fused with the chain;
 * with tensors it stays on the device until it is read.
 *
 * Throws `InvalidArgument` for a measure that does not make a term.
 *
 * @category Building blocks
 * @see Optax, `snapshot`
 * @example
 * ```ts
 * import { chain, clipByGlobalNorm, norm, snapshot } from 'gradpipe'
 *
 * const tx = chain(snapshot('norm', (u) => norm(u, 'tree')), clipByGlobalNorm(1))
 * const [, [{ measurement }]] = tx.update([3, 4], tx.init([0, 0]))
 * assert.deepEqual(measurement, { norm: 5 })
 * ```
 */
export const snapshot = <const N extends string, S extends Scope>(
  measureName: N,
  measure: Measure<S>,
): GradientTransformation<SnapshotState<N, S>> => {
  type State = SnapshotState<N, S>
  if (typeof measureName !== 'string')
    throw new GradpipeError('InvalidArgument', 'snapshot.measureName', 'a name', shown(measureName))
  const after = measured('snapshot.measure', measure)
  const { expr: start } = measured('snapshot.measure', measure, parameter)
  const scope = reachOf(after.scope)
  const rule = makeRule({
    slots: { [measureName]: { scope, start } },
    next: { [measureName]: after.expr },
    update: Gradient,
  })
  const slots = [{ name: measureName, scope }]
  const program: Program = { rule: () => rule, scalars: [], slots, inputs: [] }
  // the one slot of the program, under its name
  const named = ([value = null]: readonly Params[]) => ({ [measureName]: value }) as State['measurement']
  const step = (before: readonly Params[]): Step<State> =>
    nest(
      'measurement',
      {
        program,
        scalars: [],
        declared: noScalars,
        slots: before,
        inputs: [],
        finish: named,
        hold: named,
      },
      (measurement) => ({ measurement }),
    )
  return fromRuled<State>({
    call: ['snapshot', measureName, measure],
    begin: () => step([]),
    resume: (state, at) => {
      const value = state?.measurement?.[measureName]
      if (value !== undefined) return step([value])
      throw new GradpipeError('TreeMismatch', `${at}.measurement.${measureName}`, 'a measurement', 'nothing')
    },
  })
}
