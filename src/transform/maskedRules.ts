/** maskedRules: rules for some of the leaves, without what masks other transformations. */
import { labelOf, labelsFit, type Mask } from '../declare/labelling.js'
import type { Program, Ruled, Step } from '../program/program.js'
import { remember } from '../rule/intern.js'
import type { LeafSpec, Params } from '../rule/leaf.js'
import { bothFit, nest, onlyFor } from './fuse.js'
import { ofRules } from './ofRules.js'
import type { GradientTransformation } from './transformation.js'

/**
 * State of {@link masked}.
 *
 * @category Wrappers
 */
export interface MaskedState<S> {
  /** The inner transformation's state, with `null` for leaves that the mask does not select. */
  readonly innerState: S
}

/** Which leaves a mask selects, and what checks that trees fit it. */
export const selection = (mask: Mask): readonly [(leaf: LeafSpec) => boolean, (tree: Params) => void] => [
  labelOf({ of: 'masked', option: 'mask', kind: 'boolean' }, mask),
  labelsFit('mask', mask),
]

/** Rules for the leaves that `selects` holds for, in trees that fit. */
export const restrictedRules = <S>(
  ruled: Ruled<S>,
  selects: (leaf: LeafSpec) => boolean,
  fits: (tree: Params) => void,
): Ruled<MaskedState<S>> => {
  const few = onlyFor(selects)
  const restricted = remember(
    (program: Program): Program => ({ ...few(program), fits: bothFit(program.fits, fits) }),
  )
  const restrict = (step: Step<S>): Step<MaskedState<S>> => {
    const all = nest('innerState', step, (innerState): MaskedState<S> => ({ innerState }))
    return { ...all, program: restricted(all.program) }
  }
  return {
    reads: ruled.reads,
    begin: () => restrict(ruled.begin()),
    resume: (state, at, extraArgs) =>
      restrict(ruled.resume(state?.innerState, `${at}.innerState`, extraArgs)),
  }
}

/** As `masked`, of a transformation that is a rule. */
export const maskedRule = <S>(
  inner: GradientTransformation<S>,
  mask: Mask,
): GradientTransformation<MaskedState<S>> => {
  if (inner.ruled === undefined) throw new TypeError('what is masked is no rule')
  return ofRules(restrictedRules(inner.ruled, ...selection(mask)))
}
