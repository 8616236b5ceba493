/**
 * The interpreter for tensors of the WASM backend: a whole chain in one pass over their memory.
 *
 * Kernels read and write the tensors where they are. Between the kernels the host computes what has one value per
 * leaf or tree: it sees the same memory.
 */
import type { Expr, Reduce } from '../../rule/expr.js'
import { remember } from '../../rule/intern.js'
import { UPDATE } from '../../rule/rule.js'
import type { Refusal } from '../fallback.js'
import { count } from '../statistics.js'
import type { Column, Done, Job, Work } from '../work.js'
import type { Tensor, TensorData, WasmDoor } from './backend.js'
import { type Binding, type Bound, bind, type Group, type Piece } from './bind.js'
import { compiler } from './compile.js'
import { entryWords, HEADER } from './kernel.js'
import type { Phase } from './passes.js'
import { repeated } from './repeated.js'
import { type Launch, launcher } from './threads.js'

// the tensors of a step

/** Where a step's tensors have their numbers; columns are indexed like the job's leaves. */
interface Located {
  readonly gradients: readonly (TensorData | null)[]
  readonly parameters: readonly (TensorData | null)[]
  readonly slots: Readonly<Record<string, readonly (TensorData | null)[]>>
  readonly treeSlots: Readonly<Record<string, TensorData | null>>
}

const locate = (door: WasmDoor, work: Work<Tensor>): Located => {
  const data = (tensor: Tensor | null): TensorData | null => (tensor === null ? null : door.dataOf(tensor))
  const slots: Record<string, readonly (TensorData | null)[]> = {}
  for (const name of Object.keys(work.slots)) slots[name] = work.slots[name]?.map(data) ?? []
  const treeSlots: Record<string, TensorData | null> = {}
  for (const name of Object.keys(work.treeSlots)) treeSlots[name] = data(work.treeSlots[name] ?? null)
  return {
    gradients: work.gradients.map(data),
    parameters: work.parameters.map(data),
    slots,
    treeSlots,
  }
}

const noData: ReadonlySet<number> = new Set()

/** Data that stand in several places of a donating step, so that none may be written over. */
const shared = ({ gradients, parameters, slots, treeSlots }: Located): ReadonlySet<number> => {
  const ids = (column: readonly (TensorData | null)[]): number[] => {
    const found: number[] = []
    for (const data of column) if (data !== null) found.push(data.id)
    return found
  }
  const columns = [gradients, parameters, ...Object.values(slots), Object.values(treeSlots)]
  return repeated(columns.map(ids))
}

// where the outputs go

/** Finds a place for an output: the memory of what it replaces, which has no new tensor yet, or a new tensor's. */
interface Placing {
  /** The address of the output; the new tensor, if there is one, is put into the column. */
  readonly place: (
    before: Tensor | null,
    data: TensorData | null,
    shape: readonly number[],
    column: (Tensor | null)[],
    at: number,
  ) => number
  readonly share: (tensor: Tensor) => Tensor
  /** Frees what was made. */
  readonly dispose: () => void
}

const placing = (door: WasmDoor, donate: boolean, held: ReadonlySet<number>): Placing => {
  const made: Tensor[] = []
  const keep = (tensor: Tensor): Tensor => {
    made.push(tensor)
    return tensor
  }
  return {
    place: (before, data, shape, column, at) => {
      if (donate && before !== null && data !== null && data.refCount === 1 && !held.has(data.id))
        return data.memoryOffset
      const tensor = keep(door.makeTensor(shape))
      column[at] = tensor
      return door.dataOf(tensor).memoryOffset
    },
    share: (tensor) => keep(door.share(tensor)),
    dispose: () => {
      for (const tensor of made) tensor.dispose()
    },
  }
}

// views of the memory

/** The memory as words of each kind. */
interface Views {
  readonly f32: Float32Array
  readonly i32: Int32Array
  readonly f64: Float64Array
}

