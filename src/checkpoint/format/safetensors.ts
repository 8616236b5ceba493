/**
 * The safetensors format: named tensors and some text, as bytes. It knows nothing of trees.
 *
 * Eight bytes that say how long the header is, the header (JSON, padded with spaces), the numbers, little-endian.
 * Source: https://github.com/huggingface/safetensors, "Format"; what is refused here is what its reader in Rust
 * refuses, and what the text forbids besides: two tensors of one name, a header that begins with a space.
 */
import { type Either, left, right } from '../../fp.js'
import { badHeader, type DecodeError, notSafetensors, truncated } from '../error.js'
import { bitsOf } from './dtype.js'
import { isObject, parseJson } from './json.js'

// model

/** A tensor that has no place yet. */
export interface Unplaced {
  readonly name: string
  readonly dtype: string
  readonly shape: readonly number[]
}

/** A tensor in a file. */
export interface Entry extends Unplaced {
  /** Where its bytes begin, counted from the end of the header. */
  readonly begin: number
  /** Where they end. */
  readonly end: number
}

/** A file, read and checked: entries cover the data without gap or overlap. */
export interface Container {
  readonly entries: readonly Entry[]
  readonly metadata: ReadonlyMap<string, string>
  /** The bytes that the entries speak of. */
  readonly data: Uint8Array
}

/** The longest header that other readers take: a hundred million bytes. */
export const MAX_HEADER = 100_000_000

const METADATA = '__metadata__'
/** The length of the header's length. */
const PREFIX = 8
/** The header is an object of objects with arrays. */
const HEADER_DEPTH = 3

/** How many bytes a tensor has; `undefined` where that is not a number of bytes, or more than can be counted. */
const byteLength = (shape: readonly number[], bits: number): number | undefined => {
  let total = bits
  for (const n of shape) {
    total *= n
    if (total > Number.MAX_SAFE_INTEGER) return undefined
  }
  return total % 8 === 0 ? total / 8 : undefined
}

// writing

/** Places tensors one after the other, the widest elements first, so that each is aligned to its own width. */
export const place = <T extends Unplaced>(tensors: readonly T[]): readonly (T & Entry)[] => {
  const width = ({ dtype }: Unplaced): number => bitsOf(dtype) ?? 0
  let end = 0
  return [...tensors]
    .sort((a, b) => width(b) - width(a))
    .map((tensor) => {
      const begin = end
      end += byteLength(tensor.shape, width(tensor)) ?? 0
      return { ...tensor, begin, end }
    })
}

/** A file of these tensors without their numbers, and its part for them. */
export const layOut = (
  entries: readonly Entry[],
  metadata: ReadonlyMap<string, string>,
): { readonly bytes: Uint8Array<ArrayBuffer>; readonly data: Uint8Array<ArrayBuffer> } => {
  // member by member: an object would put names that are numbers first
  const members = entries.map(
    ({ name, dtype, shape, begin, end }) =>
      `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`,
  )
  const head = `${JSON.stringify(METADATA)}:${JSON.stringify(Object.fromEntries(metadata))}`
  const header = new TextEncoder().encode(`{${[head, ...members].join(',')}}`)
  const padded = Math.ceil(header.length / 8) * 8
  const from = PREFIX + padded
  const bytes = new Uint8Array(from + (entries.at(-1)?.end ?? 0))
  new DataView(bytes.buffer).setUint32(0, padded, true)
  bytes.set(header, PREFIX)
  bytes.fill(0x20, PREFIX + header.length, from)
  return { bytes, data: bytes.subarray(from) }
}

// reading

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0)

const isCounts = (value: unknown): value is readonly number[] => Array.isArray(value) && value.every(isCount)

const readEntry = (name: string, value: unknown): Either<DecodeError, Entry> => {
  const bad = (what: string): Either<DecodeError, never> =>
    left(badHeader(`${JSON.stringify(name)}: ${what}`))
  if (!isObject(value)) return bad('no object')
  const { dtype, shape, data_offsets: offsets } = value
  const bits = typeof dtype === 'string' ? bitsOf(dtype) : undefined
  if (typeof dtype !== 'string' || bits === undefined) return bad('no dtype of the format')
  if (!isCounts(shape)) return bad('its shape is no list of lengths')
  if (!isCounts(offsets) || offsets.length !== 2) return bad('its data_offsets are no two places')
  const [begin = 0, end = 0] = offsets
  const size = byteLength(shape, bits)
  if (size === undefined) return bad('its shape has no number of bytes that can be counted')
  if (end - begin !== size) return bad(`${dtype} [${shape.join(', ')}] has ${size} bytes, not ${end - begin}`)
  return right({ name, dtype, shape, begin, end })
}

const readMetadata = (value: unknown): Either<DecodeError, ReadonlyMap<string, string>> => {
  if (value === undefined || value === null) return right(new Map())
  if (!isObject(value)) return left(badHeader('__metadata__ is no object'))
  const metadata = new Map<string, string>()
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') return left(badHeader(`__metadata__.${key} is no text`))
    metadata.set(key, text)
  }
  return right(metadata)
}

/** The first gap, overlap or excess of entries that should fill so many bytes. */
const misfit = (entries: readonly Entry[], length: number): DecodeError | undefined => {
  let at = 0
  for (const { name, begin, end } of entries) {
    if (begin !== at)
      return badHeader(`${JSON.stringify(name)} begins at ${begin}, where the one before ends at ${at}`)
    at = end
  }
  return at < length ? badHeader(`${length - at} bytes belong to no tensor`) : undefined
}

const decodeText = (bytes: Uint8Array): string | undefined => {
  try {
    // a byte order mark is none of JSON
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Reads a file; nothing is made but its header's text and what that says. */
export const readContainer = (bytes: Uint8Array): Either<DecodeError, Container> => {
  if (bytes.length < PREFIX) return left(truncated(PREFIX, bytes.length))
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32
  if (length > MAX_HEADER) return left(notSafetensors(`a header of ${length} bytes is none`))
  if (bytes.length > PREFIX && bytes[PREFIX] !== 0x7b) return left(notSafetensors('its header is no object'))
  const from = PREFIX + length
  if (from > bytes.length) return left(truncated(from, bytes.length))
  // a copy: browsers decode no text in shared memory
  const text = decodeText(bytes.slice(PREFIX, from))
  if (text === undefined) return left(badHeader('no UTF-8'))
  const parsed = parseJson(text, HEADER_DEPTH)
  if (parsed._tag === 'Left') return left(badHeader(parsed.left))
  if (!isObject(parsed.right)) return left(badHeader('no object'))
  const entries: Entry[] = []
  let metadata: ReadonlyMap<string, string> = new Map()
  for (const [name, value] of Object.entries(parsed.right)) {
    if (/\p{Surrogate}/u.test(name)) return left(badHeader(`${JSON.stringify(name)} is half a character`))
    if (name === METADATA) {
      const read = readMetadata(value)
      if (read._tag === 'Left') return read
      metadata = read.right
    } else {
      const entry = readEntry(name, value)
      if (entry._tag === 'Left') return entry
      entries.push(entry.right)
    }
  }
  // the order of the data; of those that begin together, all but the last are empty
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end)
  const data = bytes.subarray(from)
  const wrong = misfit(entries, data.length)
  if (wrong !== undefined) return left(wrong)
  const end = entries.at(-1)?.end ?? 0
  return end > data.length ? left(truncated(from + end, bytes.length)) : right({ entries, metadata, data })
}
