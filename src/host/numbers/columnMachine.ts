/**
 * The machine for few elements, and for any number where there can be no kernels: one loop per operator, over columns of
 * which each leaf of a group has a part. What one phase has read or computed of few elements is there for the next.
 */
import type { Instruction, Operand, Stream } from '../../compile/columns.js'
import type { Phase } from '../../compile/passes.js'
import type { Elements } from '../../rule/ndarray.js'
import { reductions } from '../brought.js'
import type { Bound, BoundStage, Group } from '../kernels/binding.js'
import type { Machine } from '../kernels/machine.js'
import { count } from '../statistics.js'
import type { Columns } from './columns.js'
import { bring, inPlaceOf, type Stepped, singleOf } from './inputs.js'
import type { Window } from './layout.js'
import { map2Into, mapInto, selectInto } from './loops.js'

/** The instructions' operands are columns or single numbers. */
const of = ({ columns, numbers }: Columns, place: Operand): number | Elements =>
  place < 0 ? (numbers[~place] as number) : (columns[place] as Elements)

const run = (layout: Columns): void => {
  const { instructions } = layout.written
  for (let i = 0; i < instructions.length; i++) {
    const each = instructions[i] as Instruction
    const out = layout.columns[each.out] as Elements
    switch (each._tag) {
      case 'Unary':
        mapInto(each.op, layout.columns[each.x] as Elements, out)
        break
      case 'Binary':
        map2Into(each.op, of(layout, each.x), of(layout, each.y), out)
        break
      case 'Select': {
        const { op, left, right, then, otherwise } = each
        selectInto(op, of(layout, left), of(layout, right), of(layout, then), of(layout, otherwise), out)
      }
    }
  }
}

/** The machine of a step. */
export class ColumnMachine<V> implements Machine<Columns> {
  readonly sums = 'in order'
  readonly #stepped: Stepped<V>

  constructor(stepped: Stepped<V>) {
    this.#stepped = stepped
  }

  single(name: string, leaf: number | null): number {
    return singleOf(this.#stepped, name, leaf)
  }

  putUniforms(_: unknown, { numbers: values, layout }: Bound<Phase, Columns>, row: number): void {
    const { written, numbers, spread } = layout
    const { uniforms } = written
    for (let i = 0; i < uniforms.length; i++) {
      const place = uniforms[i] as Operand
      if (place < 0) numbers[~place] = values[i] as number
      else for (const each of spread) if (each.column === place) each.values[row] = values[i] as number
    }
  }

  reduce(group: Group<Columns>, bound: BoundStage<Columns>): void {
    reductions().inColumns(bound, (then) => this.#compute(group, bound, then))
  }

  store(group: Group<Columns>, index: number): void {
    const { final } = group
    const { stored, loop } = final.phase
    const { layout } = final
    const { written, columns } = layout
    const { outputs } = this.#stepped
    this.#compute(group, final, ({ segments }) => {
      for (let k = 0; k < stored.length; k++)
        if (loop.stores[k]?.scope === 'element')
          outputs.put(index, k, segments, columns[written.stores[k] as Operand] as Elements, 0)
    })
    for (let k = 0; k < stored.length; k++) {
      if (loop.stores[k]?.scope === 'element') continue
      const place = written.stores[k] as Operand
      const values = layout.spread.find(({ column }) => column === place)?.values
      for (let row = 0; row < group.leaves.length; row++)
        outputs.fill(index, k, row, (values?.[row] ?? layout.numbers[~place]) as number)
    }
  }

  write(index: number, i: number, row: number, value: number): void {
    this.#stepped.outputs.write(index, i, row, value)
  }

  /** Reads and computes what a phase's columns have, window by window. */
  #compute(group: Group<Columns>, { layout }: Bound<Phase, Columns>, then: (window: Window) => void): void {
    // of nothing, or of the same numbers everywhere
    if (!layout.hasElements) return
    const { windows, written, columns, own, spread } = layout
    const { streams } = written
    for (let w = 0; w < windows.length; w++) {
      const window = windows[w] as Window
      for (let k = 0; k < streams.length; k++) {
        const { node, column } = streams[k] as Stream
        const stays = inPlaceOf(this.#stepped, node, group, window)
        columns[column] = stays ?? (own[column] as Elements)
        if (stays === null) bring(this.#stepped, node, group, window, own[column] as Elements, 0)
      }
      for (const { column, values } of spread)
        for (const { row, at, size } of window.segments)
          columns[column]?.fill(values[row] as number, at, at + size)
      run(layout)
      count('launches')
      then(window)
    }
  }
}
