/** The package as npm would publish it, built and packed in a temporary folder, and users that install it. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { once } from '../once.js'

const root = join(import.meta.dirname, '../..')

/** What makes the package, and nothing else of the repository. */
const sources = [
  ...['.ci', 'src', 'laws', 'docs', 'package.json', 'tsconfig.json', 'tsconfig.build.json'],
  ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'LICENSE'],
]

/** Runs a program; throws with all that it printed when it fails. */
function run(program: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}\n${stderr}`)
  return stdout.trim()
}

/** Where everything that a test makes lies; the caller removes it. */
export const temporary = (): string => mkdtempSync(join(tmpdir(), 'gradpipe-package-'))

/** Packs into a folder, as `npm publish` would, in a copy of the repository: the script `prepack` builds. */
function packInto(folder: string): void {
  const stage = join(folder, 'stage')
  for (const name of sources)
    cpSync(join(root, name), join(stage, name), {
      recursive: true,
      filter: (path) => !path.endsWith('_site'),
    })
  symlinkSync(join(root, 'node_modules'), join(stage, 'node_modules'), 'junction')
  run('npm', ['pack', '--pack-destination', folder], stage)
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

/** A program in TypeScript as Node runs it. */
export const withoutTypes = (code: string): string =>
  ts.transpileModule(code, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
    },
  }).outputText
