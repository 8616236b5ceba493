/**
 * Files of Node, written whole or not at all: the only file that uses the file system.
 *
 * Node's modules come from the running process and are never imported, so bundlers and browsers do not see them.
 * Their types are declared here as far as they are used: the published types need no `@types/node`.
 */
import { unsupported } from './placeError.js'

interface Stats {
  readonly size: number
  readonly mode: number
  readonly mtimeMs: number
  isFile(): boolean
}

interface FileHandle {
  read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>
  stat(): Promise<Stats>
  writeFile(data: Uint8Array): Promise<void>
  sync(): Promise<void>
  close(): Promise<void>
}

interface Files {
  open(path: string, flags: string, mode?: number): Promise<FileHandle>
  readdir(path: string): Promise<readonly string[]>
  realpath(path: string): Promise<string>
  rename(from: string, to: string): Promise<void>
  rm(path: string, options: { readonly force: boolean }): Promise<void>
  stat(path: string): Promise<Stats>
}

interface Paths {
  dirname(path: string): string
  join(...parts: readonly string[]): string
}

interface Urls {
  fileURLToPath(url: string): string
}

/** The parts of Node that are used. */
export interface Node {
  readonly files: Files
  readonly paths: Paths
  readonly urls: Urls
}

/** Node's modules, if there are any: in Node, and in what is like it (Bun, Deno). */
export const node = (): Node | undefined => {
  // without a process, or with another kind, these are undefined
  const { process } = globalThis as { readonly process?: { getBuiltinModule?(id: string): unknown } }
  const files = process?.getBuiltinModule?.('node:fs/promises')
  const paths = process?.getBuiltinModule?.('node:path')
  const urls = process?.getBuiltinModule?.('node:url')
  if (files === undefined || paths === undefined || urls === undefined) return undefined
  // Modules of these names have these functions since before Node knew getBuiltinModule.
  return { files: files as Files, paths: paths as Paths, urls: urls as Urls }
}

/** Anything can be thrown; what Node throws has a code. */
const codeOf = (error: unknown): unknown => (error as { readonly code?: unknown } | null)?.code

/** The result of a call, or `undefined` if it fails because the file, or something like it, is missing. */
const unless = async <A>(codes: readonly string[], call: Promise<A>): Promise<A | undefined> => {
  try {
    return await call
  } catch (error) {
    if (!codes.includes(String(codeOf(error)))) throw error
    return undefined
  }
}

const temporaryName = (): string => `.gradpipe-${crypto.randomUUID()}.tmp`
const isTemporary = /^\.gradpipe-[0-9a-f-]{36}\.tmp$/

/** If no byte was written for this long, the writer of a temporary file counts as dead. */
const stale = 60 * 60 * 1000

/**
 * Removes what saves that were killed have left in a folder. It cannot be known whether a writer on another
 * machine is still alive: one that sleeps for an hour and wakes up fails to rename, and no file suffers.
 */
const removeStale = async ({ files, paths }: Node, folder: string): Promise<void> => {
  // cleaning up is a courtesy: a folder that cannot be listed must not stop a save
  for (const name of await files.readdir(folder).catch(() => []))
    if (isTemporary.test(name)) {
      const path = paths.join(folder, name)
      const stats = await files.stat(path).catch(() => undefined)
      if (stats !== undefined && Date.now() - stats.mtimeMs > stale)
        await files.rm(path, { force: true }).catch(() => undefined)
    }
}

/** Makes a rename last; there are systems that do not let a folder be opened or synced, and do without. */
const syncFolder = async ({ files }: Node, folder: string): Promise<void> => {
  const without = ['EACCES', 'EBADF', 'EINVAL', 'EISDIR', 'ENOTSUP', 'EPERM']
  const handle = await unless(without, files.open(folder, 'r'))
  if (handle === undefined) return
  try {
    await unless(without, handle.sync())
  } finally {
    await handle.close()
  }
}

/**
 * Writes a file so that at every moment the path has the old bytes or the new ones, and that the new ones last
 * when this is done: written beside it under a name of its own, synced, renamed, and the folder synced.
 *
 * A link stays a link, what it points to is replaced. A file that was private stays private.
 */
export const writeFile = async (system: Node, path: string, bytes: Uint8Array): Promise<void> => {
  const { files, paths } = system
  const target = (await unless(['ENOENT'], files.realpath(path))) ?? path
  const before = await unless(['ENOENT'], files.stat(target))
  // renaming over a device would replace the device
  if (before !== undefined && !before.isFile()) throw unsupported(path, 'is there, and is no plain file')
  const folder = paths.dirname(target)
  await removeStale(system, folder)
  const temporary = paths.join(folder, temporaryName())
  try {
    const handle = await files.open(temporary, 'wx', before === undefined ? 0o666 : before.mode & 0o777)
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await files.rename(temporary, target)
  } catch (error) {
    await files.rm(temporary, { force: true }).catch(() => undefined)
    throw error
  }
  await syncFolder(system, folder)
}

/** Some systems read no more than this at once. */
const atOnce = 2 ** 30

/** All bytes of a plain file. (`readFile` of Node ends at 2 GiB; to open a pipe would wait for a writer.) */
export const readFile = async ({ files }: Node, path: string): Promise<Uint8Array<ArrayBuffer>> => {
  if (!(await files.stat(path)).isFile()) throw unsupported(path, 'is no plain file')
  const handle = await files.open(path, 'r')
  try {
    const { size } = await handle.stat()
    const bytes = new Uint8Array(size)
    let filled = 0
    while (filled < size) {
      const length = Math.min(size - filled, atOnce)
      const { bytesRead } = await handle.read(bytes, filled, length, filled)
      if (bytesRead === 0) break // somebody has cut it meanwhile
      filled += bytesRead
    }
    return bytes.subarray(0, filled)
  } finally {
    await handle.close()
  }
}
