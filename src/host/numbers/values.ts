/** What the interpreter of numbers computes with. */
import type { Elements } from '../../rule/ndarray.js'

/** A number for a scalar, an array for a value per element. */
export type NumberValue = number | Elements