const viewsOf = remember(
  (buffer: ArrayBufferLike): Views => ({
    f32: new Float32Array(buffer),
    i32: new Int32Array(buffer),
    f64: new Float64Array(buffer),
  }),
)

// a step

/** A step under way. */
interface Run {
  readonly work: Work<Tensor>
  readonly located: Located
  readonly views: Views
  /** The address of the scratch memory. */
  readonly scratch: number
  /** The values of reductions over the tree, by site. */
  readonly sites: Map<string, number>
  readonly launch: Launch
}

/** Writes what a phase's tape is given. */
const give = (run: Run, { passes, leaves, reduced }: Group, { tape }: Phase, row: number): void => {
  const { values } = tape
  const { host } = run.work
  let next = 0
  while (next < host.length) values[next] = Math.fround(host[next++] as number)
  for (const { name, scope } of passes.slots) {
    const data =
      scope === 'tree' ? run.located.treeSlots[name] : run.located.slots[name]?.[leaves[row] as number]
    values[next++] = data ? (run.views.f32[data.memoryOffset >>> 2] as number) : Number.NaN
  }
  const { reductions } = passes
  for (let i = 0; i < reductions.length; i++) {
    const { over, site } = reductions[i] as Reduce
    values[next++] =
      over === 'tree'
        ? Math.fround(run.sites.get(site) ?? Number.NaN)
        : (reduced[row * reductions.length + i] as number)
  }
}

/**
 * Computes a phase's numbers, once or for every leaf, and puts the uniforms in their place. `use` is given each
 * leaf's numbers, which begin after the uniforms.
 */
const computeNumbers = (
  run: Run,
  group: Group,
  { phase, numbers }: Bound<Phase>,
  use: (row: number, numbers: Float64Array, first: number) => void,
): void => {
  const { tape, loop, perLeaf } = phase
  const uniforms = loop.uniforms.length
  const at = run.scratch >>> 2
  for (let row = 0; row < group.leaves.length; row++) {
    if (perLeaf || row === 0) {
      give(run, group, phase, row)
      tape.run(numbers)
      const from = at + (perLeaf ? row * uniforms : 0)
      for (let i = 0; i < uniforms; i++) run.views.f32[from + i] = numbers[i] as number
    }
    if (tape.length > uniforms) use(row, numbers, uniforms)
    else if (!perLeaf) break
  }
}

/** Where the leaves of a stream have their numbers. */
const streamOf = ({ located }: Run, node: Expr): readonly (TensorData | null)[] =>
  node._tag === 'Gradient'
    ? located.gradients
    : node._tag === 'Parameter'
      ? located.parameters
      : node._tag === 'Slot'
        ? (located.slots[node.name] ?? [])
        : []

/** Fills a phase's table, and runs its kernel. */
const launch = (
  run: Run,
  { leaves, elements, pieces }: Group,
  { phase, kernel, table, results }: Bound<Phase>,
  stores: readonly (readonly number[])[],
): void => {
  if (kernel === null) return
  const { loop, perLeaf } = phase
  const { i32 } = run.views
  const words = entryWords(loop)
  const start = (run.scratch + table) >>> 2
  for (let i = 0, at = start; i < pieces.length; i++, at += words) {
    const { row, size } = pieces[i] as Piece
    i32[at] = size
    i32[at + 1] = run.scratch + (perLeaf ? 4 * loop.uniforms.length * row : 0)
    i32[at + 2] = run.scratch + results + 8 * loop.reductions.length * i
  }
  for (let k = 0; k < loop.streams.length; k++) {
    const column = streamOf(run, loop.streams[k] as Expr)
    for (let i = 0, at = start + HEADER + k; i < pieces.length; i++, at += words) {
      const { row, from } = pieces[i] as Piece
      i32[at] = (column[leaves[row] as number]?.memoryOffset ?? 0) + 4 * from
    }
  }
  for (let k = 0; k < stores.length; k++) {
    const column = stores[k] as readonly number[]
    for (let i = 0, at = start + HEADER + loop.streams.length + k; i < pieces.length; i++, at += words) {
      const { row, from } = pieces[i] as Piece
      i32[at] = (column[row] as number) + 4 * from
    }
  }
  run.launch(kernel, run.scratch + table, 4 * words, pieces.length, elements)
  count('launches')
}

