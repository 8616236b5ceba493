/** decode: turns bytes back into a tree, or says why it cannot. */

import type { Description } from '../describe/json.js'
import { GradpipeError } from '../error.js'
import { type Either, left, right } from '../fp.js'
import { shown } from '../options.js'
import { disposingOnError } from '../program/dispose.js'
import type { AnyTensor } from '../rule/leaf.js'
import type { NdArray } from '../rule/ndarray.js'
import { type Path, showPath } from '../tree/path.js'
import { leaves, mapWithPath, type Tree } from '../tree/tree.js'
import { type CheckpointOptions, descriptionIn, mismatch } from './description.js'
import { badTree, type DecodeError, doesNotMatch, newerVersion, unsupportedDtype } from './error.js'
import { NDARRAY, type Numbers } from './format/dtype.js'
import { describe, matched } from './format/match.js'
import { namesOf } from './format/names.js'
import { fillOutline, type Kind, type Outline, type Plain, pathsIn, readOutline } from './format/outline.js'
import { expectMakeable, makeLeaf, Placed, placeAs, placeFreely, placeNumber } from './format/placed.js'
import { type Container, readContainer } from './format/safetensors.js'
import { Stored, survey } from './format/survey.js'
import { TREE_KEY, VERSION, VERSION_KEY } from './format/version.js'

/**
 * A leaf of a saved tree; tensors only if `gradpipe/tfjs` is imported.
 *
 * @category Checkpoints
 */
export type SavedLeaf = AnyTensor | NdArray | Numbers | number | string | boolean | undefined

type Read = Either<DecodeError, Outline<Placed>>

const hasAxes = ({ name }: Kind): boolean => name === 'tensor' || name === NDARRAY

/** The tree of a file that gradpipe wrote. */
const ownTree = ({ entries, metadata }: Container, version: string): Read => {
  if (!/^[1-9]\d{0,8}$/.test(version)) return left(badTree(`${VERSION_KEY} is no version`))
  if (Number(version) > VERSION) return left(newerVersion(Number(version), VERSION))
  const text = metadata.get(TREE_KEY)
  if (text === undefined) return left(badTree(`there is no ${TREE_KEY}`))
  const outline = readOutline(text)
  if (outline._tag === 'Left') return left(badTree(`${TREE_KEY}: ${outline.left}`))
  const limit = entries.reduce((length, { name }) => length + name.length, 0)
  const found = pathsIn(outline.right, limit)
  if (found === undefined || found.length !== entries.length)
    return left(badTree('it has not as many leaves as there are tensors'))
  const byName = new Map(entries.map((entry) => [entry.name, entry]))
  const names = namesOf(found.map(([, path]) => path))
  const places = new Map<Kind, Placed>()
  for (const [i, [kind]] of found.entries()) {
    const name = names[i] ?? ''
    const entry = byName.get(name)
    if (entry === undefined) return left(badTree(`there is no tensor ${JSON.stringify(name)}`))
    const placed = placeAs(kind.name, entry)
    if (placed === undefined || (!hasAxes(kind) && entry.shape.length !== 1))
      return left(
        badTree(`${JSON.stringify(name)} is ${entry.dtype} [${entry.shape.join(', ')}], and no ${kind.name}`),
      )
    places.set(kind, placed)
  }
  return right(fillOutline(outline.right, (kind) => places.get(kind) ?? null))
}

/** A record of a file's tensors by their names. */
const flatRecord = ({ entries }: Container): Read => {
  const record: [string, Placed][] = []
  for (const entry of entries) {
    const placed = placeFreely(entry)
    if (placed === undefined) return left(unsupportedDtype(entry.name, entry.dtype))
    record.push([entry.name, placed])
  }
  return right(Object.fromEntries(record))
}

/** A file's tensors, in the places of the caller's tree that their names describe. */
const laidOutLike = ({ entries, data }: Container, like: Outline<Stored>): Read => {
  const free = new Map(entries.map((entry) => [entry.name, entry]))
  const wanted = leaves<Stored | Plain>(like)
  const names = namesOf(wanted.map(([path]) => path))
  const places = new Map<string, Placed>()
  for (const [i, [path, leaf]] of wanted.entries()) {
    const entry = free.get(names[i] ?? '') ?? free.get(showPath(path))
    if (entry === undefined) return left(doesNotMatch(showPath(path), describe(leaf), 'nothing'))
    free.delete(entry.name)
    const placed =
      (leaf instanceof Stored ? placeAs(leaf.name, entry) : undefined) ??
      (typeof leaf === 'number' ? placeNumber(data, entry) : undefined) ??
      placeFreely(entry)
    if (placed === undefined) return left(unsupportedDtype(entry.name, entry.dtype))
    places.set(JSON.stringify(path), placed)
  }
  for (const entry of free.values()) {
    const given = placeFreely(entry)
    return left(doesNotMatch(entry.name, 'nothing', given === undefined ? entry.dtype : describe(given)))
  }
  return right(
    mapWithPath((path: Path): Outline<Placed> => places.get(JSON.stringify(path)) ?? null)(
      like,
      // a tree of outlines is one
    ) as Outline<Placed>,
  )
}

