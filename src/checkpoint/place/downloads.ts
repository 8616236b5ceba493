/** Hands a person one plain file, by the downloads of a browser. */
import { saveResult } from './artifacts.js'
import type { Artifacts, SaveResult } from './handler.js'

/** In milliseconds. The address of the bytes must live until a slow disk has them, and not for ever. */
const lifetime = 60_000

/** Downloads the weights of artifacts under a name. */
export const download = (name: string, artifacts: Artifacts): SaveResult => {
  const parts = [artifacts.weightData ?? []].flat()
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob(parts, { type: 'application/octet-stream' }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), lifetime)
  return saveResult(artifacts)
}
