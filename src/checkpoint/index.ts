/**
 * gradpipe/checkpoint: state trees as bytes, and back.
 *
 * @module gradpipe/checkpoint
 */

export { decode, type SavedLeaf } from './decode.js'
export { type CheckpointOptions, descriptionOf } from './description.js'
export { encode, encodeAsync } from './encode.js'
export type {
  BadHeader,
  BadTree,
  DecodeError,
  DoesNotMatch,
  NewerVersion,
  NotSafetensors,
  OtherTransformation,
  Truncated,
  UnsupportedDtype,
} from './error.js'
export type { Numbers } from './format/dtype.js'
export { type LoadError, load, loadOr } from './load.js'
export type { Artifacts, Handler, SaveResult } from './place/handler.js'
export type { Place } from './place/place.js'
export type { Failed, NotFound, PlaceError, QuotaExceeded, Refused, Unsupported } from './place/placeError.js'
export { type SaveError, save } from './save.js'
