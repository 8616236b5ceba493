/** What takes long to make, and several test files need: the first makes it, the others wait for it. */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** Whether a process is there: a maker that was ended leaves its mark behind. */
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Whether this call is the one to make what has this mark; another maker is waited for, a little. */
const isFirst = async (mark: string): Promise<boolean> => {
  const own = await writeFile(mark, String(process.pid), { flag: 'wx' }).then(
    () => true,
    () => false,
  )
  if (own) return true
  await wait(50)
  // one that is just begun is empty, and one that is over is gone
  const maker = await readFile(mark, 'utf8').catch(() => '')
  if (maker !== '' && !isAlive(Number(maker))) await rm(mark, { force: true })
  return false
}

/**
 * The folder of a name in `folder`, with what `make` has put there; made unless it is there already, or another process
 * makes it. It is renamed when it is whole.
 */
export const once = async (
  folder: string,
  name: string,
  make: (staging: string) => void | Promise<void>,
): Promise<string> => {
  const made = join(folder, name)
  const mark = `${made}.making`
  if (existsSync(made)) return made
  await mkdir(folder, { recursive: true })
  while (!existsSync(made)) {
    if (!(await isFirst(mark))) continue
    const staging = await mkdtemp(join(folder, 'staging-'))
    try {
      // another one may have ended between a look and the mark
      if (existsSync(made)) break
      await make(staging)
      await rename(staging, made)
    } finally {
      await rm(staging, { recursive: true, force: true })
      await rm(mark, { force: true })
    }
  }
  return made
}
