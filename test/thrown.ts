/** The error that a call of gradpipe throws. */
import { GradpipeError } from '../src/index.js'

/** Calls, and gives back the error; anything else that is thrown, or nothing, fails. */
export const thrown = (call: () => unknown): GradpipeError => {
  try {
    call()
  } catch (error) {
    if (error instanceof GradpipeError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
