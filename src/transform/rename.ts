/** Renames trees in errors to what the caller calls them. */
import { GradpipeError } from '../error.js'

/** Runs a function; an error at or below the path `from` is thrown as one at `to`. */
export const renaming = <T>(from: string, to: string, compute: () => T): T => {
  try {
    return compute()
  } catch (error) {
    if (!(error instanceof GradpipeError) || !(error.path === from || error.path.startsWith(`${from}.`)))
      throw error
    const { _tag, path, expected, given } = error
    throw new GradpipeError(_tag, `${to}${path.slice(from.length)}`, expected, given)
  }
}
