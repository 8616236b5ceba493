/** Fetches the digits that the build has put beside the page. */
import url from 'virtual:digits'
import { type Packed, slice, unpack } from './pack.js'
import { sizes } from './sizes.js'

/** Digits to learn from, and others to be tested on. */
export interface PackedDigits {
  readonly train: Packed
  readonly test: Packed
}

/** Loads them. Rejects where they cannot be had. */
export const loadDigits = async (): Promise<PackedDigits> => {
  const response = await fetch(url)
  if (!response.ok || response.body === null)
    throw new Error(`the server answers ${response.status} for the digits`)
  const plain = response.body.pipeThrough(new DecompressionStream('gzip'))
  const digits = unpack(new Uint8Array(await new Response(plain).arrayBuffer()))
  const { train, test } = sizes
  return { train: slice(digits, 0, train), test: slice(digits, train, train + test) }
}
