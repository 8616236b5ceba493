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
import { type Binding, type Bound, bind, type Group } from './bind.js'
import { compiler } from './compile.js'
import { entryWords, HEADER } from './kernel.js'
import type { Phase } from './passes.js'
import { repeated } from './repeated.js'

// the tensors of a step

/** Where a step's tensors have their numbers; columns are indexed like the job's leaves. */
interface Located {
  readonly gradients: readonly (TensorData | null)[]
  readonly parameters: readonly (TensorData | null)[]
  readonly slots: Readonly<Record<string, readonly (TensorData | null)[]>>
  readonly treeSlots: Readonly<Record<string, TensorData | null>>
}

const locate = (door: WasmDoor, { gradients, parameters, slots, treeSlots }: Work<Tensor>): Located => {
  const data = (tensor: Tensor | null): TensorData | null => (tensor === null ? null : door.dataOf(tensor))
  const each = <A, B>(record: Readonly<Record<string, A>>, f: (value: A) => B): Record<string, B> => {
    const mapped: Record<string, B> = {}
    for (const name of Object.keys(record)) mapped[name] = f(record[name] as A)
    return mapped
  }
  return {
    gradients: gradients.map(data),
    parameters: parameters.map(data),
    slots: each(slots, (column) => column.map(data)),
    treeSlots: each(treeSlots, data),
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

/** The place of an output: the memory of what it replaces, or that of a new tensor. */
interface Place {
  readonly address: number
  readonly tensor: Tensor
}

/** Gives outputs their places; remembers what it has made, to free it should the step fail. */
interface Placing {
  readonly place: (before: Tensor | null, data: TensorData | null, shape: readonly number[]) => Place
  readonly share: (tensor: Tensor) => Tensor
  readonly dispose: () => void
}

const placing = (door: WasmDoor, donate: boolean, held: ReadonlySet<number>): Placing => {
  const made: Tensor[] = []
  const keep = (tensor: Tensor): Tensor => {
    made.push(tensor)
    return tensor
  }
  return {
    place: (before, data, shape) => {
      if (donate && before !== null && data !== null && data.refCount === 1 && !held.has(data.id))
        return { address: data.memoryOffset, tensor: keep(door.share(before)) }
      const tensor = keep(door.makeTensor(shape))
      return { address: door.dataOf(tensor).memoryOffset, tensor }
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
  /** The host's numbers, in float32. */
  readonly host: Float32Array
  /** The values of reductions over the tree, by site. */
  readonly sites: Map<string, number>
}

/** Writes what a phase's tape is given. */
const give = (run: Run, { passes, leaves, reduced }: Group, { tape }: Phase, row: number): void => {
  const { values } = tape
  values.set(run.host)
  let next = run.host.length
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
 * leaf's numbers, those after the uniforms.
 */
const computeNumbers = (
  run: Run,
  group: Group,
  { phase }: Bound<Phase>,
  use: (row: number, numbers: Float64Array) => void,
): void => {
  const { tape, loop, perLeaf } = phase
  const uniforms = loop.uniforms.length
  const numbers = new Float64Array(tape.length)
  const at = run.scratch >>> 2
  for (let row = 0; row < group.leaves.length; row++) {
    if (perLeaf || row === 0) {
      give(run, group, phase, row)
      tape.run(numbers)
      const from = at + (perLeaf ? row * uniforms : 0)
      for (let i = 0; i < uniforms; i++) run.views.f32[from + i] = numbers[i] as number
    }
    if (tape.length > uniforms) use(row, numbers.subarray(uniforms))
    else if (!perLeaf) break
  }
}

/** The addresses of what a stream reads, by leaf. */
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
  { leaves, sizes }: Group,
  { phase, kernel, table, results }: Bound<Phase>,
  stores: readonly (readonly number[])[],
): void => {
  if (kernel === null) return
  const { loop, perLeaf } = phase
  const { i32 } = run.views
  const words = entryWords(loop)
  const start = (run.scratch + table) >>> 2
  for (let row = 0, at = start; row < leaves.length; row++, at += words) {
    i32[at] = sizes[row] as number
    i32[at + 1] = run.scratch + (perLeaf ? 4 * loop.uniforms.length * row : 0)
    i32[at + 2] = run.scratch + results + 8 * loop.reductions.length * row
  }
  for (let k = 0; k < loop.streams.length; k++) {
    const column = streamOf(run, loop.streams[k] as Expr)
    for (let row = 0, at = start + HEADER + k; row < leaves.length; row++, at += words)
      i32[at] = column[leaves[row] as number]?.memoryOffset ?? 0
  }
  for (let k = 0; k < stores.length; k++) {
    const column = stores[k] as readonly number[]
    for (let row = 0, at = start + HEADER + loop.streams.length + k; row < leaves.length; row++, at += words)
      i32[at] = column[row] as number
  }
  kernel(run.scratch + table, leaves.length)
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
  const { passes, reduced, sizes, leaves } = group
  const record = (row: number, reduce: Reduce, value: number): void => {
    if (reduce.over === 'tree') shares.set(reduce.site, combine(reduce, shares.get(reduce.site), value))
    else reduced[row * passes.reductions.length + passes.reductions.indexOf(reduce)] = Math.fround(value)
  }
  computeNumbers(run, group, bound, (row, numbers) => {
    for (const [i, reduce] of ofNumbers.entries()) {
      const [size, value] = [sizes[row] ?? 0, numbers[i] ?? Number.NaN]
      // a sum begins at 0, so that one of negative zeros alone is 0
      if (reduce.kind === 'sum') record(row, reduce, size === 0 ? 0 : 0 + size * value)
      else record(row, reduce, size === 0 ? Number.NEGATIVE_INFINITY : value)
    }
  })
  launch(run, group, bound, [])
  const at = (run.scratch + bound.results) >>> 3
  for (let row = 0; row < leaves.length; row++)
    for (let i = 0; i < loop.reductions.length; i++)
      record(
        row,
        loop.reductions[i] as Reduce,
        run.views.f64[at + row * loop.reductions.length + i] as number,
      )
}

type Outputs = Record<string, (Tensor | null)[]>

/** The places of all outputs of a step. */
interface Placed {
  readonly columns: Outputs
  readonly tree: Record<string, Tensor>
  /** Per group, per stored output the addresses of its leaves. */
  readonly stores: readonly (readonly (readonly number[])[])[]
  /** Per group, per output of single numbers the addresses of its leaves. */
  readonly numbers: readonly (readonly (readonly number[])[])[]
}

const placeAll = (
  job: Job,
  groups: readonly Group[],
  work: Work<Tensor>,
  located: Located,
  to: Placing,
): Placed => {
  const columns: Outputs = {}
  const tree: Record<string, Tensor> = {}
  const columnOf = (name: string): (Tensor | null)[] => {
    columns[name] ??= new Array<Tensor | null>(job.leaves.length).fill(null)
    return columns[name]
  }
  const before = (name: string): Column<Tensor> =>
    name === UPDATE ? work.parameters : (work.slots[name] ?? [])
  const dataBefore = (name: string): readonly (TensorData | null)[] =>
    name === UPDATE ? located.parameters : (located.slots[name] ?? [])

  const ofLeaves = (
    { leaves }: Group,
    name: string,
    shapes: readonly (readonly number[])[],
  ): readonly number[] => {
    const [column, old, data] = [columnOf(name), before(name), dataBefore(name)]
    return leaves.map((leaf, row) => {
      const { address, tensor } = to.place(old[leaf] ?? null, data[leaf] ?? null, shapes[row] ?? [])
      column[leaf] = tensor
      return address
    })
  }
  const ofTree = (name: string): readonly number[] => {
    if (tree[name] !== undefined) return []
    const { address, tensor } = to.place(work.treeSlots[name] ?? null, located.treeSlots[name] ?? null, [])
    tree[name] = tensor
    return [address]
  }
  const shareUnchanged = ({ passes, leaves }: Group): void => {
    for (const name of passes.final.unchanged)
      if (passes.plan.outputs[name]?.scope === 'tree') {
        const old = work.treeSlots[name]
        if (old && tree[name] === undefined) tree[name] = to.share(old)
      } else {
        const [column, old] = [columnOf(name), before(name)]
        for (const leaf of leaves) {
          const tensor = old[leaf]
          if (tensor) column[leaf] = to.share(tensor)
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

const runAll = (run: Run, { groups }: Binding, placed: Placed): void => {
  for (let stage = 0; stage < run.work.job.plan.stages; stage++) {
    const shares = new Map<string, number>()
    for (const group of groups) reduceStage(run, group, stage, shares)
    for (const [site, value] of shares) run.sites.set(site, value)
  }
  // what is written into a donated slot must not be read by the next group: numbers are written last
  const writes: (readonly [address: number, value: number])[] = []
  for (const [g, group] of groups.entries()) {
    computeNumbers(run, group, group.final, (row, numbers) => {
      for (const [i, addresses] of (placed.numbers[g] ?? []).entries()) {
        const address = addresses[row]
        if (address !== undefined) writes.push([address, numbers[i] ?? Number.NaN])
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
  const binding = remember((job: Job) => bind(job, compile))
  return (work: Work<Tensor>) => {
    const bound = binding(work.job)
    if ('_tag' in bound) return bound
    const located = locate(door, work)
    const to = placing(door, work.donate, work.donate ? shared(located) : noData)
    try {
      const placed = placeAll(work.job, bound.groups, work, located, to)
      const scratch = door.scratch(bound.scratch)
      const run: Run = {
        work,
        located,
        views: viewsOf(door.memory.buffer), // after everything is allocated: the memory may have grown
        scratch,
        host: Float32Array.from(work.host),
        sites: new Map(),
      }
      runAll(run, bound, placed)
      return { columns: placed.columns, tree: placed.tree }
    } catch (error) {
      to.dispose()
      throw error
    }
  }
})
