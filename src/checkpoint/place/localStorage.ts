/**
 * Keeps what is in a browser's local storage when there is no room for the new: TensorFlow.js's handler has
 * overwritten it by then, and removes the rest.
 */
import { quotaExceeded } from './placeError.js'

/** Runs a save of a handler under a name; if it fails, all entries of the name are as before. */
export const keepingOld = async <A>(place: string, name: string, save: () => Promise<A>): Promise<A> => {
  const before = Object.entries(localStorage).filter(([key]) => key.includes(`/${name}/`))
  try {
    return await save()
  } catch (error) {
    for (const [key, value] of before) localStorage.setItem(key, value)
    // the handler tells of nothing else, and hides the browser's own error
    throw quotaExceeded(place, error)
  }
}
