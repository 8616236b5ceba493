/**
 * Why a place did not take a checkpoint, or did not return one: expected failures, as values.
 *
 * Inside of the places failures are thrown, since browsers, Node and TensorFlow.js throw too; `save` and `load` turn
 * anything thrown into one of these values.
 */

/**
 * Nothing here saves to (or loads from) such a place: no such scheme, no such feature of the browser, no plain file.
 *
 * @category Places
 */
export interface Unsupported {
  /** Tells the errors apart. */
  readonly _tag: 'Unsupported'
  /** The place as it was given; `an IOHandler` stands for a handler. */
  readonly place: string
  /** What a person reads. */
  readonly message: string
}

/**
 * Nothing is saved there, or the folder that should hold it does not exist.
 *
 * @category Places
 */
export interface NotFound {
  /** Tells the errors apart. */
  readonly _tag: 'NotFound'
  /** The place as it was given; `an IOHandler` stands for a handler. */
  readonly place: string
  /** What a person reads. */
  readonly message: string
}

/**
 * A server answered with a status other than success (and other than 404 and 410, which are `NotFound`).
 *
 * @category Places
 */
export interface Refused {
  /** Tells the errors apart. */
  readonly _tag: 'Refused'
  /** The place as it was given; `an IOHandler` stands for a handler. */
  readonly place: string
  /** The status of HTTP. */
  readonly status: number
  /** What a person reads. */
  readonly message: string
}

/**
 * There is no room. What was saved there before is still there.
 *
 * @category Places
 */
export interface QuotaExceeded {
  /** Tells the errors apart. */
  readonly _tag: 'QuotaExceeded'
  /** The place as it was given; `an IOHandler` stands for a handler. */
  readonly place: string
  /** What a person reads. */
  readonly message: string
}

/**
 * Anything else: no network, no permission, a disk that fails, a handler that throws.
 *
 * @category Places
 */
export interface Failed {
  /** Tells the errors apart. */
  readonly _tag: 'Failed'
  /** The place as it was given; `an IOHandler` stands for a handler. */
  readonly place: string
  /** What was thrown. */
  readonly cause: unknown
  /** What a person reads. */
  readonly message: string
}

/**
 * Why a place did not take a checkpoint, or did not return one.
 *
 * @category Places
 * @example
 * ```ts
 * import * as E from 'fp-ts/lib/Either.js'
 * import { load } from 'gradpipe/checkpoint'
 *
 * const nothing = await load('indexeddb://run')()
 * assert.ok(E.isLeft(nothing))
 * const expected = 'indexedDB' in globalThis ? 'NotFound' : 'Unsupported' // as in Node
 * assert.equal(nothing.left._tag, expected)
 * ```
 */
export type PlaceError = Unsupported | NotFound | Refused | QuotaExceeded | Failed

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

/** The meaning of a server's answer that is not a success. */
export const refused = (place: string, { status, statusText, url }: Response): Thrown => {
  const answer = `${url === '' ? 'the server' : url} answered ${status} ${statusText}`.trimEnd()
  return status === 404 || status === 410
    ? notFound(place, answer)
    : new Thrown({ _tag: 'Refused', place, message: `${place}: ${answer}`, status })
}

/** The names that systems and browsers use for failures that have a tag here. */
const tags: ReadonlyMap<unknown, typeof notFound | typeof quotaExceeded> = new Map([
  ['ENOENT', notFound],
  ['ENOTDIR', notFound],
  ['ENOSPC', quotaExceeded],
  ['EDQUOT', quotaExceeded],
  ['EFBIG', quotaExceeded],
  ['QuotaExceededError', quotaExceeded],
])

/** Turns anything thrown into a value. */
export const placeError = (place: string, thrown: unknown): PlaceError => {
  if (thrown instanceof Thrown) return thrown.error
  // anything can be thrown, and anything but null and undefined has properties
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
