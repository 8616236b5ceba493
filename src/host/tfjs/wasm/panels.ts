/**
 * Matrices in panels of eight columns, in a work area of the WASM backend's memory: products read them as they are, and
 * what has no more than eight rows or columns of its own lies among zeros. Symmetric products are computed by halves.
 */
import { squaresBytes } from '../../../compile/wasm/pack.js'
import { panelBytes, panelSize, writePanel } from '../../../compile/wasm/panel.js'
import { type Views, viewsOf } from '../../kernels/machine.js'
import { count } from '../../statistics.js'
import type { WasmDoor } from './backend.js'
import { compiled, type Run } from './compiled.js'
import { launcher } from './threads.js'

/** Columns of a panel; a row of it has so many bytes. */
const wide = 8
const rowBytes = 4 * wide
/** How many rows of a panel are gone through at once, so that they stay in the first cache. */
const deep = 256
/** So many products of numbers take as long as an element of a loop. */
const perElement = 8

const up = (size: number): number => Math.ceil(size / wide) * wide

/** A matrix of the work area. It is as high as all of them. */
export interface Matrix {
  readonly at: number
  readonly columns: number
  /** The table of where its columns are. */
  readonly steps: number
}

/** A product: α A B + β D, with D of the size of what it goes into. */
export interface Product {
  readonly left: Matrix
  readonly right: Matrix
  readonly into: Matrix
  readonly plus: Matrix | null
  /** Of what is symmetric, half is computed. */
  readonly isSymmetric: boolean
}

/** Computes a product with these factors. */
export type Multiply = (alpha: number, beta: number) => void

/** Rows of eight numbers each, one panel beside the other. */
export interface Rows {
  /** Where the first one is, and how many bytes lie from one to the next. */
  readonly at: number
  readonly step: number
  /** How many bytes lie from one panel to the next. */
  readonly panel: number
}

/** How many products of matrices of one size an area has tables for. */
const most = 10

/** A work area for matrices of so many rows. */
export interface Area {
  readonly rows: number
  /** The rows and columns with the zeros beside them. */
  readonly height: number
  readonly width: number
  readonly views: Views
  /** Two matrices of as many columns as are asked for, and two squares. */
  readonly wides: readonly [Matrix, Matrix]
  readonly squares: readonly [Matrix, Matrix]
  /** Prepares a product: its tables are written. */
  readonly product: (product: Product) => Multiply
  /** Prepares $X^\top$, in the room of another matrix of its size, where a product finds it. */
  readonly turn: (x: Matrix, room: Matrix) => () => void
  /** Prepares $XX^\top$, which needs the room of another matrix of its size. */
  readonly square: (x: Matrix, room: Matrix, into: Matrix) => () => void
  /** The panels of a matrix. */
  readonly rowsOf: (matrix: Matrix) => Rows
  /** Copies so many panels, times a factor. */
  readonly copy: (from: Rows, to: Rows, panels: number, factor: number) => void
}

/** What makes work areas in a backend's memory. */
export interface Panels {
  /** How many numbers' memory an area takes. */
  readonly sizeOf: (rows: number, columns: number) => number
  /** The area at an address. */
  readonly areaAt: (address: number, rows: number, columns: number) => Area
}

/** The numbers that each part of an area takes, in their order. */
const partsOf = (height: number, width: number): readonly number[] => [
  ...[height * width, height * width, height * height, height * height],
  // where columns are, in each of the four, and where rows are
  ...[width, width, height, height, height],
  (1 + most * Math.ceil(width / deep)) * (panelSize / 4) * (width / wide),
]

