/** Interning and memory: equal things are the same object, for as long as anybody holds it. */

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

/** What was made for keys. */
interface Known<K, V> {
  readonly get: (key: K) => V | undefined
  readonly set: (key: K, value: V) => unknown
}

/** A function that computes once for each key, as long as what it made is known. */
const once =
  <K, V>(known: Known<K, V>, make: (key: K) => V): ((key: K) => V) =>
  (key) => {
    const before = known.get(key)
    if (before !== undefined) return before
    const value = make(key)
    known.set(key, value)
    return value
  }

/** A function of an object that computes once for each; what it made is held as long as the object is. */
export const remember = <K extends object, V>(make: (key: K) => V): ((key: K) => V) =>
  once(new WeakMap<K, V>(), make)

/** A function of a number, a flag or a name of which there are few, which computes once for each. */
export const rememberFew = <K extends string | number | boolean, V>(make: (key: K) => V): ((key: K) => V) =>
  once(new Map<K, V>(), make)

/** A function of an object and a name that computes once for each pair. */
export const rememberNamed = <K extends object, V>(
  make: (key: K, name: string) => V,
): ((key: K, name: string) => V) => {
  const ofKey = remember((key: K) => rememberFew((name: string) => make(key, name)))
  return (key, name) => ofKey(key)(name)
}
