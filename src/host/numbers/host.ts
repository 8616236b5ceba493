/** The host of numbers, typed arrays and arrays with a shape: the garbage collector sees to their memory. */
import { cloneLeaf, isNumberLeaf, type NumberLeaf } from '../../rule/ndarray.js'
import type { Host } from '../host.js'
import { ownInterpreter } from './arrays.js'

/** The host. */
export const numberHost: Host<NumberLeaf> = {
  owns: isNumberLeaf,
  run: ownInterpreter,
  clone: cloneLeaf,
  dispose: () => {},
}