/** Throws where the engine compiles no SIMD. */
export const panelsOf = (door: WasmDoor): Panels => {
  const kernel = compiled(door, (shared) => panelBytes('matrix', shared))
  const turn: Run = compiled(door, squaresBytes).run
  const launch = launcher(door)

  const areaAt = (address: number, rows: number, columns: number): Area => {
    const [height, width] = [up(rows), up(columns)]
    const views = viewsOf(door.memory.buffer)
    const { i32, f32 } = views
    const places: number[] = []
    let next = address
    for (const size of partsOf(height, width)) {
      places.push(next)
      next += 4 * size
    }
    const place = (part: number): number => places[part] ?? 0
    const panel = rowBytes * height
    const tableOfRows = place(8)
    for (let i = 0; i < height; i++) i32[(tableOfRows >>> 2) + i] = rowBytes * i
    const matrix = (part: number, of: number): Matrix => {
      const [at, steps] = [place(part), place(4 + part)]
      for (let k = 0; k < of; k++) i32[(steps >>> 2) + k] = at + Math.floor(k / wide) * panel + 4 * (k % wide)
      return { at, columns: of, steps }
    }

    const copies = place(9)
    let free = copies + panelSize * (width / wide)
    const product = ({ left, right, into, plus, isSymmetric }: Product): Multiply => {
      const depth = left.columns
      const panels = into.columns / wide
      const table = free
      for (let k = 0; k < depth; k += deep) {
        const added = k === 0 ? plus : into
        for (let j = 0; j < panels; j++, free += panelSize)
          writePanel(views, free, {
            c: into.at + j * panel,
            cStep: rowBytes,
            d: added === null ? 0 : added.at + j * panel,
            dStep: rowBytes,
            b: right.at + rowBytes * (j * depth + k),
            bStep: rowBytes,
            steps: left.steps + 4 * k,
            end: left.steps + 4 * Math.min(k + deep, depth),
            rows: tableOfRows,
            count: isSymmetric ? wide * (j + 1) : height,
            alpha: 1,
            beta: 1,
          })
      }
      const work =
        (height * into.columns * Math.min(deep, depth)) / (isSymmetric ? 2 * perElement : perElement)
      return (alpha, beta) => {
        for (let k = 0, at = table; k < depth; k += deep, at += panels * panelSize) {
          for (let j = 1; j <= panels; j++) {
            // the last two words of an entry
            const end = (at + j * panelSize) >>> 2
            f32[end - 2] = alpha
            if (k === 0) f32[end - 1] = beta
          }
          launch(kernel, at, panelSize, panels, work)
          count('launches')
        }
        for (let j = 1; isSymmetric && j < panels; j++)
          turn(
            into.at + (j - 1) * panel + j * wide * rowBytes,
            into.at + j * panel + (j - 1) * wide * rowBytes,
            panel,
            height - j * wide,
          )
      }
    }

    const turned = (x: Matrix, room: Matrix) => (): void => {
      for (let i = 0; i < height; i += wide)
        turn(room.at + 4 * i * x.columns, x.at + i * rowBytes, panel, x.columns)
    }

    return {
      ...{ rows, height, width, views, product },
      turn: turned,
      wides: [matrix(0, width), matrix(1, width)],
      squares: [matrix(2, height), matrix(3, height)],
      square: (x, room, into) => {
        const multiply = product({ left: x, right: room, into, plus: null, isSymmetric: true })
        const turnOver = turned(x, room)
        return () => {
          turnOver()
          multiply(1, 0)
        }
      },
      rowsOf: ({ at }) => ({ at, step: rowBytes, panel }),
      copy: (from, to, panels, factor) => {
        for (let j = 0; j < panels; j++)
          writePanel(views, copies + j * panelSize, {
            c: to.at + j * to.panel,
            cStep: to.step,
            d: from.at + j * from.panel,
            dStep: from.step,
            // a product of no depth, and what is added to it
            b: 0,
            bStep: 0,
            steps: 0,
            end: 0,
            rows: tableOfRows,
            count: rows,
            alpha: 1,
            beta: factor,
          })
        kernel.run(copies, panels)
      },
    }
  }

  return {
    sizeOf: (rows, columns) => partsOf(up(rows), up(columns)).reduce((all, size) => all + size, 0),
    areaAt,
  }
}
