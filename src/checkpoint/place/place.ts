/**
 * Places for bytes: turns a URL, a path or a handler into functions that write and read there.
 *
 * It knows nothing of trees. Failures are thrown, as a `Thrown` or as the system throws them.
 */
import { fromArtifacts, saveResult, toArtifacts } from './artifacts.js'
import { download } from './downloads.js'
import type { Handler, SaveResult } from './handler.js'
import { fetchBytes, formAt, putBytes } from './http.js'
import { putArtifacts } from './indexedDb.js'
import { handlersFor } from './library.js'
import { keepingOld } from './localStorage.js'
import { type Node, node, readFile, writeFile } from './nodeFiles.js'
import { notFound, unsupported } from './placeError.js'
import { isPlain, weightsPath } from './plainFile.js'

/**
 * Where a checkpoint is saved: a URL, a path, or any handler of TensorFlow.js (`tf.io.IOHandler`).
 *
 * | place | save | load |
 * |---|---|---|
 * | `run.safetensors`, `/tmp/run`, `file:///tmp/run` | a plain file, in Node | the same, or a `model.json` that was downloaded |
 * | `indexeddb://run` | in a browser's IndexedDB | the same |
 * | `localstorage://run` | in a browser's local storage, which has room for some 3 MB | the same |
 * | `downloads://run.safetensors` | one plain file among a browser's downloads | |
 * | `downloads://run` | `run.json` and `run.weights.bin`, as TensorFlow.js does | |
 * | `https://host/run.safetensors` | PUT of the plain file | GET of it |
 * | `https://host/run` | POST of the form that TensorFlow.js posts | GET of a plain file or of a `model.json` |
 * | a scheme that was registered with TensorFlow.js | its handler | its handler |
 *
 * Where there is no file system, a place without a scheme is a URL relative to the page. Files, PUT, GET and handlers of
 * your own need no TensorFlow.js; the other places do, and ask for `import 'gradpipe/tfjs'`.
 *
 * @category Places
 */
export type Place = string | Handler

/** The name of a place in messages. */
export const placeName = (place: Place): string => (typeof place === 'string' ? place : 'an IOHandler')

const schemeOf = (place: string): string | undefined => /^([a-z][a-z0-9+.-]*):\/\//i.exec(place)?.[1]

/** The path of a file, if the place is one. `file://./run` is not a URL, but TensorFlow.js has it for Node. */
const filePath = (place: string, { urls }: Node): string =>
  /^file:\/\/\.\.?[/\\]/.test(place)
    ? place.slice('file://'.length)
    : schemeOf(place) === 'file'
      ? urls.fileURLToPath(place)
      : place

/** A file of Node, a URL for `fetch`, or a place that TensorFlow.js has a handler for. */
type Kind =
  | { readonly _tag: 'File'; readonly path: string; readonly system: Node }
  | { readonly _tag: 'Http' }
  | { readonly _tag: 'Handler'; readonly scheme: string }

const kindOf = (place: string): Kind => {
  const scheme = schemeOf(place)
  if (scheme === 'http' || scheme === 'https') return { _tag: 'Http' }
  if (scheme !== undefined && scheme !== 'file') return { _tag: 'Handler', scheme }
  if (place === '') throw unsupported(place, 'a place has a name')
  const system = node()
  if (system !== undefined) return { _tag: 'File', path: filePath(place, system), system }
  if (scheme === 'file') throw unsupported(place, 'there is no file system here')
  return { _tag: 'Http' }
}

/** The only handler that is registered for a place; it may refuse to be made. */
const oneOf = (place: string, find: (url: string) => readonly Handler[]): Handler => {
  const found = ((): readonly Handler[] => {
    try {
      return find(place)
    } catch (error) {
      throw unsupported(place, error instanceof Error ? error.message : String(error))
    }
  })()
  const [handler, ...others] = found
  if (handler === undefined) throw unsupported(place, 'there is no such place here')
  if (others.length > 0) throw unsupported(place, `${found.length} handlers are registered for it`)
  return handler
}

const saveWith = async (handler: Handler, place: string, bytes: Uint8Array): Promise<SaveResult> => {
  if (typeof handler?.save !== 'function') throw unsupported(place, 'it does not save')
  return handler.save(toArtifacts(bytes))
}

const loadWith = async (handler: Handler, place: string): Promise<Uint8Array> => {
  if (typeof handler?.load !== 'function') throw unsupported(place, 'it does not load')
  return fromArtifacts(await handler.load())
}

const saveByScheme = async (scheme: string, place: string, bytes: Uint8Array): Promise<SaveResult> => {
  // also where it is not used: it is there, and is made, only where the browser has what it needs
  const handler = oneOf(place, handlersFor(place).getSaveHandlers)
  const name = place.slice(scheme.length + '://'.length)
  if (scheme === 'indexeddb') return putArtifacts(name, toArtifacts(bytes))
  if (scheme === 'downloads' && typeof document === 'undefined')
    throw unsupported(place, 'a worker has no downloads, its page has')
  if (scheme === 'downloads' && isPlain(name)) return download(name, toArtifacts(bytes))
  if (scheme === 'localstorage') return keepingOld(place, name, () => saveWith(handler, place, bytes))
  return saveWith(handler, place, bytes)
}

/** The places that TensorFlow.js lists. */
const listed = ['indexeddb', 'localstorage']

const loadByScheme = async (scheme: string, place: string): Promise<Uint8Array> => {
  const handler = oneOf(place, handlersFor(place).getLoadHandlers)
  try {
    return await loadWith(handler, place)
  } catch (error) {
    // the handlers say only in words that there is nothing
    if (listed.includes(scheme) && !Object.hasOwn(await handlersFor(place).listModels(), place))
      throw notFound(place, 'nothing is saved here')
    throw error
  }
}

/** The bytes of a plain file, or of the weights that a downloaded `model.json` names, beside it. */
const loadFile = async (system: Node, path: string): Promise<Uint8Array> => {
  const bytes = await readFile(system, path)
  const weights = weightsPath(bytes)
  if (weights === undefined) return bytes
  const { dirname, join } = system.paths
  // a file from elsewhere must not name files outside of its folder
  return readFile(system, join(dirname(path), join('/', weights)))
}

/** Saves bytes. Throws `Thrown`, or an error of the system. */
export const saveBytes = async (place: Place, bytes: Uint8Array): Promise<SaveResult> => {
  if (typeof place !== 'string') return saveWith(place, placeName(place), bytes)
  const kind = kindOf(place)
  switch (kind._tag) {
    case 'File':
      await writeFile(kind.system, kind.path, bytes)
      return saveResult(toArtifacts(bytes))
    case 'Http':
      return isPlain(place) ? putBytes(place, bytes) : saveWith(formAt(place), place, bytes)
    case 'Handler':
      return saveByScheme(kind.scheme, place, bytes)
  }
}

/** Loads bytes. Throws `Thrown`, or an error of the system. */
export const loadBytes = async (place: Place): Promise<Uint8Array> => {
  if (typeof place !== 'string') return loadWith(place, placeName(place))
  const kind = kindOf(place)
  switch (kind._tag) {
    case 'File':
      return loadFile(kind.system, kind.path)
    case 'Http':
      return fetchBytes(place)
    case 'Handler':
      return loadByScheme(kind.scheme, place)
  }
}
