/** Reads the values of a description: of the kind that is wanted, or refused with the place where it stands. */
import { shown } from '../options.js'
import { entryOf, numbers, type Place, refused } from './json.js'

/** The entries of a record, which has these keys and no others. */
export const recordAt = (
  value: unknown,
  place: Place,
  keys?: readonly string[],
): ReadonlyMap<string, unknown> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refused(place, 'a record', shown(value))
  const entries = new Map<string, unknown>(Object.entries(value))
  if (entries.has('__proto__')) throw refused(entryOf(place, '__proto__'), 'another name', '"__proto__"')
  for (const key of keys ?? [])
    if (!entries.has(key)) throw refused(entryOf(place, key), 'an entry', 'nothing')
  for (const key of keys === undefined ? [] : entries.keys())
    if (!keys?.includes(key)) throw refused(entryOf(place, key), `one of ${keys?.join(', ')}`, shown(key))
  return entries
}

/** The entries of a list. */
export const listAt = (value: unknown, place: Place): readonly unknown[] => {
  if (!Array.isArray(value)) throw refused(place, 'a list', shown(value))
  return value
}

/** A text. */
export const textAt = (value: unknown, place: Place): string => {
  if (typeof value !== 'string') throw refused(place, 'a text', shown(value))
  return value
}

/** A number, one that JSON has no word for too. */
export const numberAt = (value: unknown, place: Place): number => {
  if (typeof value === 'number') return value
  const word = recordAt(value, place, ['$number']).get('$number')
  const number = typeof word === 'string' ? numbers.get(word) : undefined
  if (number !== undefined) return number
  throw refused(`${place}.$number`, `one of ${[...numbers.keys()].join(', ')}`, shown(word))
}

/** One of some words. */
export const wordAt = <W extends string>(
  words: Readonly<Record<W, true>>,
  value: unknown,
  place: Place,
): W => {
  // a key of the record is one of its words
  if (typeof value === 'string' && Object.hasOwn(words, value)) return value as W
  throw refused(place, `one of ${Object.keys(words).join(', ')}`, shown(value))
}
