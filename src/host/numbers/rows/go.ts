/** A go through the rows of a leaf: piece by piece its elements are copied in, reduced or stepped, and copied out. */
import { entryWords, HEADER } from '../../../compile/wasm/kernel.js'
import type { Expr } from '../../../rule/expr.js'
import type { Elements } from '../../../rule/ndarray.js'
import type { Views } from '../../kernels/machine.js'
import { placesOf } from '../../rows/grid.js'
import { count } from '../../statistics.js'
import { sizeAlong } from '../axes.js'
import { copyInto } from '../copy.js'
import type { Memory } from '../memory.js'
import type { NumberValue } from '../values.js'
import type { BoundLoop, BoundTask, Go, Piece } from './layout.js'

/** What a go reads. */
export interface Inputs {
  /** The value of a term that is no element's. */
  readonly narrow: (node: Expr) => NumberValue
  /** The elements of the gradient, the parameter or a slot. */
  readonly elementsOf: (node: Expr) => Elements
}

const viewOf = ({ f32, f64 }: Views, { bytes }: Go): Elements => (bytes === 4 ? f32 : f64)

/** Puts a row's or a leaf's numbers where each entry finds its own. */
const putUniforms = (
  view: Elements,
  { grid, bytes, uniforms: address }: Go,
  { uniforms, rows }: BoundLoop,
  inputs: Inputs,
  row: number,
  entries: number,
): void => {
  const first = address / bytes
  const apart = uniforms.length
  for (const [k, { node, further }] of uniforms.entries()) {
    const value = inputs.narrow(node)
    if (typeof value === 'number') for (let e = 0; e < entries; e++) view[first + k + e * apart] = value
    else {
      const places = placesOf(grid, node.scope)
      for (let e = 0; e < entries; e++)
        view[first + k + e * apart] = value[places[row + further + e * rows] as number] as number
    }
  }
}

/** Fills the table for some of a piece's rows, from one on, and runs the kernel. */
const launch = (
  { i32 }: Views,
  go: Go,
  { results, stores, makes, over, reductions }: BoundTask,
  { loop, rows, streams, kernel }: BoundLoop,
  { row, from, width }: Piece,
  begin: number,
  entries: number,
): void => {
  const { grid, bytes, areas, runs, uniforms, table } = go
  const { columns } = grid
  const words = entryWords(loop)
  const start = table >>> 2
  /** Writes a word of every entry: an address, and so much more for each row, or for each place. */
  const put = (word: number, address: number, more: number, further = 0, places?: Int32Array): void => {
    let at = start + word
    let i = begin + further
    if (places === undefined)
      for (let e = 0; e < entries; e++, at += words, i += rows) i32[at] = address + more * i
    else
      for (let e = 0; e < entries; e++, at += words, i += rows)
        i32[at] = address + more * (places[row + i] as number)
  }
  put(0, width, 0)
  for (let e = 0, at = start + 1; e < entries; e++, at += words)
    i32[at] = uniforms + bytes * loop.uniforms.length * e
  if (makes === 'cells') put(2, results, 16 * reductions.length, 0, placesOf(grid, over))
  else if (makes === 'columns') put(2, results + 8 * from, 8 * columns, 0, placesOf(grid, over))
  for (const [k, { node, further }] of streams.entries()) {
    const area = areas.get(node)
    if (area !== undefined) put(HEADER + k, area, bytes * width, further)
    else
      put(
        HEADER + k,
        (runs.get(node) as number) + bytes * from, // what is no element's is a run
        bytes * columns,
        further,
        placesOf(grid, node.scope),
      )
  }
  for (const [k, area] of stores.entries()) put(HEADER + streams.length + k, area, bytes * width)
  kernel.run(table, entries)
  count('launches')
}

const run = (views: Views, go: Go, task: BoundTask, piece: Piece, inputs: Inputs): void => {
  const view = viewOf(views, go)
  let begin = 0
  for (const bound of task.loops) {
    const entries = Math.floor((piece.rows - begin) / bound.rows)
    if (entries === 0) continue
    putUniforms(view, go, bound, inputs, piece.row + begin, entries)
    launch(views, go, task, bound, piece, begin, entries)
    begin += entries * bound.rows
  }
}

const bringIn = (view: Elements, { grid, areas, bytes }: Go, piece: Piece, inputs: Inputs): void => {
  const { row, rows, from, width } = piece
  for (const [node, area] of areas)
    copyInto(inputs.elementsOf(node), row * grid.columns + from, rows * width, view, area / bytes)
}

/** What is done before a task has its turn at a piece. */
export type Before = (task: BoundTask, piece: Piece, views: Views) => void

/** Goes through a leaf with some of a go's tasks; `then` is told of every piece that is done. */
export const goThrough = (
  memory: Memory,
  go: Go,
  tasks: readonly BoundTask[],
  inputs: Inputs,
  then: (piece: Piece, view: Elements) => void = () => undefined,
  before: Before = () => undefined,
): void => {
  const views = memory.views(go.needs)
  const view = viewOf(views, go)
  for (const [node, address] of go.runs) {
    const value = inputs.narrow(node)
    const at = address / go.bytes
    if (typeof value === 'number') view.fill(value, at, at + sizeAlong(node.scope, go.grid.shape))
    else view.set(value, at)
  }
  for (const piece of go.pieces) {
    bringIn(view, go, piece, inputs)
    for (const task of tasks) {
      before(task, piece, views)
      run(views, go, task, piece, inputs)
    }
    then(piece, view)
  }
}

/** Copies what a piece has of the k-th output into the leaf's array. */
export const takeOut = (
  { grid, bytes, tasks }: Go,
  { row, rows, from, width }: Piece,
  view: Elements,
  k: number,
  into: Elements,
): void => {
  const area = tasks[0]?.stores[k] as number // it stores as many as are asked for
  copyInto(view, area / bytes, rows * width, into, row * grid.columns + from)
}
