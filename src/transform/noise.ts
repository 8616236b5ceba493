/** Noise: trees of random numbers like other trees, and the keys that a transformation draws them with. */
import { GradpipeError } from '../error.js'
import { leafLike } from '../host/hosts.js'
import { disposingOnError } from '../program/dispose.js'
import { inspectGradient } from '../program/expect.js'
import { isKey, type Key, keyGiven, key as keyOf } from '../random/key.js'
import type { Sampler } from '../random/sample.js'
import { type Leaf, type Params, sizeOf } from '../rule/leaf.js'
import { formOf } from '../tree/align.js'
import { buildForm } from '../tree/form.js'

/**
 * Where a transformation's random numbers come from.
 *
 * @category Building blocks
 */
export interface KeyOptions {
  /** A key, or an integer seed. Default 0; choose your own where it must be secret. */
  readonly key?: Key | number | undefined
  /** Optax's older name for `key`. Give only one of them. */
  readonly seed?: number | undefined
}

/** The key that the options of a transformation give. */
export const keyFrom = (name: string, { key, seed }: KeyOptions): Key => {
  if (key !== undefined && seed !== undefined)
    throw new GradpipeError('InvalidArgument', `${name}.seed`, 'a key or a seed', 'both')
  if (key !== undefined) return keyGiven(`${name}.key`, key)
  return seed === undefined ? keyOf(0) : keyGiven(`${name}.seed`, seed)
}

/** The key in a state, which may come from a file. */
export const keyIn = (state: { readonly rngKey: Key }): Key => {
  const given: unknown = typeof state === 'object' && state !== null ? state.rngKey : undefined
  if (isKey(given)) return given
  throw new GradpipeError(
    'TreeMismatch',
    'state.rngKey',
    'a key: two unsigned 32-bit integers',
    JSON.stringify(given) ?? 'nothing',
  )
}

/**
 * A tree of random numbers of the structure and the kinds of leaves of another. Leaf `i`, in the canonical order, is
 * drawn with the key `keyAt(i)`: with a key of its own, so that leaves are independent.
 *
 * `name` is what errors call the tree. Throws `Disposed`, `InvalidLeaf`, and `DtypeMismatch` for tensors that are not
 * of floats.
 */
export const randomTree = (
  keyAt: (i: number) => Key,
  [name, like]: readonly [string, Params],
  sampler: Sampler,
): Params => {
  const { form, leaves } = formOf<Leaf>(name, like)
  const sizes = leaves.map(({ path, leaf }) => sizeOf(inspectGradient({ tree: name, path }, leaf).shape))
  return disposingOnError((made) =>
    buildForm<Leaf>(
      form,
      leaves.map(({ leaf }, i) => {
        const values = sampler(keyAt(i), sizes[i] ?? 0)
        if (values.length !== sizes[i])
          throw new GradpipeError('InvalidArgument', 'sampler', `${sizes[i]} numbers`, `${values.length}`)
        return made(leafLike(leaf, values))
      }),
    ),
  )
}
