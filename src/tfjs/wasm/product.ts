/** Product: a product of matrices in the WASM backend's memory, of any layout, and of the patches of images. */
import { columnsBytes, rowsBytes } from '../../compile/wasm/pack.js'
import { panelBytes, panelSize, writePanel } from '../../compile/wasm/panel.js'
import { viewsOf } from '../../host/kernels/machine.js'
import type { WasmDoor } from '../../host/tfjs/wasm/backend.js'
import { compiled, type Run } from '../../host/tfjs/wasm/compiled.js'
import { remember } from '../../rule/intern.js'

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

/** How many rows of B are packed at once: a panel of them stays in the first cache. */
const deep = 256
/** Columns of a panel. */
const wide = 8
/** So few rows are multiplied sooner than packed. */
const few = 4
/** With so few rows of B, C is what moves: it is written in blocks of rows that stay in the first cache. */
const shallow = 16

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
    panel: compiled(door, (shared) => panelBytes('matrix', shared)).run,
    packRows: compiled(door, rowsBytes).run,
    packColumns: compiled(door, columnsBytes).run,
  }
  return (a, b, c, bias) => {
    const [height, depth, width] = [a.rows.length, a.steps.length, b.columns]
    const rest = width % wide
    const most = Math.min(deep, depth)
    // the tables, a packed panel of B, and a panel of C where the last columns are fewer than a panel
    const entry = door.scratch(
      panelSize + 4 * (height + depth + wide * (most + (rest > 0 ? height : 0))) + 16,
    )
    const tables = entry + panelSize
    const packed = ((tables + 4 * (height + depth) + 15) & ~15) >>> 0
    const edge = packed + 4 * wide * most
    // after the memory may have grown
    const views = viewsOf(door.memory.buffer)
    const { i32, f32 } = views
    addressed(i32, tables, a.base, a.rows)
    addressed(i32, tables + 4 * height, 0, a.steps)
    const block = depth <= shallow ? shallow : height
    for (let k = 0; k === 0 || k < depth; k += deep) {
      const levels = Math.min(deep, depth - k)
      const [steps, end] = [tables + 4 * (height + k), tables + 4 * (height + k + levels)]
      // what is added: the bias to every row, and then C itself
      const [added, addedStep] = k === 0 ? [bias, 0] : [c, 4 * width]
      const isPacked = b.turned || (height > few && depth > shallow)
      for (let i = 0; i < height; i += block) {
        const [rows, count] = [tables + 4 * i, Math.min(block, height - i)]
        for (let j = 0; j + wide <= width; j += wide) {
          const from = b.turned ? b.base + j * b.step + 4 * k : b.base + 4 * j + k * b.step
          if (isPacked) (b.turned ? kernels.packColumns : kernels.packRows)(packed, from, b.step, levels)
          writePanel(views, entry, {
            c: c + 4 * (i * width + j),
            cStep: 4 * width,
            d: added === null ? 0 : added + i * addedStep + 4 * j,
            dStep: addedStep,
            b: isPacked ? packed : from,
            bStep: isPacked ? 4 * wide : b.step,
            steps,
            end,
            rows,
            count,
            alpha: 1,
            beta: 1,
          })
          kernels.panel(entry, 1)
        }
      }
      if (rest > 0) {
        const column = width - rest
        packEdge(f32, packed, b, { row: k, column, levels })
        if (added !== null) copyRows(f32, [added + 4 * column, addedStep / 4], [edge, wide], height, rest)
        writePanel(views, entry, {
          c: edge,
          cStep: 4 * wide,
          d: added === null ? 0 : edge,
          dStep: 4 * wide,
          b: packed,
          bStep: 4 * wide,
          steps,
          end,
          rows: tables,
          count: height,
          alpha: 1,
          beta: 1,
        })
        kernels.panel(entry, 1)
        copyRows(f32, [edge, wide], [c + 4 * column, width], height, rest)
      }
    }
  }
}

/** C = A B, and a bias in each row of it if its address is given. C is dense and begins at an address. */
export type Multiply = (a: Scattered, b: Dense, c: number, bias: number | null) => void

/** What multiplies in a backend's memory. Throws where the engine compiles no SIMD. */
export const multiplierOf: (door: WasmDoor) => Multiply = remember(multiplier)
