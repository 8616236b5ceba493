/** What `npm install` of some packages puts there: those, and what they need, by the repository's own lock file. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A package of the lock file, as far as it is read here. */
interface Locked {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

const locked = (): Readonly<Record<string, Locked>> =>
  // npm's own file, of this form since its version 7
  JSON.parse(readFileSync(join(import.meta.dirname, '../../package-lock.json'), 'utf8')).packages

/** The names of the packages, and of all that npm installs along with them: dependencies, and peers that are no option. */
export function withDependencies(names: readonly string[]): readonly string[] {
  const packages = locked()
  const found = new Set<string>()
  const add = (name: string): void => {
    if (found.has(name)) return
    const one = packages[`node_modules/${name}`]
    if (one === undefined) throw new Error(`the lock file has no ${name}`)
    found.add(name)
    const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = one
    const peers = Object.keys(peerDependencies).filter((peer) => !peerDependenciesMeta[peer]?.optional)
    for (const next of [...Object.keys(dependencies), ...peers]) add(next)
  }
  for (const name of names) add(name)
  return [...found].sort()
}

/** The packages that each `npm install` of a page names, gradpipe among them. */
export const installLines = (page: string): readonly (readonly string[])[] =>
  [...page.matchAll(/npm (?:install|i) ([^`\n#&]*)/g)].map(([, words = '']) =>
    words
      .trim()
      .split(/\s+/)
      .filter((word) => !word.startsWith('-')),
  )
