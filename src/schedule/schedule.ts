/**
 * What a schedule is: a hyperparameter as a function of the count.
 */

/**
 * A hyperparameter that changes during training: the value at `count`, where `count` is the number of updates
 * **already made** (0 at the first one). Pure, on the host, in float64; the value is rounded to float32 once,
 * where it meets a tensor.
 *
 * Wherever a learning rate is asked for, a schedule may stand. What it gives is held to the range of the number that
 * could stand there, and is not to be infinite: else the step that asks throws `InvalidArgument`, with the option's name
 * and the count, before anything is changed.
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
