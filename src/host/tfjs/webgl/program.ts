/** A job's shaders and textures in a context: made once, used in every step. */
import { cellKey, cellSteps, cellsOf, digitsOf, type Step } from '../../../compile/axes.js'
import { cellShader, shareShader } from '../../../compile/glsl/reduction.js'
import {
  type Access,
  type Found,
  found,
  outputShader,
  type Packing,
  ROW,
  stepsFrom,
  unitsOf,
} from '../../../compile/glsl/shader.js'
import { apart, inGroups } from '../../../compile/groups.js'
import { type ElementAtom, printed } from '../../../compile/statements.js'
import type { Expr, Reduce } from '../../../rule/expr.js'
import { remember } from '../../../rule/intern.js'
import type { LeafPlan } from '../../../rule/plan.js'
import { type Extent, isAxes, shapeAlong } from '../../../rule/scope.js'
import { type Refusal, refusal } from '../../fallback.js'
import type { Job } from '../../work.js'
import { copied, isOwn } from '../inputs.js'
import type { Memory } from './backend.js'
import { type Geometry, geometryOf, type Layout, layoutOf, reductionsAtOnce } from './layout.js'
import type { Painter, Shader } from './painter.js'
import { type Textures, texturesOf } from './textures.js'

/** Terms that one draw computes. */
export interface Group {
  readonly found: Found
  /** What the shader has an index of, and how others are made of it. */
  readonly domain: Extent
  readonly steps: readonly Step[]
  /** The shader of leaves that lie so; what is wrong with it, in words. */
  readonly shader: (packing: Packing, access: readonly Access[]) => Shader | string
}

/** Outputs of one scope that one draw computes. */
export interface Outputs extends Group {
  readonly names: readonly string[]
}

/** Reductions of which one draw makes shares. */
export interface Reductions extends Group {
  readonly nodes: readonly Reduce[]
  /** Whether shares are of cells, by the indices of their numbers, or of the leaf's texels. */
  readonly byCells: boolean
}

/** What the leaves with one plan have in common. */
export interface PlanProgram {
  /** Outputs that are inputs as they are. */
  readonly copies: readonly { readonly name: string; readonly atom: ElementAtom }[]
  /** The outputs of the leaf, scope by scope. */
  readonly own: readonly Outputs[]
  /** Those with one value for the tree: they are computed once, by the first leaf of the first plan that has them. */
  readonly tree: readonly Outputs[]
  /** Per stage. */
  readonly reductions: readonly (readonly Reductions[])[]
}

/** A job in a context. */
export interface Program {
  readonly plans: readonly PlanProgram[]
  readonly geometries: readonly Geometry[]
  /** How the outputs of a group lie. */
  readonly geometryOf: (leaf: number, group: Group) => Geometry
  readonly layout: Layout
  /** The indices of the values that a group's shader reads for a leaf. */
  readonly valuesOf: (leaf: number, group: Group) => Int32Array
  /** The digits of a group's indices on a leaf. */
  readonly digitsOf: (leaf: number, group: Group) => Int32Array
  /** What the host knows of a leaf and a group's shader reads, in vectors of four. */
  readonly knownOf: (leaf: number, group: Group) => Float32Array
  /** `null` where nothing is reduced. */
  readonly textures: Textures | null
  /** The host's values, in vectors of four. */
  readonly host: Float32Array
}

/** The names of the textures that a shader reads, unit by unit. */
const textureNames = ({ tensors, reductions }: Found): readonly string[] => [
  ...tensors.map((_, i) => `tensor${i}`),
  ...(reductions.length > 0 ? ['reduced'] : []),
]

const groupOf = (
  terms: readonly Expr[],
  domain: Extent,
  own: readonly Step[],
  painter: Painter,
  make: (packing: Packing, access: readonly Access[]) => string,
): Group => {
  const variants = new Map<string, Shader | string>()
  const finds = found(terms)
  const names = textureNames(finds)
  return {
    found: finds,
    domain,
    steps: [...own, ...stepsFrom(domain, finds)],
    shader: (packing, access) => {
      const key = `${packing} ${access}`
      const known = variants.get(key)
      if (known !== undefined) return known
      const shader = painter.shader(make(packing, access), names)
      variants.set(key, shader)
      return shader
    },
  }
}

type Output = { readonly name: string; readonly expr: Expr; readonly scope: Extent }

const tooWide = (units: number, term: Expr): Refusal =>
  refusal('webgl', `a term reads more tensors than the ${units} textures that a draw reads`, printed(term))

