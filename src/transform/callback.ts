/** Calls the functions that a user passes among the extra arguments. */
import { GradpipeError } from '../error.js'
import { dispose } from '../program/dispose.js'
import { type Process, wait } from '../program/process.js'

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'

/**
 * Calls a function that may return a promise, which only `updateAsync` can wait for. `name` is the name of the extra
 * argument. The caller frees what the function returns.
 */
export const called = <T>(name: string, call: () => T | PromiseLike<T>): Process<T> =>
  wait<T>({
    now: () => {
      const result = call()
      if (!isPromise(result)) return result
      result.then(dispose, () => {})
      throw new GradpipeError(
        'InvalidArgument',
        `extraArgs.${name}`,
        'a function that returns no promise; updateAsync can wait for one',
        'a promise',
      )
    },
    later: async () => call(),
  })
