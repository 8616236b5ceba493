/** Keys: where random numbers come from, as plain data. */

import { GradpipeError } from '../error.js'
import { threefry } from './threefry.js'

/**
 * A key for random numbers: two unsigned 32-bit integers. It is plain data, which a state can hold and a file can
 * store.
 *
 * Nothing is random about a key itself: the same key gives the same numbers, on every backend. For other numbers make
 * other keys from it, by {@link split} or {@link foldIn}, and do not use it again.
 *
 * @category Random numbers
 */
export type Key = readonly [number, number]

/**
 * The key of a seed, which is an integer. Only its low 32 bits count.
 *
 * Throws `InvalidArgument` for a seed that is not an integer.
 *
 * @category Random numbers
 * @see JAX, `random.key`
 * @example
 * ```ts
 * import { random } from 'gradpipe'
 *
 * assert.deepEqual(random.key(7), [0, 7])
 * ```
 */
export const key = (seed: number): Key => {
  if (Number.isSafeInteger(seed)) return [0, seed >>> 0]
  throw new GradpipeError('InvalidArgument', 'seed', 'an integer', String(seed))
}

/**
 * Makes an independent key from a key and an integer.
 *
 * @category Random numbers
 * @see JAX, `random.fold_in`
 * @example
 * ```ts
 * import { random } from 'gradpipe'
 *
 * const ofStep = (count: number) => random.foldIn(random.key(7), count)
 * assert.notDeepEqual(ofStep(0), ofStep(1))
 * ```
 */
export const foldIn = (of: Key, data: number): Key => threefry(of, [0, data])

/**
 * Makes independent keys from one: two, or `n`.
 *
 * @category Random numbers
 * @see JAX, `random.split`
 * @example
 * ```ts
 * import { random } from 'gradpipe'
 *
 * const [next, now] = random.split(random.key(7))
 * assert.notDeepEqual(next, now)
 * assert.equal(random.split(now, 5).length, 5)
 * ```
 */
export function split(of: Key): readonly [Key, Key]
export function split(of: Key, n: number): readonly Key[]
export function split(of: Key, n = 2): readonly Key[] {
  return Array.from({ length: n }, (_, i) => foldIn(of, i))
}

const isWord = (word: unknown): boolean => typeof word === 'number' && word >>> 0 === word

/** Whether something, from a file perhaps, is a key. */
export const isKey = (value: unknown): value is Key =>
  Array.isArray(value) && value.length === 2 && value.every(isWord)

/**
 * The key that an option gives, as a key or as a seed.
 *
 * Throws `InvalidArgument` for anything else, under the option's name.
 */
export const keyGiven = (option: string, given: unknown): Key => {
  if (typeof given === 'number' && Number.isSafeInteger(given)) return key(given)
  if (isKey(given)) return given
  throw new GradpipeError(
    'InvalidArgument',
    option,
    'an integer or a key: two unsigned 32-bit integers',
    typeof given === 'object' ? JSON.stringify(given) : String(given),
  )
}
