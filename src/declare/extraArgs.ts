/** The extra arguments of a rule, as they are given: numbers are host scalars, tensors are read where they are. */
import { GradpipeError } from '../error.js'
import { shown } from '../options.js'
import { inspectGradient } from '../program/expect.js'
import type { Process } from '../program/process.js'
import type { ExtraArgs } from '../program/program.js'
import { readNumber } from '../program/read.js'
import { isTensorLike, showShape, type TensorLike } from '../rule/leaf.js'

/** A rule's extra arguments, by how they were given. */
export interface Given {
  readonly numbers: ReadonlyMap<string, number>
  readonly tensors: ReadonlyMap<string, TensorLike>
}

/** The error for an extra argument that is missing or wrong. */
export const wrongExtraArg = (
  name: string,
  expected: string,
  given: unknown,
  words: string = shown(given),
): GradpipeError =>
  given === undefined
    ? new GradpipeError('MissingArgument', `extraArgs.${name}`, expected, 'nothing')
    : new GradpipeError('InvalidArgument', `extraArgs.${name}`, expected, words)

/** Reads some of the extra arguments. Throws `MissingArgument` or `InvalidArgument`. */
export const readExtraArgs = (names: readonly string[], given: ExtraArgs): Given => {
  const numbers = new Map<string, number>()
  const tensors = new Map<string, TensorLike>()
  for (const name of names) {
    const value = given[name]
    if (typeof value === 'number') numbers.set(name, value)
    else if (isTensorLike(value)) tensors.set(name, value)
    else throw wrongExtraArg(name, 'a number or a scalar tensor', value)
  }
  return { numbers, tensors }
}

/**
 * The extra arguments with numbers under some of the names; scalar tensors are read. Throws `Disposed`,
 * `DtypeMismatch` or `ShapeMismatch`.
 */
export function* onHost(names: readonly string[], given: ExtraArgs): Process<ExtraArgs> {
  const numbers: Record<string, number> = {}
  for (const name of names) {
    const value = given[name]
    if (!isTensorLike(value)) continue
    const spec = inspectGradient({ tree: `extraArgs.${name}`, path: [] }, value)
    if (spec.shape.length > 0)
      throw new GradpipeError('ShapeMismatch', `extraArgs.${name}`, 'a scalar', showShape(spec))
    numbers[name] = yield* readNumber(value)
  }
  return { ...given, ...numbers }
}
