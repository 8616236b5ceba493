/**
 * What a schedule is: a hyperparameter as a function of the count.
 */

/**
 * A hyperparameter that changes during training: the value at `count`, where `count` is the number of updates
 * **already made** (0 at the first one). Pure, on the host, in float64; the value is rounded to float32 once,
 * where it meets a tensor.
 *
 * A schedule may stand in place of every learning rate. Its values must be finite and in the range of the number that
 * could stand there. Otherwise the step throws `InvalidArgument`, with the option's name and the count, before
 * anything changes.
 *
 * @category Schedules
 * @example
 * ```ts
 * import { type Schedule, sgd } from 'gradpipe'
 *
 * const inverseTime: Schedule = (count) => 0.1 / (1 + count)
 * const tx = sgd(inverseTime)
 * const [first, state] = tx.update({ w: 1 }, tx.init({ w: 0 }))
 * const [second] = tx.update({ w: 1 }, state)
 * assert.deepEqual([first, second], [{ w: -0.1 }, { w: -0.05 }])
 * ```
 */
export type Schedule = (count: number) => number
