/** load, loadOr: a tree out of a place. */

import { GradpipeError } from '../error.js'
import { left, right, type TaskEither } from '../fp.js'
import type { Tree } from '../tree/tree.js'
import { decode, type SavedLeaf } from './decode.js'
import type { DecodeError } from './error.js'
import { loadBytes, type Place, placeName } from './place/place.js'
import { type PlaceError, placeError } from './place/placeError.js'

/**
 * Why a checkpoint was not loaded: the place did not give one, what it gave does not decode, or `like` is not a tree
 * that a file can hold.
 *
 * @category Places
 */
export type LoadError = PlaceError | DecodeError | GradpipeError

/**
 * Loads what `save` has saved, or any other safetensors file: `decode` of the bytes in a place.
 *
 * With `like`, the tree must have its structure, kinds, dtypes and shapes, and the result has its type. Whether there
 * is a plain file or the `model.json` of TensorFlow.js's downloads and servers is told by what is in it. Nothing
 * happens before the task is run, and it never rejects. Tensors in the result are the caller's.
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
export function load(place: Place): TaskEither<LoadError, Tree<SavedLeaf>>
export function load<T>(place: Place, like: T): TaskEither<LoadError, T>
export function load(place: Place, like?: unknown): TaskEither<LoadError, unknown> {
  return async () => {
    try {
      const bytes = await loadBytes(place)
      return like === undefined ? decode(bytes) : decode(bytes, like)
    } catch (error) {
      return left(error instanceof GradpipeError ? error : placeError(placeName(place), error))
    }
  }
}

/**
 * Loads what is saved in a place, or starts afresh where nothing is: `load(place, fresh)`, and `fresh` itself in the
 * place of a `NotFound`. Any other failure stays one, so that a file that is broken, or of another model, is never
 * overwritten by a new start.
 *
 * Nothing happens before the task is run, and it never rejects. Tensors of a tree that was loaded are new, and `fresh`
 * is then still the caller's to dispose.
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
  <T>(place: Place, fresh: T): TaskEither<LoadError, T> =>
  async () => {
    const loaded = await load(place, fresh)()
    return loaded._tag === 'Left' && loaded.left._tag === 'NotFound' ? right(fresh) : loaded
  }
