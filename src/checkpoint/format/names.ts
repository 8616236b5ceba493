/** The names of leaves in a file: their paths, with dots, the usual names of weights. */
import { type Path, showPath } from '../../tree/path.js'

const RESERVED = '__metadata__'

const code = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`

/** A path as a name that no other path has, except that the root shares its name with the empty key. */
const escaped = (path: Path): string => {
  const name = path.map((key) => String(key).replace(/[%.]|\p{Surrogate}/gu, code)).join('.')
  return name === RESERVED ? name.replace('_', code) : name
}

/**
 * A name for each of a tree's paths, no two the same: the path with dots, `0.mu.w`. If two paths would look the same
 * (`a.b` and a key with a dot), or the format does not allow a name, dots in keys and the like are escaped as in a
 * URL: `a%2Eb`.
 */
export const namesOf = (paths: readonly Path[]): readonly string[] => {
  const shown = paths.map(showPath)
  const times = new Map<string, number>()
  for (const name of shown) times.set(name, (times.get(name) ?? 0) + 1)
  return shown.map((name, i) =>
    // an escaped name without a percent sign is the name of another path of the same look, so there is none
    times.get(name) === 1 && name !== RESERVED && !/%|\p{Surrogate}/u.test(name)
      ? name
      : escaped(paths[i] ?? []),
  )
}
