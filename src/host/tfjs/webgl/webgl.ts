/**
 * The fused interpreter for TensorFlow.js's WebGL backend: a step is one draw per leaf for the outputs and, per stage of
 * reductions, one per leaf and one or two for all. Nothing is read back.
 *
 * A draw cannot write a texture that it reads, so that a donated step takes turns: each leaf's results are textures that
 * the leaf before it has given back.
 */
import { PLANES } from '../../../compile/glsl/reduction.js'
import { ROW } from '../../../compile/glsl/shader.js'
import { remember } from '../../../rule/intern.js'
import { UPDATE } from '../../../rule/rule.js'
import { shapeAlong } from '../../../rule/scope.js'
import { type Refusal, refusal } from '../../fallback.js'
import type { Done, Job, Work } from '../../work.js'
import { inputOf, inputs, isOwn } from '../inputs.js'
import type { Memory, Tensor } from './backend.js'
import type { Level } from './layout.js'
import { type Painter, painterOf, type Region, type Shader } from './painter.js'
import { type Prepared, prepare, type Ready } from './prepare.js'
import { type Outputs, type Program, programOf } from './program.js'
import type { Textures } from './textures.js'

/** Rounds the host's values to float32, where programs are given them from. */
const writeHost = ({ host }: Program, given: Float64Array): void => {
  for (let i = 0; i < given.length; i++) host[i] = given[i] as number
}

type Draw = (
  ready: Ready,
  targets: readonly WebGLTexture[],
  region: Region,
  more?: (shader: Shader) => void,
) => void

/** Draws what is ready, in one step. */
const drawing = ({ gl }: Memory, painter: Painter, program: Program): Draw => {
  const used = new Set<Shader>()
  return ({ leaf, group, shader, places, access, geometry }, targets, region, more) => {
    painter.use(shader)
    if (!used.has(shader)) {
      used.add(shader)
      const host = shader.at('host')
      if (host !== null) gl.uniform4fv(host, program.host)
    }
    const { width, rows, columns, size } = geometry
    const at = shader.at('geometry')
    if (at !== null) gl.uniform4i(at, width, rows, columns, size)
    for (const [i, place] of places.entries()) {
      painter.bind(i, place.texture)
      if (access[i] !== 'same')
        gl.uniform4i(shader.at(`place${i}`), place.width, place.offset, place.rows, place.columns)
    }
    if (group.found.reductions.length > 0 && program.textures !== null) {
      painter.bind(places.length, program.textures.values)
      gl.uniform1iv(shader.at('reduced_at'), program.valuesOf(leaf, group))
    }
    const digits = program.digitsOf(leaf, group)
    if (digits.length > 0) gl.uniform3iv(shader.at('digits'), digits)
    if (group.found.known.length > 0) gl.uniform4fv(shader.at('known'), program.knownOf(leaf, group))
    more?.(shader)
    painter.draw(targets, region)
  }
}

const combine = (
  { gl }: Memory,
  painter: Painter,
  textures: Textures,
  { table, from, into, first, lines }: Level,
): void => {
  const { combine: shader, shares, between, values } = textures
  const sources = from === 'shares' ? shares : [between[from]]
  painter.use(shader)
  painter.bind(0, textures.table)
  // a unit that no row names must not hold the texture that is written, either
  for (let i = 0; i < PLANES; i++) painter.bind(1 + i, sources[i] ?? textures.shares[0] ?? values)
  gl.uniform2i(shader.at('lines'), table, first)
  painter.draw([into === 'values' ? values : between[into]], { x: 0, y: first, width: ROW, height: lines })
}

const reduce = (
  { reductions }: Prepared,
  { layout, textures }: Program,
  memory: Memory,
  painter: Painter,
  draw: Draw,
): void => {
  if (textures === null) return
  const { gl } = memory
  for (const [stage, all] of reductions.entries()) {
    for (const ready of all) {
      const region = layout.sharesOf(ready.leaf, ready.group.nodes)
      if (region === null) continue
      const { x, y, apart, until, cell } = region
      draw(ready, textures.shares.slice(0, ready.group.nodes.length), region, (shader) => {
        gl.uniform4i(shader.at('region'), x, y, apart, until)
        if (cell !== null) gl.uniform2i(shader.at('cell'), ...cell)
      })
    }
    for (const level of layout.levels[stage] ?? []) combine(memory, painter, textures, level)
  }
}

