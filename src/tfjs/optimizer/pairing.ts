/** Which variable a part of a saved state belongs to: by name, whatever TensorFlow.js put behind it to make it unique. */

const suffixOf = (name: string): readonly [base: string, suffix: number] => {
  const found = /^(.*)_(\d+)$/.exec(name)
  return found === null ? [name, 0] : [found[1] ?? name, Number(found[2])]
}

/** Names by what is left of them without their suffix, in the order of the suffixes. */
const grouped = (names: Iterable<string>): ReadonlyMap<string, readonly string[]> => {
  const groups = new Map<string, string[]>()
  for (const name of names) {
    const [base] = suffixOf(name)
    groups.set(base, [...(groups.get(base) ?? []), name])
  }
  for (const group of groups.values()) group.sort((a, b) => suffixOf(a)[1] - suffixOf(b)[1])
  return groups
}

/**
 * Finds for each name the saved one that it continues; a name without one is new.
 *
 * A model that is loaded while another one of its names is there gets `dense_Dense1/kernel_1` for
 * `dense_Dense1/kernel`. Names that are all among the saved ones are themselves; others continue the saved ones that
 * differ in nothing but the suffix, in the order of the suffixes.
 */
export const pairNames = (names: readonly string[], saved: Iterable<string>): ReadonlyMap<string, string> => {
  const known = new Set(saved)
  const groups = grouped(known)
  const pairs = new Map<string, string>()
  for (const [base, group] of grouped(names)) {
    const exact = group.every((name) => known.has(name))
    const others = groups.get(base) ?? []
    for (const [i, name] of group.entries()) {
      const found = exact ? name : others[i]
      if (found !== undefined) pairs.set(name, found)
    }
  }
  return pairs
}
