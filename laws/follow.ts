/** Follows a transformation over the steps of a trial. */

import type { Params, Tree } from '../src/index.js'
import type { Trial } from './arbitrary.js'
import type { Block } from './block.js'
import { decode, encode, type Kind } from './kind.js'
import type { Tx } from './law.js'

/**
 * The result of a run: the updates of each step as blocks, and the states.
 *
 * @category Generators
 */
export interface Run {
  /** The updates after each step. */
  readonly updates: readonly Tree<Block>[]
  /** The first state, and the one after each step. */
  readonly states: readonly unknown[]
}

/**
 * Updates at fixed parameters, step by step.
 *
 * @category Generators
 * @example
 * ```ts
 * import { trace } from 'gradpipe'
 * import { Block, follow } from 'gradpipe/laws'
 *
 * const one = new Block([], Float64Array.of(1))
 * const { updates, states } = follow(trace(0.5), { params: one, grads: [one, one] }, 'number')
 * assert.equal(updates.length, 2)
 * assert.deepEqual(states.at(-1), { trace: 1.5 })
 * ```
 */
export const follow = (tx: Tx, { params, grads }: Trial, kind: Kind): Run => {
  const given = encode(kind)(params)
  const states: unknown[] = [tx.init(given)]
  const updates = grads.map((gradient) => {
    const [update, next] = tx.update<Params>(encode(kind)(gradient), states.at(-1), given)
    states.push(next)
    return decode(gradient, update)
  })
  return { updates, states }
}

/**
 * A state as a tree; it must be plain data, see the law of that name.
 *
 * @category Generators
 */
export const stateTree = (state: unknown): Params => state as Params
