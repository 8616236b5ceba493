/** Columns: where the phases of a step have what they read and compute of few elements at once. */
import { type Written, writer } from '../../compile/columns.js'
import type { Phase } from '../../compile/passes.js'
import type { Precision } from '../../compile/wasm/width.js'
import type { Elements } from '../../rule/ndarray.js'
import { type Window, windowsOf } from './layout.js'

/** A phase, written down, and where it has its things. */
export interface Columns {
  readonly windows: readonly Window[]
  readonly written: Written
  /** Whether it reduces or stores anything that differs from element to element. */
  readonly hasElements: boolean
  /** What is read is where it stays, or in a column of our own. */
  readonly columns: Elements[]
  readonly own: readonly Elements[]
  /** Single numbers. */
  readonly numbers: number[]
  /** Columns that have one number for a leaf, and those numbers, beside the leaves. */
  readonly spread: readonly Spread[]
}

interface Spread {
  readonly column: number
  readonly values: Float64Array
}

/** How many elements a column has at most. */
const MOST = 2 ** 12

/** Whether all of some leaves is there at the same time: what further windows have is not there for the next phase. */
export const keepsColumns = (sizes: readonly number[]): boolean => windowsOf(sizes, MOST).length <= 1

/** Lays out the phases over leaves of these sizes, which follow each other. */
export const layColumns = (sizes: readonly number[], precision: Precision): ((phase: Phase) => Columns) => {
  const windows = windowsOf(sizes, MOST)
  if (!keepsColumns(sizes)) return (phase) => layOver(windows, sizes, precision)(phase)
  return layOver(windows, sizes, precision)
}

const layOver = (
  windows: readonly Window[],
  sizes: readonly number[],
  precision: Precision,
): ((phase: Phase) => Columns) => {
  const length = Math.max(...windows.map(({ size }) => size))
  const columns: Elements[] = []
  const own: Elements[] = []
  const numbers: number[] = []
  const spread: Spread[] = []
  const column = (): number =>
    columns.push(
      own[
        own.push(precision === 'float32' ? new Float32Array(length) : new Float64Array(length)) - 1
      ] as Elements,
    ) - 1
  const write = writer({
    column,
    single: ({ scope }) => {
      if (scope !== 'leaf' || sizes.length === 1) return ~(numbers.push(Number.NaN) - 1)
      const at = column()
      spread.push({ column: at, values: new Float64Array(sizes.length) })
      return at
    },
  })
  return ({ loop }) => ({
    windows,
    written: write(loop),
    hasElements: loop.reductions.length > 0 || loop.stores.some(({ scope }) => scope === 'element'),
    columns,
    own,
    numbers,
    spread,
  })
}
