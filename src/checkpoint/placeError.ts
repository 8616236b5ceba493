/**
 * Why a place did not take a checkpoint, or did not give one: expected failures, told as values.
 *
 * Inside of the places a failure is thrown, since the calls of browsers, Node and TensorFlow.js throw as well;
 * `save` and `load` turn whatever was thrown into one of these values.
 */

/** What is common to all of them. */
interface At {
  /** The place as it was given; `an IOHandler` stands for one that has no name. */
  readonly place: string
  /** The whole story, for people. */
  readonly message: string
}

/**
 * Why a place did not take a checkpoint, or did not give one.
 *
 * @category Places
 * @example
 * ```ts
 * import * as E from 'fp-ts/lib/Either.js'
 * import { load } from 'gradpipe/checkpoint'
 *
 * const nothing = await load('indexeddb://run')()
 * assert.ok(E.isLeft(nothing))
 * assert.equal(nothing.left._tag, 'Unsupported') // Node has no IndexedDB
 * ```
 */
export type PlaceError =
  /** Nothing here saves to (or loads from) such a place: no such scheme, no such browser feature, no plain file. */
  | (At & { readonly _tag: 'Unsupported' })
  /** Nothing is saved there, or the folder that should hold it does not exist. */
  | (At & { readonly _tag: 'NotFound' })
  /** A server answered with a status other than success (and other than 404 and 410, which are `NotFound`). */
  | (At & { readonly _tag: 'Refused'; readonly status: number })
  /** There is no room. What was saved there before is still there. */
  | (At & { readonly _tag: 'QuotaExceeded' })
  /** Anything else: no network, no permission, a disk that fails, a handler that throws. */
  | (At & { readonly _tag: 'Failed'; readonly cause: unknown })

/** A `PlaceError` on its way to `save` or `load`. */
export class Thrown extends Error {
  /** Carries the value. */
  constructor(readonly error: PlaceError) {
    super(error.message)
  }
}

const said = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** Makes an error whose message begins with the place. */
export const unsupported = (place: string, why: string): Thrown =>
  new Thrown({ _tag: 'Unsupported', place, message: `${place}: ${why}` })

/** Makes an error whose message begins with the place. */
export const notFound = (place: string, why: string): Thrown =>
  new Thrown({ _tag: 'NotFound', place, message: `${place}: ${why}` })

/** Makes an error whose message begins with the place. */
export const quotaExceeded = (place: string, cause: unknown): Thrown =>
  new Thrown({ _tag: 'QuotaExceeded', place, message: `${place}: there is no room; ${said(cause)}` })

/** What an answer of a server other than success means. */
export const refused = (place: string, { status, statusText, url }: Response): Thrown => {
  const answer = `${url === '' ? 'the server' : url} answered ${status} ${statusText}`.trimEnd()
  return status === 404 || status === 410
    ? notFound(place, answer)
    : new Thrown({ _tag: 'Refused', place, message: `${place}: ${answer}`, status })
}

/** The names by which systems and browsers tell of what we have a tag for. */
const tags: ReadonlyMap<unknown, typeof notFound | typeof quotaExceeded> = new Map([
  ['ENOENT', notFound],
  ['ENOTDIR', notFound],
  ['ENOSPC', quotaExceeded],
  ['EDQUOT', quotaExceeded],
  ['EFBIG', quotaExceeded],
  ['QuotaExceededError', quotaExceeded],
])

/** Whatever was thrown, as a value. */
export const placeError = (place: string, thrown: unknown): PlaceError => {
  if (thrown instanceof Thrown) return thrown.error
  const { code, name } = (thrown ?? {}) as { readonly code?: unknown; readonly name?: unknown }
  const known = tags.get(code) ?? tags.get(name)
  return (
    known?.(place, said(thrown)).error ?? {
      _tag: 'Failed',
      place,
      message: `${place}: ${said(thrown)}`,
      cause: thrown,
    }
  )
}