/** Two shares of a reduction. */
const combine = ({ kind }: Reduce, a: number | undefined, b: number): number =>
  a === undefined ? b : kind === 'sum' ? a + b : Math.max(a, b)

/** Runs a stage of reductions over the leaves of a group; `shares` gathers those over the tree, by site. */
const reduceStage = (run: Run, group: Group, index: number, shares: Map<string, number>): void => {
  const bound = group.stages[index]
  if (bound === undefined) return
  const { ofNumbers, loop } = bound.phase
  const { passes, reduced, sizes, pieces } = group
  const record = (row: number, reduce: Reduce, value: number): void => {
    if (reduce.over === 'tree') shares.set(reduce.site, combine(reduce, shares.get(reduce.site), value))
    else reduced[row * passes.reductions.length + passes.reductions.indexOf(reduce)] = Math.fround(value)
  }
  const at = (run.scratch + bound.results) >>> 3
  const ofPiece = (i: number, k: number): number =>
    run.views.f64[at + i * loop.reductions.length + k] as number
  computeNumbers(run, group, bound, (row, numbers, first) => {
    for (const [i, reduce] of ofNumbers.entries()) {
      const [size, value] = [sizes[row] ?? 0, numbers[first + i] ?? Number.NaN]
      // a sum begins at 0, so that one of negative zeros alone is 0
      if (reduce.kind === 'sum') record(row, reduce, size === 0 ? 0 : 0 + size * value)
      else record(row, reduce, size === 0 ? Number.NEGATIVE_INFINITY : value)
    }
  })
  launch(run, group, bound, [])
  for (let i = 0, next = 0; i < pieces.length; i = next) {
    const { row } = pieces[i] as Piece
    for (next = i + 1; pieces[next]?.row === row; ) next++
    for (const [k, reduce] of loop.reductions.entries()) {
      let value = ofPiece(i, k)
      for (let other = i + 1; other < next; other++) value = combine(reduce, value, ofPiece(other, k))
      record(row, reduce, value)
    }
  }
}

/** An output's tensors by leaf, `null` where it takes the memory of what was there before. */
interface Output {
  readonly column: (Tensor | null)[]
  readonly before: Column<Tensor>
}

/** The places of all outputs of a step. */
interface Placed {
  readonly columns: Map<string, Output>
  /** Of scope `tree`: columns of one. */
  readonly tree: Map<string, Output>
  /** Per group, per stored output the addresses of its leaves. */
  readonly stores: readonly (readonly (readonly number[])[])[]
  /** Per group, per output of single numbers the addresses of its leaves. */
  readonly numbers: readonly (readonly (readonly number[])[])[]
}

const placeAll = (groups: readonly Group[], work: Work<Tensor>, located: Located, to: Placing): Placed => {
  const columns = new Map<string, Output>()
  const tree = new Map<string, Output>()
  const outputOf = (name: string): Output => {
    const known = columns.get(name)
    if (known !== undefined) return known
    const before = name === UPDATE ? work.parameters : (work.slots[name] ?? [])
    const output = { column: new Array<Tensor | null>(work.job.leaves.length).fill(null), before }
    columns.set(name, output)
    return output
  }
  const ofLeaves = (
    { leaves }: Group,
    name: string,
    shapes: readonly (readonly number[])[],
  ): readonly number[] => {
    const { column, before } = outputOf(name)
    const data = name === UPDATE ? located.parameters : (located.slots[name] ?? [])
    return leaves.map((leaf, row) =>
      to.place(before[leaf] ?? null, data[leaf] ?? null, shapes[row] ?? [], column, leaf),
    )
  }
  const ofTree = (name: string): readonly number[] => {
    if (tree.has(name)) return []
    const output = { column: [null], before: [work.treeSlots[name] ?? null] }
    tree.set(name, output)
    return [to.place(output.before[0] ?? null, located.treeSlots[name] ?? null, [], output.column, 0)]
  }
  const shareUnchanged = ({ passes, leaves }: Group): void => {
    for (const name of passes.final.unchanged)
      if (passes.plan.outputs[name]?.scope === 'tree') {
        const old = work.treeSlots[name]
        if (old && !tree.has(name)) tree.set(name, { column: [to.share(old)], before: [] })
      } else {
        const { column, before } = outputOf(name)
        for (const leaf of leaves) {
          const old = before[leaf]
          if (old) column[leaf] = to.share(old)
        }
      }
  }

  groups.forEach(shareUnchanged)
  return {
    columns,
    tree,
    stores: groups.map((group) =>
      group.passes.final.stored.map((name) => ofLeaves(group, name, group.shapes)),
    ),
    numbers: groups.map((group) =>
      group.passes.final.ofNumbers.map((name) =>
        group.passes.plan.outputs[name]?.scope === 'tree' ? ofTree(name) : ofLeaves(group, name, []),
      ),
    ),
  }
}