const planProgram = (
  plan: LeafPlan,
  job: Job,
  painter: Painter,
  isNew: (treeOutput: string) => boolean,
): PlanProgram | Refusal => {
  const { attachments, units } = painter.limits
  const all = Object.entries(plan.outputs).map(([name, output]) => ({
    name,
    ...output,
    atom: copied(output),
  }))
  const computed = all.filter(({ atom }) => atom === null)
  const wide = [...computed.map(({ expr }) => expr), ...plan.stages.flat().map(({ arg }) => arg)].find(
    (term) => unitsOf([term]) > units,
  )
  if (wide !== undefined) return tooWide(units, wide)
  const { host } = job
  const outputs = (some: readonly Output[]): readonly Outputs[] =>
    apart(some, ({ scope }) => scope).flatMap((ofScope) =>
      (
        inGroups(
          ofScope,
          (group) => group.length <= attachments && unitsOf(group.map(({ expr }) => expr)) <= units,
        ) ?? []
      ).map((group): Outputs => {
        const terms = group.map(({ expr }) => expr)
        const domain = group[0]?.scope ?? 'leaf'
        return {
          ...groupOf(terms, domain, [], painter, (packing, access) =>
            outputShader(terms, { packing, access, host, domain }),
          ),
          names: group.map(({ name }) => name),
        }
      }),
    )
  const reductions = (stage: readonly Reduce[]): readonly Reductions[] =>
    apart(stage, (node) => cellKey(node) ?? '').flatMap((together) =>
      (
        inGroups(
          together,
          (group) =>
            group.length <= reductionsAtOnce(attachments) && unitsOf(group.map(({ arg }) => arg)) <= units,
        ) ?? []
      ).map((nodes): Reductions => {
        const cells = cellsOf(nodes)
        const group = groupOf(
          nodes.map(({ arg }) => arg),
          cells?.within ?? 'element',
          cells === null ? [] : cellSteps(cells),
          painter,
          (packing, access) =>
            cells === null
              ? shareShader(nodes, { packing, access, host, domain: 'element' })
              : cellShader(nodes, cells, { access, host }),
        )
        return { ...group, nodes, byCells: cells !== null }
      }),
    )
  return {
    copies: all.flatMap(({ name, atom }) => (atom === null ? [] : [{ name, atom }])),
    own: outputs(computed.filter(({ scope }) => isOwn(scope))),
    tree: outputs(computed.filter(({ scope, name }) => !isOwn(scope) && isNew(name))),
    reductions: plan.stages.map(reductions),
  }
}

/** How many vectors of uniforms every device has, less what a shader has besides the host's values. */
const HOST_VECTORS = 128

/** So many numbers, in vectors of four. */
const vectorsOf = (length: number): Float32Array => new Float32Array(4 * Math.ceil(length / 4))

/** What is made once for each leaf and group. */
const ofEach = <V>(
  job: Job,
  make: (leaf: number, group: Group) => V,
): ((leaf: number, group: Group) => V) => {
  const made = job.leaves.map((_, leaf) => remember((group: Group) => make(leaf, group)))
  return (leaf, group) => made[leaf]?.(group) ?? make(leaf, group)
}

/** A leaf of one value. */
const scalar: Geometry = {
  packing: 1,
  isPacked: false,
  width: 1,
  height: 1,
  rows: 1,
  columns: 1,
  size: 1,
  texels: 1,
}

/** How values of a group's domain lie: along axes a number per texel. `null` if a texture is not as expected. */
const geometryFor = (
  memory: Memory,
  job: Job,
  geometries: readonly Geometry[],
  leaf: number,
  { domain }: Group,
): Geometry =>
  (domain === 'element'
    ? geometries[leaf]
    : isAxes(domain)
      ? geometryOf(memory, shapeAlong(domain, job.leaves[leaf]?.spec.shape ?? []), false)
      : null) ?? scalar

/** A job's program in a context, for tensors that are packed or not. */
export const programOf = (
  memory: Memory,
  painter: Painter,
  job: Job,
  isPacked: boolean,
): Program | Refusal => {
  const known = Math.max(0, ...job.leaves.map(({ scalars }) => scalars.size))
  if (job.host.length + known > 4 * HOST_VECTORS)
    return refusal('webgl', `the tree has more scalars than the ${4 * HOST_VECTORS} that a draw is given`)
  const made = new Map<LeafPlan, PlanProgram>()
  const plans: PlanProgram[] = []
  const ofTree = new Set<string>()
  const isNew = (name: string): boolean => !ofTree.has(name) && ofTree.add(name) !== null
  const geometries: Geometry[] = []
  for (const { plan, spec } of job.leaves) {
    const own = made.get(plan) ?? planProgram(plan, job, painter, isNew)
    if ('_tag' in own) return own
    made.set(plan, own)
    plans.push(own)
    const geometry = geometryOf(memory, spec.shape, isPacked)
    if (geometry === null) return refusal('webgl', 'a new tensor is in no texture of the device')
    geometries.push(geometry)
  }
  const layout = layoutOf(job, geometries, (leaf, stage) =>
    (plans[leaf]?.reductions[stage] ?? []).map(({ nodes }) => nodes),
  )
  const { lines, table } = layout
  const tallest = Math.max(lines.shares, ...lines.between, lines.values, table.length / 4 / ROW)
  if (tallest > painter.limits.size)
    return refusal(
      'webgl',
      `the tree has more leaves than the ${painter.limits.size} lines of a texture have room for`,
    )
  const planes = Math.max(
    1,
    ...plans.flatMap(({ reductions }) => reductions.flat().map(({ nodes }) => nodes.length)),
  )
  const textures = table.length === 0 ? null : texturesOf(memory.gl, layout, painter, planes)
  if (typeof textures === 'string') return refusal('webgl', textures)
  return {
    plans,
    geometries,
    geometryOf: ofEach(job, (leaf, group) => geometryFor(memory, job, geometries, leaf, group)),
    layout,
    digitsOf: ofEach(job, (leaf, { steps }) =>
      Int32Array.from(steps.flatMap((step) => digitsOf(step, job.leaves[leaf]?.spec.shape ?? []).flat())),
    ),
    valuesOf: ofEach(job, (leaf, { found: { reductions } }) =>
      Int32Array.from(reductions.map((node) => layout.valueAt(leaf, node))),
    ),
    knownOf: ofEach(job, (leaf, { found: { known } }) => {
      const numbers = vectorsOf(known.length)
      numbers.set(known.map((node) => job.leaves[leaf]?.scalars.get(node) ?? Number.NaN))
      return numbers
    }),
    textures,
    host: vectorsOf(job.host.length),
  }
}
