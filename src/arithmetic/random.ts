/** Trees of random numbers, and of keys. */

import { foldIn, type Key } from '../random/key.js'
import { normal, type Sampler } from '../random/sample.js'
import type { Leaf, Leafwise, Params } from '../rule/leaf.js'
import { randomTree } from '../transform/noise.js'
import { formOf } from '../tree/align.js'
import { buildForm } from '../tree/form.js'

/**
 * A tree of random numbers with the structure and the kinds of leaves of another; normally distributed by default.
 *
 * Each leaf, in the order of paths, has its own key, made by `random.split`. The numbers are float32 numbers, the
 * same for all kinds of leaves and on every backend. Tensors in the result belong to the caller.
 *
 * Throws `InvalidLeaf` for something that is not a leaf, `Disposed` for a disposed tensor, and `DtypeMismatch` for
 * tensors that are not of floats.
 *
 * @category Trees
 * @see Optax, `tree.random_like`
 * @example
 * ```ts
 * import { random, tree } from 'gradpipe'
 *
 * const params = { w: new Float32Array(3), b: 0 }
 * const z = tree.randomLike(random.key(0), params)
 * assert.ok(z.b !== 0 && z.w.length === 3)
 * const signs = tree.randomLike(random.key(0), params, random.rademacher)
 * assert.deepEqual(Math.abs(signs.b), 1)
 * ```
 */
export function randomLike(key: Key, like: number, sampler?: Sampler): number
export function randomLike<P extends Params>(key: Key, like: P, sampler?: Sampler): P
export function randomLike<P extends Params>(key: Key, like: P, sampler: Sampler = normal): P {
  // the same structure and kinds of leaves
  return randomTree((i) => foldIn(key, i), ['tree', like], sampler) as P
}

/**
 * A key for each leaf of a tree, in the place of the leaf.
 *
 * @category Trees
 * @see Optax, `tree.split_key_like`
 * @example
 * ```ts
 * import { random, tree } from 'gradpipe'
 *
 * const keys = tree.splitKeyLike(random.key(0), { w: 1, b: 2 })
 * // the order of the paths, not of the keys
 * assert.deepEqual(keys.b, random.split(random.key(0))[0])
 * assert.deepEqual(keys.w, random.split(random.key(0))[1])
 * ```
 */
export const splitKeyLike = <P extends Params>(key: Key, like: P): Leafwise<P, Key> => {
  const { form, leaves } = formOf<Leaf>('tree', like)
  const keys: unknown = buildForm(
    form,
    leaves.map((_, i) => foldIn(key, i)),
  )
  // the same structure, with keys in the place of leaves
  return keys as Leafwise<P, Key>
}
