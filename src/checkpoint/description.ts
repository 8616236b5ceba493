/** What a file says of the transformation that its tree belongs to. */
import { type Description, entryOf } from '../describe/json.js'
import { GradpipeError } from '../error.js'
import { type Either, left, right } from '../fp.js'
import { options, shown } from '../options.js'
import { badTree, type DecodeError, otherTransformation } from './error.js'
import { isObject, parseJson } from './format/json.js'
import { type Container, readContainer } from './format/safetensors.js'
import { DESCRIPTION_KEY } from './format/version.js'

/**
 * Options of what writes and reads checkpoints.
 *
 * @category Checkpoints
 */
export interface CheckpointOptions {
  /**
   * What `describe` says of the transformation that the tree belongs to. It is written into the file's metadata; when
   * read, a file that says something else is refused, and one that says nothing is taken.
   */
  readonly description?: Description
}

/** A description's calls have arguments, which are lists: so many levels of JSON may it have. */
const DEEPEST = 1000

/** The description that is asked for. Throws `InvalidArgument` for what is none. */
export const descriptionIn = (
  name: string,
  given: CheckpointOptions | undefined,
): Description | undefined => {
  const { description } = options(name, { description: undefined }, given)
  if (description !== undefined && !(isObject(description) && 'gradpipe' in description))
    throw new GradpipeError(
      'InvalidArgument',
      `${name}.description`,
      'what describe has on its right',
      shown(description),
    )
  return description
}

const read = ({ metadata }: Container): Either<DecodeError, Description | undefined> => {
  const text = metadata.get(DESCRIPTION_KEY)
  if (text === undefined) return right(undefined)
  const parsed = parseJson(text, DEEPEST)
  // JSON is what a description is made of
  return parsed._tag === 'Left'
    ? left(badTree(`${DESCRIPTION_KEY}: ${parsed.left}`))
    : right(parsed.right as Description)
}

type Difference = readonly [place: string, expected: unknown, given: unknown]

/** The first place at which two descriptions differ, in the alphabetical order of keys. */
const difference = (expected: unknown, given: unknown, place: string): Difference | undefined => {
  const [a, b] = [expected, given]
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < Math.max(a.length, b.length); i++) {
      const found = difference(a[i], b[i], `${place}[${i}]`)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (isObject(a) && isObject(b)) {
    for (const key of [...new Set([...Object.keys(a), ...Object.keys(b)])].sort()) {
      const found = difference(a[key], b[key], entryOf(place, key))
      if (found !== undefined) return found
    }
    return undefined
  }
  return a === b ? undefined : [place, a, b]
}

const inWords = (value: unknown): string => {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}

/** Why a file belongs to another transformation than this one. */
export const mismatch = (
  container: Container,
  expected: Description | undefined,
): DecodeError | undefined => {
  if (expected === undefined) return undefined
  const given = read(container)
  if (given._tag === 'Left') return given.left
  if (given.right === undefined) return undefined
  const found = difference(expected, given.right, '$')
  return found && otherTransformation(found[0], inWords(found[1]), inWords(found[2]))
}

/**
 * What a file says of the transformation that its tree belongs to: the description that `encode` was given, of which
 * `fromDescription` makes the transformation. `undefined` where it says nothing.
 *
 * The bytes may come from anywhere: what is wrong with them is a `Left`.
 *
 * @category Checkpoints
 * @example
 * ```ts
 * import * as E from 'fp-ts/lib/Either.js'
 * import { pipe } from 'fp-ts/lib/function.js'
 * import { adam, describe, fromDescription } from 'gradpipe'
 * import { decode, descriptionOf, encode } from 'gradpipe/checkpoint'
 *
 * const [tx, params] = [adam(0.1, { b1: 0.8 }), { w: 1 }]
 * const described = describe(tx)
 * if (E.isLeft(described)) throw described.left
 * const bytes = encode({ params, state: tx.init(params) }, { description: described.right })
 *
 * // elsewhere: the file alone says which optimizer goes on
 * const read = pipe(descriptionOf(bytes), E.flatMap((description) => fromDescription(description)))
 * assert.ok(E.isRight(read))
 * const saved = decode(bytes, { params, state: read.right.init(params) })
 * assert.ok(E.isRight(saved))
 * ```
 */
export const descriptionOf = (bytes: Uint8Array): Either<DecodeError, Description | undefined> => {
  if (!(bytes instanceof Uint8Array))
    throw new GradpipeError('InvalidArgument', 'descriptionOf', 'a Uint8Array', shown(bytes))
  const container = readContainer(bytes)
  return container._tag === 'Left' ? container : read(container.right)
}
