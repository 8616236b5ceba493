/** The extra arguments of a rule, as they are given: numbers are host scalars, tensors are read where they are. */
import { GradpipeError } from '../error.js'
import { isTensorLike, type TensorLike } from '../rule/leaf.js'
import type { ExtraArgs } from './transformation.js'

/** A rule's extra arguments, by how they were given. */
export interface Given {
  readonly numbers: ReadonlyMap<string, number>
  readonly tensors: ReadonlyMap<string, TensorLike>
}

/** None at all. */
export const nothingGiven: Given = { numbers: new Map(), tensors: new Map() }

/** Reads some of the extra arguments. Throws `MissingArgument` or `InvalidArgument`. */
export const readExtraArgs = (names: readonly string[], given: ExtraArgs): Given => {
  if (names.length === 0) return nothingGiven
  const numbers = new Map<string, number>()
  const tensors = new Map<string, TensorLike>()
  for (const name of names) {
    const value = given[name]
    if (typeof value === 'number') numbers.set(name, value)
    else if (isTensorLike(value)) tensors.set(name, value)
    else
      throw new GradpipeError(
        value === undefined ? 'MissingArgument' : 'InvalidArgument',
        `extraArgs.${name}`,
        'a number or a scalar tensor',
        value === undefined ? 'nothing' : typeof value,
      )
  }
  return { numbers, tensors }
}
