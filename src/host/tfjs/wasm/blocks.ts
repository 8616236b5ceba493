/**
 * Blocks of rows: one loop after the other goes through a few rows, while these are in a processor's own cache. So memory is
 * read once for several loops, of which each may be given what is made of the rows that those before it have reduced.
 */
import { entryWords } from '../../../compile/wasm/kernel.js'
import type { Expr } from '../../../rule/expr.js'
import type { Elements } from '../../../rule/ndarray.js'
import type { Grid } from '../../rows/grid.js'
import type { OfRows } from '../../rows/ofRows.js'
import { count } from '../../statistics.js'
import { type Engine, type Laid, type Leaf, layAll, putUniforms, type RowLoop } from './rows.js'

/** How many bytes a block has of all that is read of each element. */
const BLOCK = 2 ** 18

/** How many rows a block has. */
export const heightOf = ({ rows, columns }: Grid, loops: readonly RowLoop[]): number => {
  const inputs = new Set(loops.flatMap(({ loop }) => loop.streams.filter(({ scope }) => scope === 'element')))
  return Math.min(rows, Math.max(1, Math.floor(BLOCK / (4 * columns * Math.max(1, inputs.size)))))
}

/** Runs loops over the rows of a leaf, so many at a time; `done` is told of the rows that a loop is done with. */
export const runBlocks = (
  engine: Engine,
  leaf: Leaf,
  loops: readonly RowLoop[],
  height: number,
  { values, compute }: OfRows,
  done: (phase: number, laid: Laid, row: number, rows: number) => void,
): readonly Laid[] => {
  const { grid } = leaf
  const kernels = loops.map(({ loop }) => engine.kernelOf(loop))
  const all = layAll(engine, leaf, loops, (node) => values.has(node))
  const ofRow = (node: Expr): Elements | undefined => values.get(node)
  for (let row = 0; row < grid.rows; row += height) {
    const rows = Math.min(height, grid.rows - row)
    for (const [phase, laid] of all.entries()) {
      compute(phase, row, rows)
      putUniforms(laid, grid, ofRow, row, rows)
      kernels[phase]?.run(laid.table + 4 * entryWords(laid.loop) * row, rows)
      done(phase, laid, row, rows)
    }
  }
  count('launches')
  return all
}
