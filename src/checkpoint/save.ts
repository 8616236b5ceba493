/** save: writes a tree to a place. */

import { GradpipeError } from '../error.js'
import { left, right, type TaskEither } from '../fp.js'
import type { CheckpointOptions } from './description.js'
import { encodeAsync } from './encode.js'
import type { SaveResult } from './place/handler.js'
import { type Place, placeName, saveBytes } from './place/place.js'
import { type PlaceError, placeError } from './place/placeError.js'

/**
 * Why a checkpoint was not saved: the place did not take it, or the tree contains something that a file cannot hold.
 *
 * @category Places
 */
export type SaveError = PlaceError | GradpipeError

/**
 * Saves a tree: to a file, a browser's stores or downloads, a server, or any handler of TensorFlow.js.
 *
 * It saves the tree as it is when the task is run, like `encodeAsync`, with the same options; the tree is only read. The result is that of
 * TensorFlow.js's `model.save`. Nothing happens until the task is run, and it never rejects: a failure is a `Left`,
 * and what was in a file, IndexedDB or local storage before is still there. A file is written beside its place,
 * synced and renamed, so a crash at any moment leaves either the old file or the new one.
 *
 * The table of places is that of `Place`.
 *
 * @category Places
 * @example
 * ```ts
 * import { rmSync } from 'node:fs'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import * as E from 'fp-ts/lib/Either.js'
 * import { adam } from 'gradpipe'
 * import { load, save } from 'gradpipe/checkpoint'
 *
 * const file = join(tmpdir(), `example-${process.pid}.safetensors`)
 * const params = { w: Float32Array.of(1, 2) }
 * const run = { params, state: adam(0.1).init(params) }
 *
 * const saved = await save(file, run)()
 * assert.ok(E.isRight(saved))
 * assert.deepEqual(await load(file, run)(), E.right(run))
 * rmSync(file)
 * ```
 */
export const save =
  (place: Place, tree: unknown, given?: CheckpointOptions): TaskEither<SaveError, SaveResult> =>
  async () => {
    try {
      return right(await saveBytes(place, await encodeAsync(tree, given)))
    } catch (error) {
      return left(error instanceof GradpipeError ? error : placeError(placeName(place), error))
    }
  }
