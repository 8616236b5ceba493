/**
 * Process: a computation that may have to wait for a value from the device, written once.
 *
 * If the backend can be read synchronously, it runs to its end; if not (WebGPU), it runs as a promise.
 */
import { dispose } from './dispose.js'

// model

/** Something that is available at once on some backends, and later on all. */
export interface Wait<T> {
  readonly now: () => T
  readonly later: () => Promise<T>
}

/** A computation of a `T` that yields what it waits for, and gets the answer. */
export type Process<T> = Generator<Wait<unknown>, T, unknown>

// constructors

/** Waits for something. */
export function* wait<T>(what: Wait<T>): Process<T> {
  const answer = yield what
  // the answer is what the process waited for
  return answer as T
}

/** Announces something that was made, which is freed if the process throws. */
export type Announce = <M>(value: M) => M

/**
 * The process of one that announces what it makes; if it throws, that is freed first.
 *
 * To be called once, not in every step: an engine takes microseconds for each new generator function that it runs.
 */
export const freeingOnError = <A extends readonly unknown[], T>(
  compute: (made: Announce, ...args: A) => Process<T>,
): ((...args: A) => Process<T>) =>
  function* (...args) {
    const all: unknown[] = []
    try {
      return yield* compute(
        (value) => {
          all.push(value)
          return value
        },
        ...args,
      )
    } catch (error) {
      dispose(all)
      throw error
    }
  }

/** A process whose result is announced. */
export function* announced<T>(made: Announce, process: Process<T>): Process<T> {
  return made(yield* process)
}

// running

/** Runs a process, and reads from the device synchronously. */
export const runNow = <T>(process: Process<T>): T => {
  let next = process.next()
  while (next.done !== true) {
    let answer: unknown
    try {
      answer = next.value.now()
    } catch (error) {
      // the process frees what it has made, and rethrows
      next = process.throw(error)
      continue
    }
    next = process.next(answer)
  }
  return next.value
}

/** Runs a process without ever blocking on the device. */
export const runLater = async <T>(process: Process<T>): Promise<T> => {
  let next = process.next()
  while (next.done !== true) {
    let answer: unknown
    try {
      answer = await next.value.later()
    } catch (error) {
      next = process.throw(error)
      continue
    }
    next = process.next(answer)
  }
  return next.value
}
