/**
 * What is made of matrices by products, in the WASM backend's memory: no tensors but the results, and a work area for all
 * matrices of one shape.
 */
import { remember } from '../../../rule/intern.js'
import type { Stack } from '../../../rule/stack.js'
import { type Refusal, refusal } from '../../fallback.js'
import type { Matrices } from '../../host.js'
import type { Tensor, WasmDoor } from './backend.js'
import { layoutOf, load, type Source, unload } from './matrixLayout.js'
import { orthogonal } from './orthogonal.js'
import { type Area, type Matrix, type Panels, panelsOf } from './panels.js'
import { withRoom } from './room.js'

type Columns = readonly (readonly Tensor[])[]

/** Makes something of matrices in a work area, one of each column; answers where it is. */
type Make<C extends Columns> = (...sources: { readonly [K in keyof C]: Source }) => Matrix

/** What is made of the matrices in tensors of one shape: of the first of every column, of the second, and so on. */
const mapMatrices = <const C extends Columns>(
  door: WasmDoor,
  panels: Panels,
  columns: C,
  stack: Stack,
  prepare: (area: Area) => Make<C>,
): readonly Tensor[] => {
  const [tensors = []] = columns
  const [count, rows, width] = stack.shape
  const made: Tensor[] = []
  try {
    return withRoom(door, panels.sizeOf(rows, width), (address) => {
      // before anything is computed: the memory may grow
      const to = tensors.map(({ shape, size }) => {
        const { tensor, address } = door.makeTensor(shape, size)
        made.push(tensor)
        return address
      })
      const area = panels.areaAt(address, rows, width)
      const make = prepare(area)
      const layout = layoutOf(stack, tensors[0]?.shape ?? [])
      for (const [i, into] of to.entries()) {
        const from = columns.map((column) => door.dataOf(column[i] as Tensor).memoryOffset) // as many as tensors
        for (let which = 0; which < count; which++) {
          const before = 4 * (layout.places.matrices[which] ?? 0)
          const sources = from.map((start): Source => ({ layout, address: start + before }))
          const result = make(...(sources as { readonly [K in keyof C]: Source })) // one of each column
          unload(area, result, { layout, address: into + before })
        }
      }
      return made
    })
  } catch (error) {
    for (const tensor of made) tensor.dispose()
    throw error
  }
}

/** Multiplies $a\,b^\top c$; the first product is symmetric if it is always that of a matrix with itself. */
const product = (area: Area, isSymmetric: boolean): ((a: Source, b: Source, c: Source) => Matrix) => {
  const [square] = area.squares
  const [x, y] = area.wides
  const turn = area.turn(x, y)
  const first = area.product({ left: x, right: y, into: square, plus: null, isSymmetric })
  const second = area.product({ left: square, right: x, into: y, plus: null, isSymmetric: false })
  return (a, b, c) => {
    load(area, b, x, 1)
    turn()
    if (a.address !== b.address) load(area, a, x, 1)
    first(1, 0)
    if (c.address !== a.address) load(area, c, x, 1)
    second(1, 0)
    return y
  }
}

const inPanels = (door: WasmDoor, panels: Panels): Matrices<Tensor> => ({
  orthogonalize: (tensors, stack, by, eps) =>
    mapMatrices(door, panels, [tensors], stack, (area) => {
      const make = orthogonal(area, by)
      return (source) => make(source, eps)
    }),
  multiply: (a, b, c, stack) => mapMatrices(door, panels, [a, b, c], stack, (area) => product(area, a === b)),
})

/** What computes with matrices in a backend's memory. */
export const panelMatricesOf: (door: WasmDoor) => Matrices<Tensor> | Refusal = remember((door: WasmDoor) => {
  try {
    return inPanels(door, panelsOf(door))
  } catch (error) {
    // an engine without SIMD, or a content-security policy that forbids compilation
    return refusal('wasm', String(error))
  }
})
