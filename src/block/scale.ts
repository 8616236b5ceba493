/** scale and scaleBySchedule: a factor for all updates. */
import { called, inNameOf } from '../options.js'
import { checkRanges, finite, inRanges, type Range, scheduleOf } from '../range.js'
import type { Schedule } from '../schedule/schedule.js'
import { fromRule } from '../transform/fromRule.js'
import { statelessRule } from '../transform/statelessRule.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/** NaN is one: what is scaled may be NaN as well. */
const anyNumber: Range = ['a number', (x) => typeof x === 'number']

/**
 * State of what depends on the step only by its number.
 *
 * @category Building blocks
 */
export interface CountState {
  /** Updates made. */
  readonly count: number
}

/** {@link scale}, of a number that was looked at. */
export const scaledBy: (numbers: { readonly stepSize: number }) => GradientTransformation<EmptyState> =
  /* @__PURE__ */ statelessRule(({ g }, { stepSize }) => ({ update: stepSize.mul(g) }), ['stepSize'])

/**
 * Multiplies updates by a number.
 *
 * {@rule scale(0.5)}
 *
 * @category Building blocks
 * @see Optax, `scale`
 * @example
 * ```ts
 * import { scale } from 'gradpipe'
 *
 * const tx = scale(-0.5)
 * assert.deepEqual(tx.update({ w: 3 }, tx.init({ w: 0 }))[0], { w: -1.5 })
 * ```
 */
export const scale = (stepSize: number): GradientTransformation<EmptyState> => {
  checkRanges('scale', { stepSize }, { stepSize: anyNumber })
  return called(['scale', stepSize], scaledBy({ stepSize }))
}

/**
 * Multiplies updates by the value of a schedule at the current count.
 *
 * {@rule scaleBySchedule(() => 1)}
 *
 * @category Building blocks
 * @see Optax, `scale_by_schedule`
 * @example
 * ```ts
 * import { scaleBySchedule } from 'gradpipe'
 *
 * const tx = scaleBySchedule((count) => 1 / (1 + count))
 * const [first, state] = tx.update(6, tx.init(0))
 * assert.deepEqual([first, tx.update(6, state)[0]], [6, 3])
 * ```
 */
export const scaleBySchedule = (stepSizeFn: Schedule): GradientTransformation<CountState> => {
  const checked = inRanges('scaleBySchedule', { stepSizeFn }, { stepSizeFn: scheduleOf(finite) })
  return inNameOf('scaleBySchedule', [stepSizeFn], () =>
    fromRule({
      slots: {},
      scalars: ({ count }) => ({ stepSize: checked.stepSizeFn(count) }),
      step: ({ g }, { stepSize }) => ({ update: stepSize.mul(g) }),
    }),
  )
}
