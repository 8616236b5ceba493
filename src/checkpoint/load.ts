/** load, loadOr: read a tree from a place. */

import { GradpipeError } from '../error.js'
import { left, right, type TaskEither } from '../fp.js'
import type { Tree } from '../tree/tree.js'
import { decode, type SavedLeaf } from './decode.js'
import type { CheckpointOptions } from './description.js'
import type { DecodeError } from './error.js'
import { loadBytes, type Place, placeName } from './place/place.js'
import { type PlaceError, placeError } from './place/placeError.js'

/**
 * Why a checkpoint was not loaded: the place did not return one, the bytes do not decode, or `like` is not a tree
 * that a file can hold.
 *
 * @category Places
 */
export type LoadError = PlaceError | DecodeError | GradpipeError

/**
 * Loads what `save` has saved, or any other safetensors file: the `decode` of the bytes in a place.
 *
 * With `like`, the tree must have its structure, kinds, dtypes and shapes, and the result has its type; with a
 * `description`, the file must not say that it belongs to another transformation. The content
 * tells a plain file from the `model.json` of TensorFlow.js's downloads and servers. Nothing happens until the task
 * is run, and it never rejects. Tensors in the result belong to the caller.
 *
 * The table of places is that of `Place`.
 *
 * @category Places
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs'
 * import * as E from 'fp-ts/lib/Either.js'
 * import { load, save } from 'gradpipe/checkpoint'
 * import 'gradpipe/tfjs'
 *
 * // any handler of TensorFlow.js is a place
 * let kept: tf.io.ModelArtifacts = {}
 * const memory: tf.io.IOHandler = {
 *   save: async (artifacts) => {
 *     kept = artifacts
 *     return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) }
 *   },
 *   load: async () => kept,
 * }
 *
 * const nothing = await load(memory)()
 * assert.ok(E.isLeft(nothing) && nothing.left._tag === 'Truncated')
 *
 * await save(memory, { step: 3, w: Float32Array.of(1) })()
 * assert.deepEqual(await load(memory)(), E.right({ step: 3, w: Float32Array.of(1) }))
 * ```
 */
export function load(
  place: Place,
  like?: undefined,
  given?: CheckpointOptions,
): TaskEither<LoadError, Tree<SavedLeaf>>
export function load<T>(place: Place, like: T, given?: CheckpointOptions): TaskEither<LoadError, T>
export function load(
  place: Place,
  like?: unknown,
  given?: CheckpointOptions,
): TaskEither<LoadError, unknown> {
  return async () => {
    try {
      const bytes = await loadBytes(place)
      return decode(bytes, like, given)
    } catch (error) {
      return left(error instanceof GradpipeError ? error : placeError(placeName(place), error))
    }
  }
}

/**
 * Loads what is saved in a place, or starts afresh if nothing is there: it is `load(place, fresh)` with `fresh`
 * itself in place of a `NotFound`. Any other failure stays a failure, so a new start never overwrites a file that is
 * broken or belongs to another model.
 *
 * Nothing happens until the task is run, and it never rejects. Tensors of a loaded tree are new; the caller still has
 * to dispose `fresh` then.
 *
 * @category Places
 * @example
 * ```ts
 * import { rmSync } from 'node:fs'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import * as E from 'fp-ts/lib/Either.js'
 * import { loadOr, save } from 'gradpipe/checkpoint'
 *
 * const file = join(tmpdir(), `afresh-${process.pid}.safetensors`)
 * const fresh = { epoch: 0, w: Float64Array.of(1) }
 * assert.deepEqual(await loadOr(file, fresh)(), E.right(fresh))
 *
 * await save(file, { epoch: 1, w: Float64Array.of(2) })()
 * assert.deepEqual(await loadOr(file, fresh)(), E.right({ epoch: 1, w: Float64Array.of(2) }))
 * rmSync(file)
 * ```
 */
export const loadOr =
  <T>(place: Place, fresh: T, given?: CheckpointOptions): TaskEither<LoadError, T> =>
  async () => {
    const loaded = await load(place, fresh, given)()
    return loaded._tag === 'Left' && loaded.left._tag === 'NotFound' ? right(fresh) : loaded
  }
