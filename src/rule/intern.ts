/** Interning: equal things are the same object, for as long as anybody holds it. */

/** A table of things by keys that say all that matters of them. */
export const interner = <T extends object>(): (<N extends T>(key: string, make: () => N) => N) => {
  const table = new Map<string, WeakRef<T>>()
  const forget = new FinalizationRegistry<string>((key) => {
    if (table.get(key)?.deref() === undefined) table.delete(key)
  })
  return <N extends T>(key: string, make: () => N): N => {
    const known = table.get(key)?.deref()
    // one key belongs to one kind of thing, so that what is found under it is an N
    if (known !== undefined) return known as N
    const made = make()
    Object.freeze(made)
    table.set(key, new WeakRef<T>(made))
    forget.register(made, key)
    return made
  }
}
