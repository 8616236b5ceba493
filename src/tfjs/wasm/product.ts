/** Product: a product of matrices in the WASM backend's memory, of any layout, and of the patches of images. */
import type { Tensor, WasmDoor } from '../../host/tfjs/wasm/backend.js'
import { remember } from '../../rule/intern.js'
import { columnsBytes, rowsBytes } from './pack.js'
import { panelBytes } from './panel.js'

/** A matrix of which every number may lie anywhere: A[i, k] is at `base + rows[i] + steps[k]`, in bytes. */
export interface Scattered {
  readonly base: number
  readonly rows: Int32Array
  readonly steps: Int32Array
}

/** A matrix of which each row is dense; or each column, if it is turned. What is dense begins every `step` bytes. */
export interface Dense {
  readonly base: number
  readonly step: number
  readonly turned: boolean
  readonly columns: number
}

/** The kernels of a product. */
interface Kernels {
  readonly panel: Run
  readonly packRows: Run
  readonly packColumns: Run
}

/** What runs in a backend's memory, compiled. */
export type Run = (...parameters: number[]) => void

const isRun = (value: unknown): value is Run => typeof value === 'function'

/** How many rows of B are packed at once: a panel of them stays in the first cache. */
const deep = 256
/** Columns of a panel. */
const wide = 8
/** So few rows are multiplied sooner than packed. */
const few = 4
/** With so few rows of B, C is what moves: it is written in blocks of rows that stay in the first cache. */
const shallow = 16

/** Compiles a module for a backend's memory. Throws where the engine compiles no SIMD. */
export const compiled = (door: WasmDoor, bytes: (shared: boolean) => Uint8Array<ArrayBuffer>): Run => {
  const module = new WebAssembly.Module(bytes(door.isShared))
  const { run } = new WebAssembly.Instance(module, { env: { memory: door.memory } }).exports
  if (isRun(run)) return run
  throw new TypeError('a kernel exports its function')
}

/** Packs the last columns of B, fewer than eight, with zeros beside them. */
const packEdge = (
  floats: Float32Array,
  to: number,
  b: Dense,
  at: { readonly row: number; readonly column: number; readonly levels: number },
): void => {
  const [down, along] = b.turned ? [1, b.step / 4] : [b.step / 4, 1]
  const from = b.base / 4 + at.row * down + at.column * along
  const width = b.columns - at.column
  for (let k = 0; k < at.levels; k++)
    for (let j = 0; j < wide; j++)
      floats[to / 4 + k * wide + j] = j < width ? (floats[from + k * down + j * along] ?? 0) : 0
}

/** Copies `rows` times `width` numbers; those of a row lie side by side, and rows are so many numbers apart. */
const copyRows = (
  floats: Float32Array,
  [from, fromStep]: readonly [number, number],
  [to, toStep]: readonly [number, number],
  rows: number,
  width: number,
): void => {
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < width; j++) floats[to / 4 + i * toStep + j] = floats[from / 4 + i * fromStep + j] ?? 0
}

const addressed = (words: Int32Array, to: number, base: number, offsets: Int32Array): void => {
  for (let i = 0; i < offsets.length; i++) words[to / 4 + i] = base + (offsets[i] ?? 0)
}

const multiplier = (door: WasmDoor): Multiply => {
  const kernels: Kernels = {
    panel: compiled(door, (shared) => panelBytes('matrix', shared)),
    packRows: compiled(door, rowsBytes),
    packColumns: compiled(door, columnsBytes),
  }
  return (a, b, c, more) => {
    const [height, depth, width] = [a.rows.length, a.steps.length, b.columns]
    const rest = width % wide
    const most = Math.min(deep, depth)
    // the tables, a packed panel of B, and a panel of C where the last columns are fewer than a panel
    const tables = door.scratch(4 * (height + depth + wide * (most + (rest > 0 ? height : 0))) + 16)
    const packed = ((tables + 4 * (height + depth) + 15) & ~15) >>> 0
    const edge = packed + 4 * wide * most
    // after the memory may have grown
    const [words, floats] = [new Int32Array(door.memory.buffer), new Float32Array(door.memory.buffer)]
    addressed(words, tables, a.base, a.rows)
    addressed(words, tables + 4 * height, 0, a.steps)
    if (depth === 0 && !more) floats.fill(0, c / 4, c / 4 + height * width)
    const block = depth <= shallow ? shallow : height
    for (let k = 0; k < depth; k += deep) {
      const levels = Math.min(deep, depth - k)
      const [steps, end] = [tables + 4 * (height + k), tables + 4 * (height + k + levels)]
      const adds = more || k > 0
      const isPacked = b.turned || (height > few && depth > shallow)
      for (let i = 0; i < height; i += block) {
        const [rows, count] = [tables + 4 * i, Math.min(block, height - i)]
        for (let j = 0; j + wide <= width; j += wide) {
          const from = b.turned ? b.base + j * b.step + 4 * k : b.base + 4 * j + k * b.step
          if (isPacked) (b.turned ? kernels.packColumns : kernels.packRows)(packed, from, b.step, levels)
          const to = c + 4 * (i * width + j)
          if (isPacked) kernels.panel(to, 4 * width, packed, 4 * wide, steps, end, rows, count, Number(adds))
          else kernels.panel(to, 4 * width, from, b.step, steps, end, rows, count, Number(adds))
        }
      }
      if (rest > 0) {
        const column = width - rest
        packEdge(floats, packed, b, { row: k, column, levels })
        if (adds) copyRows(floats, [c + 4 * column, width], [edge, wide], height, rest)
        kernels.panel(edge, 4 * wide, packed, 4 * wide, steps, end, tables, height, Number(adds))
        copyRows(floats, [edge, wide], [c + 4 * column, width], height, rest)
      }
    }
  }
}

/** C = A B, or C + A B if there is `more`. C is dense and begins at an address. */
export type Multiply = (a: Scattered, b: Dense, c: number, more: boolean) => void

/** What multiplies in a backend's memory. Throws where the engine compiles no SIMD. */
export const multiplierOf: (door: WasmDoor) => Multiply = remember(multiplier)

/** Writes a row so many times. */
export const repeatRow = (door: WasmDoor, row: Tensor, to: number, count: number): void => {
  const floats = new Float32Array(door.memory.buffer)
  const from = door.dataOf(row).memoryOffset / 4
  for (let i = 0; i < count; i++) floats.copyWithin(to / 4 + i * row.size, from, from + row.size)
}
