/**
 * Tells a plain safetensors file from TensorFlow.js's pair of `model.json` and weights: by name when saving, by
 * content when loading.
 *
 * A safetensors file begins with eight bytes for the length of its header, and some of them are zero; JSON has no
 * zero byte. So loading never takes one for the other, whatever the name.
 */

/** Whether the name of a place that could hold either asks for the plain file. */
export const isPlain = (name: string): boolean => /\.safetensors([?#]|$)/.test(name)

const lengthBytes = 8

const isJson = (bytes: Uint8Array): boolean =>
  bytes[0] === '{'.charCodeAt(0) && !bytes.subarray(0, lengthBytes).includes(0)

/** The part of a `model.json` that is read; it may contain anything. */
interface ModelJson {
  readonly weightsManifest?: readonly ({ readonly paths?: readonly unknown[] } | null)[]
}

/**
 * The path of the weights, relative to the `model.json` that the bytes are. `undefined` where they are something
 * else, and where there is not exactly one file of weights: a checkpoint has one.
 */
export const weightsPath = (bytes: Uint8Array): string | undefined => {
  if (!isJson(bytes)) return undefined
  try {
    // all of it is optional and unknown; if even that does not hold, reading it throws
    const json = JSON.parse(new TextDecoder().decode(bytes)) as ModelJson
    const paths = json.weightsManifest?.flatMap((group) => group?.paths ?? []) ?? []
    return paths.length === 1 && typeof paths[0] === 'string' ? paths[0] : undefined
  } catch {
    // not JSON, or no manifest in it: the decoder will explain it
    return undefined
  }
}
