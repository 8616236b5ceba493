/**
 * Checkpoints over HTTP: the plain file, or the form that TensorFlow.js's handler posts.
 */
import { saveResult, toArtifacts } from './artifacts.js'
import type { Handler, SaveResult } from './handler.js'
import { handlersFor } from './library.js'
import { refused } from './placeError.js'
import { weightsPath } from './plainFile.js'

/** `fetch` that takes no page of an error for a checkpoint (TensorFlow.js does, for weights). */
const fetchFor =
  (place: string) =>
  async (url: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const response = await fetch(url, init)
    if (!response.ok) throw refused(place, response)
    return response
  }

/** TensorFlow.js's handler, which posts a form, and which throws what an answer means. */
export const formAt = (url: string): Handler => handlersFor(url).http(url, { fetchFunc: fetchFor(url) })

/** Puts the plain file. */
export const putBytes = async (url: string, bytes: Uint8Array): Promise<SaveResult> => {
  const artifacts = toArtifacts(bytes)
  const body = new Blob([artifacts.weightData])
  const headers = { 'Content-Type': 'application/octet-stream' }
  return saveResult(artifacts, [await fetchFor(url)(url, { method: 'PUT', headers, body })])
}

/** The bytes at a URL; where that is a `model.json`, those of the weights that it names, beside it. */
export const fetchBytes = async (url: string): Promise<Uint8Array> => {
  const bytesAt = async (at: string): Promise<Uint8Array> => {
    // a browser may take an old checkpoint out of its cache, unless it asks
    const response = await fetchFor(url)(at, { cache: 'no-cache' })
    return new Uint8Array(await response.arrayBuffer())
  }
  const bytes = await bytesAt(url)
  const weights = weightsPath(bytes)
  if (weights === undefined) return bytes
  // as TensorFlow.js finds them: in the folder of the path, with the same query
  const [path = ''] = url.split(/[?#]/)
  return bytesAt(`${path.slice(0, path.lastIndexOf('/') + 1)}${weights}${url.slice(path.length)}`)
}
