/** Names for slots, scalars and locals in Python: short ones, no two the same, none that means something else. */

const reserved = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except finally for from global ' +
    'if import in is lambda nonlocal not or pass raise return try while with yield match case type ' +
    'abs float int len list map max min pow range round set sum tuple zip'
  ).split(' '),
)

/** A word in Python's manner: `weightDecay` is `weight_decay`. */
const inSnakeCase = (word: string): string => {
  const snake = word
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z\d_]/g, '_')
  return /^[a-z_]/.test(snake) ? snake : `_${snake}`
}

/** The last part of a place that is a word, with the indices that follow it: `r.0` of `state.r.0`. */
const lastWord = (place: string): string => {
  const parts = place.split('.')
  const word = parts.length - 1 - [...parts].reverse().findIndex((part) => !/^\d+$/.test(part))
  return parts.slice(Math.max(word, 0)).join('_')
}

/** Gives out names, each once. */
export class Names {
  readonly #taken: Set<string>

  constructor(taken: Iterable<string>) {
    this.#taken = new Set([...reserved, ...taken])
  }

  /** A name like the last word of a place, which nobody else has. */
  of(place: string): string {
    return this.fresh(inSnakeCase(lastWord(place)))
  }

  /** A name like this one, which nobody else has. */
  fresh(like: string): string {
    let name = like
    for (let i = 2; this.#taken.has(name); i++) name = `${like}_${i}`
    this.#taken.add(name)
    return name
  }

  /** The first of `x1`, `x2` and so on that nobody has. */
  numbered(letter: string): string {
    let i = 1
    while (this.#taken.has(`${letter}${i}`)) i++
    return this.fresh(`${letter}${i}`)
  }
}
