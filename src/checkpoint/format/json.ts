/**
 * JSON from strangers: finds what `JSON.parse` hides or fails on before it runs.
 *
 * `JSON.parse` silently takes the last of two members with one key, and in some engines it overflows the stack on
 * `[[[[…`. Reading the text once shows both: a colon outside of strings is a member.
 */
import { type Either, left, right } from '../../fp.js'

const [QUOTE, BACKSLASH, COLON] = [0x22, 0x5c, 0x3a]
const [BRACKET, CLOSING_BRACKET, BRACE, CLOSING_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d]

interface Scan {
  /** How deep it is nested. */
  readonly depth: number
  /** How many members its objects are written with. */
  readonly members: number
}

const scan = (text: string): Scan => {
  let [depth, deepest, members, inString] = [0, 0, 0, false]
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (inString) {
      if (code === BACKSLASH) i++
      else if (code === QUOTE) inString = false
    } else if (code === QUOTE) inString = true
    else if (code === COLON) members++
    else if (code === BRACKET || code === BRACE) deepest = Math.max(deepest, ++depth)
    else if (code === CLOSING_BRACKET || code === CLOSING_BRACE) depth--
  }
  return { depth: deepest, members }
}

const membersOf = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 0
  const below: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
  let members = Array.isArray(value) ? 0 : below.length
  for (const child of below) members += membersOf(child)
  return members
}

/** Parses JSON up to a depth of nesting; a `Left` says what is wrong with it. */
export const parseJson = (text: string, maxDepth: number): Either<string, unknown> => {
  const { depth, members } = scan(text)
  if (depth > maxDepth) return left(`nested ${depth} deep, ${maxDepth} at most`)
  try {
    const value: unknown = JSON.parse(text)
    return members === membersOf(value) ? right(value) : left('two members of one object have the same key')
  } catch {
    return left('no JSON')
  }
}

/** Whether a parsed value is an object, and not an array. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
