/** Which numbers occur more than once: a hash table in a typed array, since this is asked of every tensor of a step. */

const table = { slots: new Int32Array(0), mask: 0 }

/** Clears the table, with room for so many numbers at half load. */
const clear = (count: number): void => {
  const size = 2 ** Math.ceil(Math.log2(2 * count + 2))
  if (table.slots.length < size) table.slots = new Int32Array(size)
  else table.slots.fill(0, 0, size)
  table.mask = size - 1
}

/** Puts a positive number in; whether it was there before. */
const insert = (value: number): boolean => {
  const { slots, mask } = table
  // Knuth's multiplicative hash: neighbours, which ids are, land far apart
  for (let place = Math.imul(value, 0x9e3779b1) & mask; ; place = (place + 1) & mask) {
    if (slots[place] === value) return true
    if (slots[place] === 0) {
      slots[place] = value
      return false
    }
  }
}

const none: ReadonlySet<number> = new Set()

/** Those of some positive 32-bit integers that occur more than once. */
export const repeated = (columns: readonly (readonly number[])[]): ReadonlySet<number> => {
  clear(columns.reduce((sum, { length }) => sum + length, 0))
  let found: Set<number> | undefined
  for (const column of columns)
    for (const value of column)
      if (insert(value)) {
        found ??= new Set()
        found.add(value)
      }
  return found ?? none
}
