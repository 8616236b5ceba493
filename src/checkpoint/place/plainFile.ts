/**
 * Tells a plain safetensors file from TensorFlow.js's pair of `model.json` and weights: by its name when it is
 * saved, by what is in it when it is loaded.
 *
 * A safetensors file begins with the length of its header in eight bytes, of which some are zero; JSON has no
 * zero byte. So neither is ever taken for the other when it is loaded, whatever its name.
 */

/** Whether the name of a place that could hold either asks for the plain file. */
export const isPlain = (name: string): boolean => /\.safetensors([?#]|$)/.test(name)

const lengthBytes = 8

const isJson = (bytes: Uint8Array): boolean =>
  bytes[0] === '{'.charCodeAt(0) && !bytes.subarray(0, lengthBytes).includes(0)

/** What is read of a `model.json`: anything might be there. */
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
    // all of it is optional and of unknown parts; where even that does not hold, the reading of it throws
    const json = JSON.parse(new TextDecoder().decode(bytes)) as ModelJson
    const paths = json.weightsManifest?.flatMap((group) => group?.paths ?? []) ?? []
    return paths.length === 1 && typeof paths[0] === 'string' ? paths[0] : undefined
  } catch {
    // not JSON, or nothing like a manifest in it: not for us to explain, the decoder will
    return undefined
  }
}
