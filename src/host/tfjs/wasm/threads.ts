/**
 * Threads: a few workers that share the work on large leaves, where the backend's memory is shared.
 *
 * One core does not saturate memory. The thread that steps works too, and takes what no worker has taken: a worker
 * that is late, or not there yet, costs nothing. Pieces are the same for any number of threads, and so are results.
 */
import { GradpipeError } from '../../../error.js'
import type { Kernel } from '../../kernels/compile.js'
import { count } from '../../statistics.js'
import type { WasmDoor } from './backend.js'
import { PIECES, WORDS, words, workerProgram } from './worker.js'

/** Runs a kernel over the entries of a table; `elements` is how much work that is. */
export type Launch = (
  kernel: Kernel,
  table: number,
  stride: number,
  entries: number,
  elements: number,
) => void

// how many

/** Below, waking a worker costs more than it does. */
const THRESHOLD = 2 ** 17

/** More cores than that do not make memory faster. */
const MOST = 4

let wanted: number | undefined

const threadsWanted = (): number =>
  wanted ?? Math.min(MOST, typeof navigator === 'undefined' ? 1 : (navigator.hardwareConcurrency ?? 1))

// one pool

interface Pool {
  readonly launch: Launch
  readonly end: () => void
}

/** Whether this thread may sleep: a page's main thread may not. */
const maySleep = (): boolean => {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0)
    return true
  } catch {
    return false
  }
}

/** A worker that has taken a piece needs a millisecond for it. */
const PATIENCE = 10_000

const waitFor = (control: Int32Array<SharedArrayBuffer>, pieces: number, sleeps: boolean): void => {
  const end = performance.now() + PATIENCE
  for (;;) {
    const done = Atomics.load(control, words.done)
    if (done === pieces) return
    if (sleeps) Atomics.wait(control, words.done, done, 10)
    if (performance.now() > end) throw new Error('a worker of gradpipe does not answer')
  }
}

let programUrl: string | undefined

const startWorker = (control: Int32Array, memory: WebAssembly.Memory): Worker => {
  programUrl ??= URL.createObjectURL(new Blob([workerProgram], { type: 'text/javascript' }))
  const worker = new Worker(programUrl)
  worker.postMessage({ control, memory })
  // in Node a process ends although a worker waits
  if ('unref' in worker && typeof worker.unref === 'function') worker.unref()
  return worker
}

/** A kernel's module in the memory, where workers find it, and its number. */
interface Stored {
  readonly id: number
  readonly address: number
}

const stored = new WeakMap<Kernel, Stored>()
let ids = 0

const store = (door: WasmDoor, kernel: Kernel): Stored => {
  const known = stored.get(kernel)
  if (known !== undefined) return known
  ids += 1
  const made = { id: ids, address: door.store(kernel.bytes) }
  stored.set(kernel, made)
  return made
}

const startPool = (door: WasmDoor, threads: number): Pool => {
  const control = new Int32Array(new SharedArrayBuffer(4 * WORDS))
  const workers = Array.from({ length: threads - 1 }, () => startWorker(control, door.memory))
  const sleeps = maySleep()
  let command = 0

  const launch: Launch = (kernel, table, stride, entries) => {
    if (Atomics.load(control, words.ready) === 0) return kernel.run(table, entries)
    const lot = Math.ceil(entries / (PIECES - 1))
    const pieces = Math.ceil(entries / lot)
    const { id, address } = store(door, kernel)
    const set = (word: number, value: number): void => {
      Atomics.store(control, word, value)
    }
    set(words.done, 0)
    set(words.kernel, id)
    set(words.bytes, address)
    set(words.length, kernel.bytes.length)
    set(words.table, table)
    set(words.stride, stride)
    set(words.entries, entries)
    set(words.lot, lot)
    command = (command + 1) % 2 ** 16
    set(words.turn, command * PIECES + pieces)
    Atomics.notify(control, words.turn)
    let own = 0
    for (let next = pieces; next > 0; ) {
      const turn = (command * PIECES + next) | 0
      const found = Atomics.compareExchange(control, words.turn, turn, turn - 1)
      if (found === turn) {
        const first = (next - 1) * lot
        kernel.run(table + first * stride, Math.min(lot, entries - first))
        own += 1
      }
      next = Atomics.load(control, words.turn) & (PIECES - 1)
    }
    waitFor(control, pieces - own, sleeps)
    count('workerPieces', pieces - own)
  }

  return {
    launch,
    end: () => {
      Atomics.store(control, words.stop, 1)
      // a new value, so that no worker goes back to sleep
      Atomics.store(control, words.turn, ((command + 1) % 2 ** 16) * PIECES)
      Atomics.notify(control, words.turn)
      for (const worker of workers) worker.terminate()
    },
  }
}

// all pools

const pools = new Map<WasmDoor, Pool>()

const tryToStart = (door: WasmDoor, threads: number): Pool | null => {
  try {
    const pool = startPool(door, threads)
    pools.set(door, pool)
    return pool
  } catch {
    return null
  }
}

/** Launches kernels on a backend, with the help of workers where there can be any. */
export const launcher = (door: WasmDoor): Launch => {
  // where a content-security policy forbids workers, or there are none, it is left at one attempt
  let canStart = door.isShared && typeof Worker !== 'undefined'
  return (kernel, table, stride, entries, elements) => {
    const threads = threadsWanted()
    if (!canStart || threads < 2 || elements < THRESHOLD || entries < 2) return kernel.run(table, entries)
    const pool = pools.get(door) ?? tryToStart(door, threads)
    canStart = pool !== null
    if (pool === null) return kernel.run(table, entries)
    try {
      pool.launch(kernel, table, stride, entries, elements)
    } catch (error) {
      // a worker that is late must not be taken for one of the next command
      canStart = false
      pools.delete(door)
      pool.end()
      throw error
    }
  }
}

/**
 * How many threads share a step on large tensors, the one that steps among them; `1` ends all workers.
 *
 * It matters on the WASM backend in its threaded build alone, whose memory is shared: in pages that are cross-origin
 * isolated. The default is the number of cores, at most 4. Workers start at the first step that is large enough, help
 * as soon as they are there, and wait in between; results are the same for any number, bit for bit.
 *
 * Throws `InvalidArgument` unless `threads` is a positive whole number.
 *
 * @category Interpreters
 * @see TensorFlow.js, `setThreadsCount` of the WASM backend
 * @example
 * ```ts
 * import { setThreadsCount } from 'gradpipe/tfjs'
 *
 * setThreadsCount(2)
 * setThreadsCount(1) // ends the workers
 * ```
 */
export const setThreadsCount = (threads: number): void => {
  if (!Number.isInteger(threads) || threads < 1)
    throw new GradpipeError('InvalidArgument', 'setThreadsCount', 'a positive whole number', String(threads))
  wanted = threads
  for (const pool of pools.values()) pool.end()
  pools.clear()
}
