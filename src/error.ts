/**
 * The one error that a caller's mistake raises.
 *
 * It is thrown before anything is allocated, assigned or counted: parameters, state and variables are as
 * they were.
 */
import { type Either, left, right } from './fp.js'

/**
 * What kind of mistake it was.
 *
 * @category Errors
 */
export type ErrorTag =
  /** Two trees that should have the same structure differ. */
  | 'TreeMismatch'
  /** Two leaves that should have the same shape differ. */
  | 'ShapeMismatch'
  /** A leaf has a dtype, or is of a kind, that does not fit. */
  | 'DtypeMismatch'
  /** Something in a tree is neither a leaf, nor `null`, nor an array, nor a plain record. */
  | 'InvalidLeaf'
  /** The transformation reads the parameters, and `update` was not given them. */
  | 'MissingParams'
  /** An extra argument that `update` needs was not given. */
  | 'MissingArgument'
  /** A tensor or variable was disposed before. */
  | 'Disposed'
  /** An argument or option is out of its range, of a wrong type, or unknown. */
  | 'InvalidArgument'
  /** As many gradients as trainable variables are expected. */
  | 'GradientCount'
  /** Two variables of one collection have the same name. */
  | 'DuplicateName'
  /** The WebGPU device is gone, and with it all tensors that were not read back. */
  | 'DeviceLost'

/**
 * A mistake of the caller: what was expected where, and what was given.
 *
 * @category Errors
 * @example
 * ```ts
 * import { GradpipeError, sgd } from 'gradpipe'
 *
 * const tx = sgd(0.1)
 * try {
 *   tx.update({ w: 1 }, tx.init({ w: 0 }), { v: 0 })
 * } catch (error) {
 *   if (!(error instanceof GradpipeError)) throw error
 *   assert.equal(error._tag, 'TreeMismatch')
 *   assert.equal(error.path, 'grads.v')
 * }
 * ```
 */
export class GradpipeError extends Error {
  /** The kind of mistake. */
  readonly _tag: ErrorTag
  /** Where: the path of a leaf (`params.encoder.0.kernel`), or the name of a function and its option. */
  readonly path: string
  /** What would have been right. */
  readonly expected: string
  /** What was there. */
  readonly given: string

  /** Builds the message from its four parts. */
  constructor(tag: ErrorTag, path: string, expected: string, given: string) {
    super(`${path === '' ? '' : `${path}: `}expected ${expected}, given ${given}`)
    this.name = 'GradpipeError'
    this._tag = tag
    this.path = path
    this.expected = expected
    this.given = given
  }
}

/** What is made, or the error of the library that is thrown: `tryCatch` of fp-ts. What is no caller's mistake is thrown on. */
export const tryCatch = <T>(make: () => T): Either<GradpipeError, T> => {
  try {
    return right(make())
  } catch (error) {
    if (error instanceof GradpipeError) return left(error)
    throw error
  }
}
