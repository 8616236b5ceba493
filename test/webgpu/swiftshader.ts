/**
 * A Vulkan driver for machines without a GPU: SwiftShader, from the package that has Chromium.
 *
 * A process finds its driver by its environment, which must be set before it starts: Vitest sets it here, in
 * the parent of all workers. A machine with a GPU keeps its own driver.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'

const archive = (): string =>
  join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '../../bin/swiftshader.tar.br')

/** Unpacks a tar file's regular files: headers of 512 bytes, sizes in octal, contents padded to 512. */
const untar = (tar: Buffer, folder: string): void => {
  for (let at = 0; tar[at] !== 0 && at < tar.length; ) {
    const field = (from: number, length: number): string =>
      tar
        .toString('latin1', at + from, at + from + length)
        .split('\0')[0]
        ?.trim() ?? ''
    const size = Number.parseInt(field(124, 12), 8)
    const content = tar.subarray(at + 512, at + 512 + size)
    if (field(156, 1) === '0') writeFileSync(join(folder, basename(field(0, 100))), content, { mode: 0o755 })
    at += 512 + Math.ceil(size / 512) * 512
  }
}

/** The folder with the driver, which is unpacked once per version. */
export const driverFolder = (): string => {
  const compressed = readFileSync(archive())
  const folder = join(tmpdir(), `gradpipe-swiftshader-${compressed.length}`)
  if (existsSync(folder)) return folder
  const unfinished = `${folder}.${process.pid}`
  mkdirSync(unfinished, { recursive: true })
  untar(brotliDecompressSync(compressed), unfinished)
  try {
    renameSync(unfinished, folder)
  } catch (error) {
    // another process was faster
    if (!existsSync(folder)) throw error
  }
  return folder
}

const filesIn = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder) : [])

/** Whether Dawn finds a driver without help: a real one on Linux, always elsewhere. */
const hasOwnDriver = (): boolean =>
  process.platform !== 'linux' ||
  process.arch !== 'x64' ||
  process.env.VK_ICD_FILENAMES !== undefined ||
  process.env.VK_DRIVER_FILES !== undefined ||
  ((existsSync('/dev/dri') || existsSync('/dev/nvidia0')) &&
    ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d'].some((folder) => filesIn(folder).length > 0))

/** The variables that a process needs to find the driver; none where it has its own. */
export const driverEnvironment = (): Readonly<Record<string, string>> => {
  if (hasOwnDriver()) return {}
  const folder = driverFolder()
  const before = process.env.LD_LIBRARY_PATH
  return {
    LD_LIBRARY_PATH: before === undefined ? folder : `${folder}:${before}`,
    VK_ICD_FILENAMES: join(folder, 'vk_swiftshader_icd.json'),
  }
}

/** Called by Vitest before it starts a worker. */
export const setup = (): void => {
  Object.assign(process.env, driverEnvironment())
}
