/** encode, encodeAsync: turn a tree into bytes. */
import { GradpipeError } from '../error.js'
import { readBytes, readBytesLater } from '../host/tfjs/bytes.js'
import { isTensor } from '../host/tfjs/tensor.js'
import { leaves } from '../tree/tree.js'
import { type CheckpointOptions, descriptionIn } from './description.js'
import { inFileOrder } from './format/bytes.js'
import { namesOf } from './format/names.js'
import { writeOutline } from './format/outline.js'
import { type Entry, layOut, MAX_HEADER, place } from './format/safetensors.js'
import { Stored, survey } from './format/survey.js'
import { metadataOf, versionOf } from './format/version.js'

/** A leaf and its place in the file. */
interface Slot extends Entry {
  readonly stored: Stored
}

interface Layout {
  readonly slots: readonly Slot[]
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly data: Uint8Array<ArrayBuffer>
}

const prepare = (name: string, tree: unknown, given: CheckpointOptions | undefined): Layout => {
  const description = descriptionIn(name, given)
  const outline = survey('tree', tree, 'alive')
  const stored = leaves(outline).flatMap(([, leaf]) => (leaf instanceof Stored ? [leaf] : []))
  const names = namesOf(stored.map(({ path }) => path))
  const slots = place(
    stored.map((leaf, i) => ({ name: names[i] ?? '', dtype: leaf.dtype, shape: leaf.shape, stored: leaf })),
  )
  const { bytes, data } = layOut(slots, metadataOf(writeOutline(outline), versionOf(stored), description))
  if (bytes.length - data.length > MAX_HEADER)
    throw new GradpipeError(
      'InvalidArgument',
      'tree',
      `a tree whose names and numbers take ${MAX_HEADER} bytes of text at most`,
      'a larger tree; numbers in typed arrays or tensors take no text',
    )
  return { slots, bytes, data }
}

const put = (data: Uint8Array, { begin, end, stored }: Slot, values: Uint8Array): void => {
  data.set(values, begin)
  const elements = stored.shape.reduce((size, n) => size * n, 1)
  if (elements > 0) inFileOrder(data.subarray(begin, end), (end - begin) / elements)
}

/** A typed array's bytes; a tensor has none here. */
const bytesOfArray = (leaf: Stored['leaf']): Uint8Array =>
  ArrayBuffer.isView(leaf) ? new Uint8Array(leaf.buffer, leaf.byteOffset, leaf.byteLength) : new Uint8Array(0)

/**
 * Encodes a tree as the bytes of a safetensors file, which the Python library of that name reads too.
 *
 * The tree may be parameters, a state, or both in one record: records and arrays of tensors (float32, int32, bool),
 * typed arrays, ndarrays, numbers, strings, booleans, `null` and `undefined`. Tensors and arrays are in the file under
 * their paths, `0.mu.w`, with their shapes. Everything else is in the file's metadata, with every number to its last
 * bit. Each number is copied once; the tree is only read. With a `description`, the file says which transformation the
 * tree belongs to: {@link descriptionOf}.
 *
 * Throws `InvalidLeaf` for something that a file cannot hold (a function, an instance of a class, a tree that
 * contains itself), `DtypeMismatch` for a tensor of strings or complex numbers, and `Disposed`. The path is that of
 * the leaf, below `tree`. `InvalidArgument` for a `description` that is none.
 *
 * @category Checkpoints
 * @see safetensors, https://github.com/huggingface/safetensors
 * @example
 * ```ts
 * import * as E from 'fp-ts/lib/Either.js'
 * import { adam } from 'gradpipe'
 * import { decode, encode } from 'gradpipe/checkpoint'
 *
 * const params = { w: Float32Array.of(1, 2), b: 0.1 }
 * const bytes = encode({ params, state: adam(0.1).init(params) })
 * const saved = decode(bytes, { params, state: adam(0.1).init(params) })
 * assert.ok(E.isRight(saved))
 * assert.deepEqual(saved.right.params, params)
 * ```
 */
export const encode = (tree: unknown, given?: CheckpointOptions): Uint8Array<ArrayBuffer> => {
  const { slots, bytes, data } = prepare('encode', tree, given)
  for (const slot of slots) {
    const { leaf } = slot.stored
    put(data, slot, isTensor(leaf) ? readBytes(leaf) : bytesOfArray(leaf))
  }
  return bytes
}

/**
 * {@link encode} without blocking on the device, for WebGPU. It encodes the tree as it is at the call, and rejects
 * where `encode` would throw.
 *
 * @category Checkpoints
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs'
 * import { encode, encodeAsync } from 'gradpipe/checkpoint'
 * import 'gradpipe/tfjs'
 *
 * const params = { w: tf.tensor1d([1, 2]) }
 * assert.deepEqual(await encodeAsync(params), encode(params))
 * tf.dispose(params)
 * ```
 */
export const encodeAsync = async (
  tree: unknown,
  given?: CheckpointOptions,
): Promise<Uint8Array<ArrayBuffer>> => {
  const { slots, bytes, data } = prepare('encodeAsync', tree, given)
  await Promise.all(
    slots.map(async (slot) => {
      const { leaf } = slot.stored
      put(data, slot, isTensor(leaf) ? await readBytesLater(leaf) : bytesOfArray(leaf))
    }),
  )
  return bytes
}
