/**
 * The Python that printed modules run on: an environment of its own with pinned packages, made once and kept beside the
 * installed packages of Node. `PYTHON=/path/to/python` names one that has them.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** A Python, or why there is none. */
export type Environment =
  | { readonly _tag: 'Found'; readonly python: string }
  | { readonly _tag: 'Missing'; readonly reason: string }

const root = join(import.meta.dirname, '../..')

/** The pinned packages of an engine. */
const requirementsOf = (engine: string): string => join(import.meta.dirname, `${engine}.requirements.txt`)

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? ''

const missing = (reason: string): Environment => ({ _tag: 'Missing', reason })

/** Where the environment is, or would be. */
const place = (engine: string): string => {
  const pinned = createHash('sha256')
    .update(readFileSync(requirementsOf(engine)))
    .digest('hex')
    .slice(0, 12)
  return join(root, `node_modules/.cache/gradpipe-${engine}`, pinned)
}

const pythonIn = (folder: string): string => join(folder, 'bin/python')

/** Finds the environment of an engine, or makes it. */
export const environment = (engine: 'jax' | 'torch'): Environment => {
  const { PYTHON } = process.env
  if (PYTHON !== undefined) return { _tag: 'Found', python: PYTHON }
  const folder = place(engine)
  if (existsSync(pythonIn(folder))) return { _tag: 'Found', python: pythonIn(folder) }
  const version = spawnSync('python3', ['-c', 'import sys; print(sys.version_info >= (3, 11))'], {
    encoding: 'utf8',
  })
  if (version.status !== 0) return missing('there is no python3')
  if (lastLine(version.stdout) !== 'True') return missing('python3 is older than 3.11')
  mkdirSync(join(folder, '..'), { recursive: true })
  // beside its place first: an environment that is half made is none
  const beside = `${folder}-${process.pid}`
  const steps = [
    ['python3', '-m', 'venv', '--copies', beside],
    [
      pythonIn(beside),
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '-r',
      requirementsOf(engine),
    ],
  ]
  for (const [command = '', ...args] of steps) {
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' })
    if (status === 0) continue
    rmSync(beside, { recursive: true, force: true })
    return missing(`${command} ${args.slice(0, 3).join(' ')} … failed: ${lastLine(stderr)}`)
  }
  // its scripts name the place where it was made, which nobody runs: modules are run by its python
  renameSync(beside, folder)
  return { _tag: 'Found', python: pythonIn(folder) }
}
