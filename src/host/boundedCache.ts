/** A cache of compiled kernels that does not grow without end. */

/**
 * A table of at most `capacity` things by name; what was not asked for the longest is forgotten first, and made
 * again when it is asked for.
 */
export const boundedCache = <V>(capacity: number): ((name: string, make: () => V) => V) => {
  const table = new Map<string, V>()
  return (name, make) => {
    const known = table.get(name)
    const value = known ?? make()
    // a Map keeps the order of insertion: the first is the oldest
    table.delete(name)
    table.set(name, value)
    const [oldest] = table.keys()
    if (table.size > capacity && oldest !== undefined) table.delete(oldest)
    return value
  }
}
