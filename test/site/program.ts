/** Runs a program that a reader copied, in a process of its own, with `gradpipe` as the source has it. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Where an optimizer ended, as the program printed it. */
export interface End {
  readonly x: number
  readonly y: number
  readonly loss: number
}

/** What the program prints, by the name of the optimizer. */
export const run = async (code: string): Promise<Readonly<Record<string, End>>> => {
  const folder = await mkdtemp(join(tmpdir(), 'gradpipe-program-'))
  try {
    await writeFile(join(folder, 'race.ts'), code)
    const outfile = join(folder, 'race.mjs')
    await build({
      entryPoints: [join(folder, 'race.ts')],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      logLevel: 'silent',
      alias: { gradpipe: join(root, 'src/index.ts') },
      // what the source needs is beside the source
      nodePaths: [join(root, 'node_modules')],
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)",
      },
    })
    const { stdout } = await promisify(execFile)(process.execPath, [outfile])
    return Object.fromEntries(
      [...stdout.matchAll(/^(\S+) (\S+) (\S+) (\S+)$/gm)].map(([, name, x, y, loss]) => [
        name,
        { x: Number(x), y: Number(y), loss: Number(loss) },
      ]),
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
