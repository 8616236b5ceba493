/**
 * Outline: a tree without the numbers of its larger leaves, and how it is written as text.
 *
 * Records, arrays and `null` are those of JSON, and so are numbers and booleans. A string in it is a word: `tensor` or
 * a kind of typed array, whose numbers stand in the file under the name of its path; a number that JSON has not; or a
 * string leaf, after an equals sign.
 */
import { type Either, right } from '../../fp.js'
import type { Path } from '../../tree/path.js'
import { isArray, isBranch, type Tree } from '../../tree/tree.js'
import { isObject, parseJson } from './json.js'

// model

/** Replaces a leaf whose numbers are in the file. It is a class, so that it is a leaf itself. */
export class Kind {
  constructor(
    /** `tensor`, or the name of a typed array. */
    readonly name: string,
  ) {}
}

/** A leaf that the outline itself holds. */
export type Plain = number | boolean | string | undefined

/** A tree in which an `S` describes each larger leaf. */
export type Outline<S> = Tree<S | Plain>

/** How deep a tree may be: far deeper than models are, and shallow enough for any stack. */
export const MAX_DEPTH = 256

const words: ReadonlyMap<string, Plain> = new Map<string, Plain>([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
  ['undefined', undefined],
])

/** The prefix of a string leaf, which makes it different from every word. */
const TEXT = '='

// as text

const toJson = (node: Outline<Kind>): unknown => {
  if (typeof node === 'string') return TEXT + node
  if (typeof node === 'number' && Object.is(node, -0)) return '-0'
  if (node === undefined || (typeof node === 'number' && !Number.isFinite(node))) return String(node)
  if (node instanceof Kind) return node.name
  if (node === null || !isBranch(node)) return node
  return isArray(node)
    ? node.map(toJson)
    : Object.fromEntries(Object.entries(node).map(([key, child]) => [key, toJson(child)]))
}

/** Writes an outline as text. */
export const writeOutline = (outline: Outline<Kind>): string => JSON.stringify(toJson(outline))

const fromJson = (json: unknown): Outline<Kind> => {
  if (typeof json === 'string') {
    if (json.startsWith(TEXT)) return json.slice(TEXT.length)
    return words.has(json) ? words.get(json) : new Kind(json)
  }
  // a number that JSON has and JavaScript does not have: no kind has this name
  if (typeof json === 'number') return Number.isFinite(json) ? json : new Kind(String(json))
  if (Array.isArray(json)) return json.map(fromJson)
  if (isObject(json))
    return Object.fromEntries(Object.entries(json).map(([key, child]) => [key, fromJson(child)]))
  return typeof json === 'boolean' ? json : null
}

/** Reads the outline from a text, or says what is wrong with the text. An unknown word counts as a kind. */
export const readOutline = (text: string): Either<string, Outline<Kind>> => {
  const json = parseJson(text, MAX_DEPTH)
  return json._tag === 'Left' ? json : right(fromJson(json.right))
}

// combinators

/** Replaces each leaf that the outline does not hold. */
export const fillOutline = <K extends Kind, A>(
  outline: Outline<K>,
  make: (kind: K) => A,
): Tree<A | Plain> => {
  if (outline instanceof Kind) return make(outline)
  if (outline === null || !isBranch<K | Plain>(outline)) return outline
  return isArray(outline)
    ? outline.map((child) => fillOutline(child, make))
    : Object.fromEntries(Object.entries(outline).map(([key, child]) => [key, fillOutline(child, make)]))
}

/**
 * The leaves that the outline does not hold, with their paths; `undefined` where those, printed, are longer than
 * `limit` characters together. A short text can tell of paths that are very long together.
 */
export const pathsIn = <K extends Kind>(
  outline: Outline<K>,
  limit: number,
): readonly (readonly [kind: K, path: Path])[] | undefined => {
  const found: (readonly [K, Path])[] = []
  const path: (string | number)[] = []
  let [length, left] = [0, limit]
  const visit = (node: Outline<K>): void => {
    if (node instanceof Kind) {
      left -= length + Math.max(path.length - 1, 0)
      if (left >= 0) found.push([node, [...path]])
    } else if (node !== null && isBranch<K | Plain>(node)) {
      // an array's length is what text it takes: no list of its keys is made
      if (isArray(node)) for (let i = 0; i < node.length && left >= 0; i++) enter(i, node[i])
      else for (const [key, child] of Object.entries(node)) if (left >= 0) enter(key, child)
    }
  }
  const enter = (key: string | number, child: Outline<K>): void => {
    if (typeof child !== 'object' || child === null) return
    const own = String(key).length
    path.push(key)
    length += own
    visit(child)
    length -= own
    path.pop()
  }
  visit(outline)
  return left < 0 ? undefined : found
}
