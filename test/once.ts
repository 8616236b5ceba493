/** What takes long to make, and several test files need: the first makes it, the others find it. */
import { existsSync } from 'node:fs'
import { mkdtemp, rename } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The folder of a name in `folder`, with what `make` has put there; made unless it is there already. It is renamed when it
 * is whole: another process may make the same.
 */
export const once = async (
  folder: string,
  name: string,
  make: (staging: string) => void | Promise<void>,
): Promise<string> => {
  const made = join(folder, name)
  if (existsSync(made)) return made
  const staging = await mkdtemp(join(folder, 'staging-'))
  await make(staging)
  await rename(staging, made).catch((error: unknown) => {
    // another process was first, and what it made is as good
    if (!existsSync(made)) throw error
  })
  return made
}
