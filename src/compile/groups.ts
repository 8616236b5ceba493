/** Sharing things out among launches of which each takes so many. */

/** Puts things, in their order, into as few groups as fit; `null` if one alone does not. */
export const inGroups = <T>(
  all: readonly T[],
  fits: (group: readonly T[]) => boolean,
): readonly (readonly T[])[] | null => {
  const groups: T[][] = []
  for (const each of all) {
    const group = groups.find((before) => fits([...before, each]))
    if (group !== undefined) group.push(each)
    else if (fits([each])) groups.push([each])
    else return null
  }
  return groups
}

/** Things apart by what they have in common, in the order in which that comes. */
export const apart = <T>(all: readonly T[], key: (each: T) => string): readonly (readonly T[])[] => {
  const parts = new Map<string, T[]>()
  for (const each of all) parts.set(key(each), [...(parts.get(key(each)) ?? []), each])
  return [...parts.values()]
}
