/** Files made by hand, sound and not: a header as it is given, and the bytes after it. */
import type { DecodeError } from '../../src/checkpoint/error.js'
import { decode } from '../../src/checkpoint/index.js'

/** A file with this header; a length that is given stands there instead of the header's own. */
export const fileOf = (header: string | Uint8Array, data = 0, length?: bigint): Uint8Array => {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header
  const bytes = new Uint8Array(8 + text.length + data)
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true)
  bytes.set(text, 8)
  return bytes
}

/** An entry of a header. */
export const entry = (
  begin: unknown,
  end: unknown,
  shape: unknown = [1],
  dtype: unknown = 'F32',
): object => ({
  dtype,
  shape,
  data_offsets: [begin, end],
})

/** Why these bytes are refused; `undefined` where they are not. */
export const refusal = (bytes: Uint8Array, like?: unknown): DecodeError | undefined => {
  const result = like === undefined ? decode(bytes) : decode(bytes, like)
  return result._tag === 'Left' ? result.left : undefined
}

/** A file that says it is gradpipe's, with this tree. */
export const ownFile = (
  tree: string,
  entries: Readonly<Record<string, object>> = {},
  data = 0,
  version = '1',
): Uint8Array =>
  fileOf(
    JSON.stringify({ __metadata__: { 'gradpipe.version': version, 'gradpipe.tree': tree }, ...entries }),
    data,
  )
