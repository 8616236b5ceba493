/**
 * The program of a worker that shares the pieces of large leaves with the thread that steps, as text: a worker's
 * program is a file of its own, and a library that is bundled has none.
 *
 * The two agree on some 32-bit words in shared memory:
 *
 * - `turn`: which command is on, in the upper half, and how many of its pieces nobody has taken yet, in the lower.
 *   Whoever takes one off the lower half may do that piece. All other words are of the command whose number `turn`
 *   had before and after they were read.
 * - `done`: how many pieces workers have finished.
 * - `ready`: how many workers wait for commands.
 * - `stop`: not zero when workers shall end.
 * - `kernel`: a number for the kernel; `bytes`, `length`: where in the memory its module is.
 * - `table`, `stride`, `entries`: the address of the table, how many bytes an entry takes, and how many there are.
 * - `lot`: how many entries make a piece.
 */
import { erfCoefficients } from '../../../random/erf.js'

/** The places of the words. */
export const words: Readonly<
  Record<
    | 'turn'
    | 'done'
    | 'ready'
    | 'stop'
    | 'kernel'
    | 'bytes'
    | 'length'
    | 'table'
    | 'stride'
    | 'entries'
    | 'lot',
    number
  >
> = {
  turn: 0,
  done: 1,
  ready: 2,
  stop: 3,
  kernel: 4,
  bytes: 5,
  length: 6,
  table: 7,
  stride: 8,
  entries: 9,
  lot: 10,
}

/** How many words there are. */
export const WORDS: number = Object.keys(words).length

/** How many values the lower half of `turn` has. */
export const PIECES = 65_536

/**
 * The text of the functions that kernels import, `functions`: those of `importedFunctions` once more, since a worker has
 * nothing but its text.
 */
export const functionsProgram: string = `
const { near, far } = ${JSON.stringify(erfCoefficients)}
const functions = {
  ...{ exp: Math.exp, log: Math.log, tanh: Math.tanh, sin: Math.sin, cos: Math.cos, pow: Math.pow },
  sigmoid: (x) => {
    const e = Math.exp(-Math.abs(x))
    return (x < 0 ? e : 1) / (1 + e)
  },
  erf: (x) => {
    const size = Math.abs(x)
    if (size >= 6) return Math.sign(x)
    const isNear = size < 1
    const at = isNear ? x * x : (size - 2) / (size + 2)
    const sum = (isNear ? near : far).reduceRight((all, each) => all * at + each, 0)
    return isNear ? x + x * sum : Math.sign(x) * (1 - Math.exp(-x * x) * sum)
  },
}
`

/** The text of the program. */
export const workerProgram: string = `
const w = ${JSON.stringify(words)}
${functionsProgram}
const kernels = new Map()
const work = (control, memory) => {
  const env = { memory, ...functions }
  const kernelOf = (id, bytes, length) => {
    const known = kernels.get(id)
    if (known !== undefined) return known
    const copy = new Uint8Array(memory.buffer, bytes, length).slice()
    const { run } = new WebAssembly.Instance(new WebAssembly.Module(copy), { env }).exports
    kernels.set(id, run)
    return run
  }
  // as long as pieces are left, the words are those of this command
  const isOn = (turn) => {
    const now = Atomics.load(control, w.turn)
    return now >>> 16 === turn >>> 16 && (now & 0xffff) !== 0
  }
  const read = (word) => Atomics.load(control, word)
  Atomics.add(control, w.ready, 1)
  while (read(w.stop) === 0) {
    const turn = read(w.turn)
    if ((turn & 0xffff) === 0) {
      Atomics.wait(control, w.turn, turn)
      continue
    }
    const [id, bytes, length] = [read(w.kernel), read(w.bytes) >>> 0, read(w.length)]
    const [table, stride, entries, lot] = [read(w.table) >>> 0, read(w.stride), read(w.entries), read(w.lot)]
    if (!isOn(turn)) continue
    // a piece is taken only with the kernel at hand, so that none is taken and not done
    const run = kernelOf(id, bytes, length)
    for (let next = turn; isOn(turn); next = read(w.turn)) {
      if (next >>> 16 !== turn >>> 16 || (next & 0xffff) === 0) break
      if (Atomics.compareExchange(control, w.turn, next, next - 1) !== next) continue
      const first = ((next & 0xffff) - 1) * lot
      run(table + first * stride, Math.min(lot, entries - first))
      Atomics.add(control, w.done, 1)
      Atomics.notify(control, w.done)
    }
  }
}
onmessage = ({ data }) => {
  work(data.control, data.memory)
  close()
}
`
