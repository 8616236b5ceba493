/**
 * Names of variables: which saved variable each goes on from, and its name in trees.
 *
 * TensorFlow.js puts a number behind the name of a layer's weight where the name was used before in the process:
 * `hidden/bias_1`. Only such names, with a layer before a slash, are taken to have a number that is not their own.
 */
import { GradpipeError } from '../../error.js'

/** A name without the number that TensorFlow.js may have put behind it. */
const baseOf = (name: string): string =>
  // the names of most variables that are no layer's have none
  name.includes('/') ? (/^(.+\/.*[^/])_[1-9]\d*$/s.exec(name)?.[1] ?? name) : name

/** Names by what they are without a number. */
const grouped = (names: Iterable<string>): ReadonlyMap<string, readonly string[]> => {
  const groups = new Map<string, string[]>()
  for (const name of names) {
    const base = baseOf(name)
    const group = groups.get(base)
    if (group === undefined) groups.set(base, [name])
    else group.push(name)
  }
  return groups
}

/**
 * The names of variables in trees: without TensorFlow.js's number, unless two would have the same name then. So a
 * mask that asks for `bias` finds it in a model that was built again. The names do not depend on the order of
 * variables.
 */
export const keysOf = (names: readonly string[]): ReadonlyMap<string, string> => {
  const groups = grouped(names)
  return new Map(names.map((name) => [name, groups.get(baseOf(name))?.length === 1 ? baseOf(name) : name]))
}

/**
 * For each name the saved name that it goes on from; a name without one is new.
 *
 * A name that was saved is itself, whatever else has come or gone. Another one goes on from the saved name that differs
 * in nothing but TensorFlow.js's number, as a model that was loaded while one of its names was there has it; but only
 * where there is one of each. `saved` are the names that nobody has gone on from, `taken` the others, with who has.
 *
 * Throws `DuplicateName` for a saved name that another variable has gone on from, `InvalidArgument` where several could
 * be meant.
 */
export const pairNames = (
  names: readonly string[],
  saved: readonly string[],
  taken: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> => {
  const known = new Set(saved)
  const pairs = new Map<string, string>()
  const others: string[] = []
  for (const name of names) {
    const other = taken.get(name)
    if (other !== undefined)
      throw new GradpipeError(
        'DuplicateName',
        `state.${name}`,
        'one variable that goes on from it',
        `${other}, and ${name} now`,
      )
    if (known.has(name)) pairs.set(name, name)
    else others.push(name)
  }
  const before = grouped([...saved, ...taken.keys()])
  for (const [base, group] of grouped(others)) {
    const candidates = before.get(base) ?? []
    const free = candidates.filter((name) => !pairs.has(name) && !taken.has(name))
    const [name = '', ...more] = group
    const [source] = free
    if (source === undefined) continue
    if (more.length > 0 || candidates.length > 1)
      throw new GradpipeError(
        'InvalidArgument',
        `state.${name}`,
        `a name of its own for each variable, since any of ${candidates.join(', ')} could be meant`,
        group.join(', '),
      )
    pairs.set(name, source)
  }
  return pairs
}