/**
 * Gives back those of a leaf's own tensors that are given up, have been replaced and stand nowhere else: what comes next
 * takes their textures. What has not been replaced is read by a later round.
 */
const givingBack = (work: Work<Tensor>): ((leaf: number) => void) => {
  if (!work.donate) return () => {}
  const times = new Map<Tensor, number>()
  for (const tensor of inputs(work)) times.set(tensor, (times.get(tensor) ?? 0) + 1)
  const columns = Object.entries({ ...work.slots, [UPDATE]: work.parameters })
  return (leaf) => {
    const outputs = work.job.leaves[leaf]?.plan.outputs ?? {}
    for (const [name, column] of columns) {
      const tensor = Object.hasOwn(outputs, name) ? (column[leaf] ?? null) : null
      if (tensor !== null && times.get(tensor) === 1) tensor.dispose()
    }
  }
}

const run = (
  work: Work<Tensor>,
  program: Program,
  prepared: Prepared,
  memory: Memory,
  painter: Painter,
): Done<Tensor> => {
  const { job } = work
  const columns: Record<string, (Tensor | null)[]> = {}
  const tree: Record<string, Tensor> = {}
  const draw = drawing(memory, painter, program)
  const put = (leaf: number, name: string, tensor: Tensor): void => {
    columns[name] ??= job.leaves.map(() => null)
    columns[name][leaf] = tensor
  }
  /** Draws into new tensors. */
  const into = (
    ready: Ready<Outputs>,
    shape: readonly number[],
    put: (name: string, tensor: Tensor) => void,
  ): void => {
    const { isPacked, width, height } = ready.geometry
    const targets = ready.group.names.map((name) => {
      const tensor = memory.fresh(shape, isPacked)
      put(name, tensor)
      return memory.placeOf(tensor, isPacked)?.texture ?? null
    })
    draw(
      ready,
      targets.filter((texture) => texture !== null),
      { x: 0, y: 0, width, height },
    )
  }
  const giveBack = givingBack(work)

  painter.begin()
  reduce(prepared, program, memory, painter, draw)
  for (const ready of prepared.tree)
    into(ready, [], (name, tensor) => {
      tree[name] = tensor
    })
  for (const [leaf, { spec }] of job.leaves.entries()) {
    const own = program.plans[leaf]
    for (const { name, atom } of own?.copies ?? []) {
      const tensor = inputOf(work, leaf, atom)
      const isTree = !isOwn(job.leaves[leaf]?.plan.outputs[name]?.scope ?? 'tree')
      if (tensor === null || (isTree && Object.hasOwn(tree, name))) continue
      if (isTree) tree[name] = memory.share(tensor)
      else put(leaf, name, memory.share(tensor))
    }
    const ready = prepared.own[leaf] ?? []
    for (const each of ready)
      into(each, shapeAlong(each.group.domain, spec.shape), (name, tensor) => put(leaf, name, tensor))
    for (const group of own?.own ?? [])
      if (!ready.some((each) => each.group === group))
        // of no elements: there is nothing to draw
        for (const name of group.names)
          put(leaf, name, memory.fresh(shapeAlong(group.domain, spec.shape), false))
    giveBack(leaf)
  }
  painter.end()
  memory.restore()
  return { columns, tree }
}

type WebglInterpreter = (work: Work<Tensor>) => Done<Tensor> | Refusal

/** The interpreter for tensors of a WebGL backend. It refuses what its device cannot draw. */
export const webglInterpreter: (memory: Memory) => WebglInterpreter = remember((memory: Memory) => {
  const programsOf = remember((_: Job) => new Map<boolean, Program | Refusal>())
  return (work: Work<Tensor>) => {
    const obstacle = memory.obstacle()
    if (obstacle !== null) return refusal('webgl', obstacle)
    const painter = painterOf(memory.gl)
    const isPacked = memory.packs()
    const programs = programsOf(work.job)
    const program = programs.get(isPacked) ?? programOf(memory, painter, work.job, isPacked)
    programs.set(isPacked, program)
    if ('_tag' in program) return program
    const prepared = prepare(work, program, memory)
    if ('_tag' in prepared) return prepared
    writeHost(program, work.host)
    return run(work, program, prepared, memory, painter)
  }
})
