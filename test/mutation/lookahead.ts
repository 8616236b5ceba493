/**
 * lookahead with the slow parameters in its state: a transformation that is a rule in every step, and can have faults.
 * lookahead itself steps pairs of parameters, and shows no rule.
 */
import { type CatalogueRow, catalogue, type Tx } from '../../laws/index.js'
import { scale } from '../../src/index.js'
import type { Ruled, Step } from '../../src/program/program.js'
import { around } from '../../src/transform/fromRuleAround.js'
import { nest } from '../../src/transform/fuse.js'
import { fromRuled } from '../../src/transform/ruled.js'
import { type Own, outerOf } from '../../src/wrapper/lookaheadRules.js'

interface State<S> extends Own {
  readonly fastState: S
}

const gather = <S>(own: Own, fastState: S): State<S> => ({ ...own, fastState })

const lookaheadOf = <S>(fast: Ruled<S>, syncPeriod: number, slowStepSize: number): Tx => {
  const { between, sync } = outerOf(true, slowStepSize)
  const inner = (step: Step<S>): Step<S> => nest('fastState', step, (state) => state)
  return fromRuled<State<S>>({
    begin: () => around(inner(fast.begin()), between.begin(), gather),
    resume: (state, at, extraArgs) => {
      const rule = state.stepsSinceSync + 1 >= syncPeriod ? sync : between
      const resumed = fast.resume(state.fastState, `${at}.fastState`, extraArgs)
      return around(inner(resumed), rule.resume(state, at, {}), gather)
    },
  })
}

const { ruled } = scale(-0.5)

/** The catalogue's row of this configuration, and its laws. */
export const lookaheadRows: readonly CatalogueRow[] = catalogue
  .filter(({ call }) =>
    call.startsWith('lookahead({ fastOptimizer: scale(-0.5), syncPeriod: 2, slowStepSize: 0.25 })'),
  )
  .flatMap((row) => (ruled === undefined ? [] : [{ ...row, make: () => lookaheadOf(ruled, 2, 0.25) }]))