/** What a step gives back: outputs that took the memory of donated tensors take over their handles too. */
const collect = (door: WasmDoor, groups: readonly Group[], { columns, tree }: Placed): Done<Tensor> => {
  const tensors: Record<string, Column<Tensor>> = {}
  for (const [name, { column, before }] of columns) {
    for (const { passes, leaves } of groups)
      if (passes.plan.outputs[name] !== undefined)
        for (const leaf of leaves) {
          const old = before[leaf]
          if (column[leaf] === null && old) column[leaf] = door.takeOver(old)
        }
    tensors[name] = column
  }
  const ofTree: Record<string, Tensor> = {}
  for (const [name, { column, before }] of tree) {
    const tensor = column[0] ?? (before[0] ? door.takeOver(before[0]) : null)
    if (tensor !== null) ofTree[name] = tensor
  }
  return { columns: tensors, tree: ofTree }
}

const runAll = (run: Run, { groups }: Binding, placed: Placed): void => {
  for (let stage = 0; stage < run.work.job.plan.stages; stage++) {
    const shares = new Map<string, number>()
    for (const group of groups) reduceStage(run, group, stage, shares)
    for (const [site, value] of shares) run.sites.set(site, value)
  }
  // what is written into a donated slot must not be read by the next group: numbers are written last
  const writes: (readonly [address: number, value: number])[] = []
  for (const [g, group] of groups.entries()) {
    computeNumbers(run, group, group.final, (row, numbers, first) => {
      for (const [i, addresses] of (placed.numbers[g] ?? []).entries()) {
        const address = addresses[row]
        if (address !== undefined) writes.push([address, numbers[first + i] ?? Number.NaN])
      }
    })
    launch(run, group, group.final, placed.stores[g] ?? [])
  }
  for (const [address, value] of writes) run.views.f32[address >>> 2] = value
}

type WasmInterpreter = (work: Work<Tensor>) => Done<Tensor> | Refusal

/** The interpreter for tensors of a WASM backend. It refuses where the engine compiles no kernel with SIMD. */
export const wasmInterpreter: (door: WasmDoor) => WasmInterpreter = remember((door: WasmDoor) => {
  const compile = compiler(door)
  const launch = launcher(door)
  const binding = remember((job: Job) => bind(job, compile))
  return (work: Work<Tensor>) => {
    const bound = binding(work.job)
    if ('_tag' in bound) return bound
    const located = locate(door, work)
    const to = placing(door, work.donate, work.donate ? shared(located) : noData)
    try {
      const placed = placeAll(bound.groups, work, located, to)
      const scratch = door.scratch(bound.scratch)
      const run: Run = {
        work,
        located,
        views: viewsOf(door.memory.buffer), // after everything is allocated: the memory may have grown
        scratch,
        sites: new Map(),
        launch,
      }
      runAll(run, bound, placed)
      return collect(door, bound.groups, placed)
    } catch (error) {
      to.dispose()
      throw error
    }
  }
})