const read = (
  bytes: Uint8Array,
  like: Outline<Stored> | 'anything',
  description: Description | undefined,
): Either<DecodeError, unknown> => {
  const container = readContainer(bytes)
  if (container._tag === 'Left') return container
  const other = mismatch(container.right, description)
  if (other !== undefined) return left(other)
  const version = container.right.metadata.get(VERSION_KEY)
  const outline =
    version !== undefined
      ? ownTree(container.right, version)
      : like === 'anything'
        ? flatRecord(container.right)
        : laidOutLike(container.right, like)
  if (outline._tag === 'Left') return outline
  const fitting = like === 'anything' ? outline : matched(outline.right, like)
  if (fitting._tag === 'Left') return fitting
  const { data } = container.right
  for (const [, leaf] of leaves<Placed | Plain>(fitting.right))
    if (leaf instanceof Placed) expectMakeable(leaf)
  return right(
    disposingOnError((made) => fillOutline(fitting.right, (placed) => made(makeLeaf(data, placed)))),
  )
}

/**
 * Decodes bytes into the tree that {@link encode} took, or into the tensors of any other safetensors file.
 *
 * With `like`, the tree must have its structure, and each leaf the kind, dtype and shape of the leaf there; the
 * numbers of `like` do not matter. The first state of an optimizer will do, for instance. The result has the type of
 * `like`, and its order of keys. A `Left` tells the first path that differs.
 *
 * For a file that gradpipe has not written, or that lost its metadata, the result is a record of the tensors by name;
 * with `like`, each stands where its name is a path of `like`. float32, int32 and bool become tensors, and so do
 * float16 and bfloat16, as float32; all others become typed arrays, row by row. Without an import of `gradpipe/tfjs`,
 * all become typed arrays. Where `like` has a number, a tensor without axes fits; where it has
 * an ndarray, one of its shape.
 *
 * With a `description`, a file that says that it belongs to another transformation is an `OtherTransformation`; one that
 * says nothing of it is taken.
 *
 * Bytes may come from anywhere: anything wrong with them gives a `Left`. Everything is checked before anything is
 * made. Then each number is copied once, so the caller may reuse the bytes. Tensors in the result belong to the
 * caller.
 *
 * Throws `InvalidArgument` if the bytes are not a `Uint8Array` or the `description` is none, `InvalidLeaf` for a file of gradpipe with tensors if
 * `gradpipe/tfjs` is not imported, and like `encode` for `like`, except that its tensors may be disposed.
 *
 * @category Checkpoints
 * @see safetensors, https://github.com/huggingface/safetensors
 * @example
 * ```ts
 * import * as E from 'fp-ts/lib/Either.js'
 * import { decode, encode } from 'gradpipe/checkpoint'
 *
 * const bytes = encode({ w: Float32Array.of(1, 2), lr: 0.1 })
 * assert.deepEqual(decode(bytes), E.right({ w: Float32Array.of(1, 2), lr: 0.1 }))
 *
 * const other = decode(bytes, { w: new Float32Array(3), lr: 0 })
 * assert.ok(E.isLeft(other) && other.left._tag === 'DoesNotMatch')
 * assert.equal(other.left.message, 'w: expected a Float32Array of 3, given a Float32Array of 2 in the file')
 * ```
 */
export function decode(
  bytes: Uint8Array,
  like?: undefined,
  given?: CheckpointOptions,
): Either<DecodeError, Tree<SavedLeaf>>
export function decode<T>(bytes: Uint8Array, like: T, given?: CheckpointOptions): Either<DecodeError, T>
export function decode(
  bytes: Uint8Array,
  like?: unknown,
  given?: CheckpointOptions,
): Either<DecodeError, unknown> {
  if (!(bytes instanceof Uint8Array))
    throw new GradpipeError('InvalidArgument', 'decode', 'a Uint8Array', shown(bytes))
  // a Buffer's slice would share its memory
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const description = descriptionIn('decode', given)
  return read(plain, like === undefined ? 'anything' : survey('like', like, 'any'), description)
}
