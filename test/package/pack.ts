/** The package as npm would publish it, built and packed in a temporary folder, and users that install it. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { once } from '../once.js'

const root = join(import.meta.dirname, '../..')

/** What npm needs to see beside dist/. */
const manifest = ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE']

/** Runs a program; throws with all that it printed when it fails. */
function run(program: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}\n${stderr}`)
  return stdout.trim()
}

/** Where everything that a test makes lies; the caller removes it. */
export const temporary = (): string => mkdtempSync(join(tmpdir(), 'gradpipe-package-'))

/** Builds and packs into a folder. */
function packInto(folder: string): void {
  const stage = join(folder, 'stage')
  for (const name of manifest) cpSync(join(root, name), join(stage, name))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  // `npm run types` checks the sources, and a user's compiler the declarations: here they are only written
  const options = ['--noCheck', '--outDir', join(stage, 'dist')]
  run(process.execPath, [tsc, '-p', 'tsconfig.build.json', ...options], root)
  // The script that npm would run first builds in the project's own folder; here it is built already.
  run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], stage)
}

/** The path of the tarball, which is packed in a folder that test files share. */
export async function pack(folder: string): Promise<string> {
  const packed = await once(folder, 'package', packInto)
  const tarball = readdirSync(packed).find((name) => name.endsWith('.tgz'))
  if (tarball === undefined) throw new Error('npm pack left no tarball')
  return join(packed, tarball)
}

/** The paths in a tarball, without the folder that npm puts around them. */
export const contents = (tarball: string): readonly string[] =>
  run('tar', ['-tzf', tarball], dirname(tarball))
    .split('\n')
    .map((path) => path.replace(/^package\//, ''))

/** The folder of a user who has installed the tarball and these packages, and nothing else. */
export function project(folder: string, tarball: string, packages: readonly string[]): string {
  const user = mkdtempSync(join(folder, 'user-'))
  const installed = join(user, 'node_modules/gradpipe')
  mkdirSync(installed, { recursive: true })
  run('tar', ['-xzf', tarball, '--strip-components', '1'], installed)
  for (const name of packages) {
    const link = join(user, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), link, 'junction')
  }
  return user
}

/** What a file of the user prints when plain Node runs it; throws with what it says when it fails. */
export function runNode(user: string, name: string, source: string): string {
  writeFileSync(join(user, name), source)
  return run(process.execPath, [name], user)
}
