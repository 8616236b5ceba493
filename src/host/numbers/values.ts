/** What the interpreter of numbers computes with. */
import type { Elements } from '../../rule/ndarray.js'

/** A number for a scalar, an array for a value per element. */
export type NumberValue = number | Elements

/** The value of an element, which for a scalar is the same for all. */
export const at = (x: NumberValue, i: number): number => (typeof x === 'number' ? x : (x[i] ?? Number.NaN))
