/** What printed modules are run on: rows of the catalogue, with the steps that the interpreter of numbers makes. */
import { Block, encode as blocksAs, type CatalogueRow, catalogue } from '../../laws/index.js'
import { encode } from '../../src/checkpoint/index.js'
import type { toOptax } from '../../src/export/index.js'
import { applyUpdates, type Description, describe, type Params, type Tree, tree } from '../../src/index.js'

/** A leaf as a case writes it. */
interface Written {
  readonly shape: readonly number[]
  readonly values: readonly string[]
}

/** A case: a module, what it is given and what should come of it. */
export interface Case {
  readonly id: string
  readonly dtype: 'float64' | 'float32'
  readonly module: string
  readonly file: string
  readonly half: number
  readonly params: unknown
  readonly grads: readonly unknown[]
  readonly updates: readonly unknown[]
}

/** A case with its files. */
export interface Prepared {
  readonly row: CatalogueRow
  readonly case: Case
  readonly text: string
  readonly checkpoint: Uint8Array
  /** From a checkpoint on, the updates that are left. */
  readonly resume: (point: unknown) => readonly unknown[]
  /** What the checkpoint holds. */
  readonly point: unknown
  /** What it says that it belongs to, if that can be described. */
  readonly description: Description | undefined
}

/** Steps, and before which one the checkpoint is. */
const [STEPS, HALF] = [20, 7]

/** How many steps a schedule of one's own is tabulated for. */
export const TABLE = 40

const draw = (seed: number): Tree<Block> => {
  let at = 0
  const next = (): number => (((seed * 7919 + ++at * 104729) % 2003) - 1001) / 512
  const block = (...shape: number[]): Block =>
    new Block(shape, Float64Array.from({ length: shape.reduce((size, n) => size * n, 1) }, next))
  return { dense: { kernel: block(5) }, layers: [block(3), block()] }
}

const written = (leaf: unknown): Written => {
  if (typeof leaf === 'number') return { shape: [], values: [String(leaf)] }
  const values = leaf instanceof Float64Array || leaf instanceof Float32Array ? leaf : []
  return { shape: [values.length], values: Array.from(values, String) }
}

const write = (params: Params): unknown => tree.map(written)(params as Tree<unknown>)

const as = (dtype: Case['dtype'], seed: number): Params => blocksAs(dtype)(draw(seed))

/** The parameters of all cases, before the first step. */
export const firstParams = (dtype: Case['dtype']): Params => as(dtype, 0)

/** A row on float64 or float32, printed for an engine. Throws what printing throws for what cannot travel. */
export const prepared = (row: CatalogueRow, dtype: Case['dtype'], print: typeof toOptax): Prepared => {
  const tx = row.make()
  const first = firstParams(dtype)
  const grads = Array.from({ length: STEPS }, (_, i) => as(dtype, i + 1))
  const text = print(tx, first, { steps: TABLE })
  const walk = (params: Params, state: unknown, from: number): readonly unknown[] => {
    const updates: unknown[] = []
    let at = { params, state }
    for (const grad of grads.slice(from)) {
      const [u, next] = tx.update(grad, at.state, at.params)
      updates.push(write(u))
      at = { params: applyUpdates(at.params, u), state: next }
      if (updates.length + from === HALF) half = at
    }
    return updates
  }
  let half: { params: Params; state: unknown } = { params: first, state: null }
  const updates = walk(first, tx.init(first), 0)
  const point = half
  const described = describe(tx, first)
  const description = described._tag === 'Right' ? described.right : undefined
  const id = `${row.call} on ${dtype}`
  const name = `case_${catalogue.indexOf(row)}_${dtype}`
  return {
    row,
    case: {
      id,
      dtype,
      module: `${name}.py`,
      file: `${name}.safetensors`,
      half: HALF,
      params: write(first),
      grads: grads.map(write),
      updates,
    },
    text,
    checkpoint: encode(point, description && { description }),
    point,
    description,
    resume: (from) => {
      const { params, state } = from as typeof half
      return walk(params, state, HALF)
    },
  }
}
