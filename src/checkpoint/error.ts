/** DecodeError: why bytes do not decode, for programs to react to and people to read. */

/**
 * The bytes are no safetensors file: another format, an empty page of a server.
 *
 * @category Checkpoints
 */
export interface NotSafetensors {
  /** Tells the errors apart. */
  readonly _tag: 'NotSafetensors'
  /** What a person reads. */
  readonly message: string
}

/**
 * The file ends too early: a download or a copy was cut off.
 *
 * @category Checkpoints
 */
export interface Truncated {
  /** Tells the errors apart. */
  readonly _tag: 'Truncated'
  /** How many bytes the file should have, as far as can be told from what is there. */
  readonly expected: number
  /** How many it has. */
  readonly given: number
  /** What a person reads. */
  readonly message: string
}

/**
 * The header breaks the format: no JSON, offsets with gaps, a shape that its bytes do not fill.
 *
 * @category Checkpoints
 */
export interface BadHeader {
  /** Tells the errors apart. */
  readonly _tag: 'BadHeader'
  /** What a person reads. */
  readonly message: string
}

/**
 * A tensor of a dtype that has no counterpart here: 8 bits of floating point, complex numbers.
 *
 * @category Checkpoints
 */
export interface UnsupportedDtype {
  /** Tells the errors apart. */
  readonly _tag: 'UnsupportedDtype'
  /** The tensor's name in the file. */
  readonly name: string
  /** Its dtype, as the format names it. */
  readonly dtype: string
  /** What a person reads. */
  readonly message: string
}

/**
 * A later release of gradpipe wrote the file, in a form that this one does not know.
 *
 * @category Checkpoints
 */
export interface NewerVersion {
  /** Tells the errors apart. */
  readonly _tag: 'NewerVersion'
  /** The form's version. */
  readonly version: number
  /** The latest one that this release reads. */
  readonly supported: number
  /** What a person reads. */
  readonly message: string
}

/**
 * The file is a safetensors file that gradpipe wrote, but somebody has changed it: what it says about the tree does
 * not match its tensors.
 *
 * @category Checkpoints
 */
export interface BadTree {
  /** Tells the errors apart. */
  readonly _tag: 'BadTree'
  /** What a person reads. */
  readonly message: string
}

/**
 * The file is sound, but holds another tree than expected: another model, another optimizer.
 *
 * @category Checkpoints
 */
export interface DoesNotMatch {
  /** Tells the errors apart. */
  readonly _tag: 'DoesNotMatch'
  /** The first place that differs, in the alphabetical order of keys. */
  readonly path: string
  /** What should stand there. */
  readonly expected: string
  /** What the file has there. */
  readonly given: string
  /** What a person reads. */
  readonly message: string
}

/**
 * The file says that it belongs to another transformation than the one that is described.
 *
 * @category Checkpoints
 */
export interface OtherTransformation {
  /** Tells the errors apart. */
  readonly _tag: 'OtherTransformation'
  /** The first place at which the descriptions differ, `$.args[1].b1`. */
  readonly path: string
  /** What the description has there that was given. */
  readonly expected: string
  /** What the file's has. */
  readonly given: string
  /** What a person reads. */
  readonly message: string
}

/**
 * Why bytes could not be decoded.
 *
 * @category Checkpoints
 */
export type DecodeError =
  | NotSafetensors
  | Truncated
  | BadHeader
  | UnsupportedDtype
  | NewerVersion
  | BadTree
  | DoesNotMatch
  | OtherTransformation

// constructors

/** The bytes are something else. */
export const notSafetensors = (what: string): DecodeError => ({
  _tag: 'NotSafetensors',
  message: `not a safetensors file: ${what}`,
})

/** The file ends too early. */
export const truncated = (expected: number, given: number): DecodeError => ({
  _tag: 'Truncated',
  expected,
  given,
  message: `the file is cut off: expected ${expected} bytes or more, given ${given}`,
})

/** The header breaks the format. */
export const badHeader = (what: string): DecodeError => ({
  _tag: 'BadHeader',
  message: `bad safetensors header: ${what}`,
})

/** No leaf can hold such numbers. */
export const unsupportedDtype = (name: string, dtype: string): DecodeError => ({
  _tag: 'UnsupportedDtype',
  name,
  dtype,
  message: `${name}: nothing in JavaScript holds a tensor of ${dtype} without loss`,
})

/** A later release wrote it. */
export const newerVersion = (version: number, supported: number): DecodeError => ({
  _tag: 'NewerVersion',
  version,
  supported,
  message: `a later gradpipe wrote this file: its form is ${version}, this release reads ${supported} at most`,
})

/** Tree and tensors do not match. */
export const badTree = (what: string): DecodeError => ({
  _tag: 'BadTree',
  message: `the tree in the file's metadata does not hold: ${what}`,
})

/** Another tree is expected. */
export const doesNotMatch = (path: string, expected: string, given: string): DecodeError => ({
  _tag: 'DoesNotMatch',
  path,
  expected,
  given,
  message: `${path === '' ? '' : `${path}: `}expected ${expected}, given ${given} in the file`,
})

/** It belongs to another transformation. */
export const otherTransformation = (path: string, expected: string, given: string): DecodeError => ({
  _tag: 'OtherTransformation',
  path,
  expected,
  given,
  message: `${path}: expected ${expected}, given ${given} in the file, which belongs to another transformation`,
})
