/** allclose: whether two trees are nearly the same. */
import { options } from '../options.js'
import { dispose } from '../program/dispose.js'
import { rememberFew } from '../rule/intern.js'
import type { Params } from '../rule/leaf.js'
import { select } from '../rule/term.js'
import { combining } from './combine.js'
import { sum } from './reduce.js'

/**
 * Options of `tree.allclose`.
 *
 * @category Trees
 */
export interface AllcloseOptions {
  /** How far an element may be from the second tree's, relative to that one. Default 1e-5. */
  readonly rtol?: number
  /** How much further it may be, as an absolute difference. Default 1e-8. */
  readonly atol?: number
  /** Whether NaN equals NaN. Default false. */
  readonly equalNan?: boolean
}

/**
 * Whether two trees are nearly the same: $|a - b| \le \text{atol} + \text{rtol} \cdot |b|$ for all elements of two
 * trees of the same structure.
 *
 * Infinities are close only to themselves. A tree of tensors is read back synchronously, which does not work on
 * WebGPU.
 *
 * Throws like {@link add} if the trees do not fit each other.
 *
 * @category Trees
 * @see Optax, `tree.allclose`
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * assert.ok(tree.allclose({ w: 1 }, { w: 1 + 1e-7 }))
 * assert.ok(!tree.allclose({ w: 1 }, { w: 1.1 }))
 * ```
 */
export const allclose = (a: Params, b: Params, given?: AllcloseOptions): boolean => {
  const { rtol, atol, equalNan } = options(
    'tree.allclose',
    { rtol: 1e-5, atol: 1e-8, equalNan: false },
    given,
  )
  const far = farOf(equalNan)(a, b, { rtol, atol })
  const count = sum(far)
  const found = typeof count === 'number' ? count : count.dataSync()[0]
  dispose(far, count)
  return found === 0
}

/** 1 for each element that is too far from the other tree's, otherwise 0. */
const farOf = /* @__PURE__ */ rememberFew((equalNan: boolean) =>
  combining(
    ['a', 'b'],
    (x, y, { rtol, atol }) => {
      const near = select(
        x
          .sub(y)
          .abs()
          .le(atol.add(rtol.mul(y.abs()))),
        0,
        1,
      )
      const finite = select(y.abs().lt(Number.POSITIVE_INFINITY), near, 1)
      const distinct = select(x.eq(y), 0, finite)
      return equalNan ? select(x.ne(x), select(y.ne(y), 0, distinct), distinct) : distinct
    },
    ['rtol', 'atol'],
  ),
)
