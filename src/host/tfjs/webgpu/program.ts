/** A job's kernels and buffers on a device: made once, used in every step. */

import { apart } from '../../../compile/groups.js'
import type { ElementAtom } from '../../../compile/statements.js'
import { cellKernel, MOST_CELLS } from '../../../compile/wgsl/cells.js'
import type { Width } from '../../../compile/wgsl/functions.js'
import {
  type ElementOutput,
  type Kernel,
  leavesAtOnce,
  outputKernel,
  type Places,
} from '../../../compile/wgsl/kernel.js'
import { combineKernel, reduceKernel } from '../../../compile/wgsl/reduction.js'
import { type Sharing, sharingOf } from '../../../compile/wgsl/sharing.js'
import { shareOut, shareReductions } from '../../../compile/wgsl/split.js'
import { Parameter, Slot } from '../../../rule/expr.js'
import type { LeafPlan } from '../../../rule/plan.js'
import { UPDATE } from '../../../rule/rule.js'
import { type Extent, isAxes } from '../../../rule/scope.js'
import type { Refusal } from '../../fallback.js'
import type { Job } from '../../work.js'
import { copied, isSeveral } from '../inputs.js'
import { type Layout, type Limits, layoutOf, type PlanLayout } from './layout.js'
import { obstacle } from './obstacle.js'
import { pipelineOf } from './pipelines.js'
import type { Together } from './planned.js'

/** A compiled kernel, and the layout of what it binds. */
export interface Pipeline {
  readonly pipeline: GPUComputePipeline
  readonly bindings: GPUBindGroupLayout
}

/** A kernel that a device has. */
export interface Compiled {
  readonly kernel: Kernel
  /** What of a leaf it goes over, by name. */
  readonly unit: string
  /** How many leaves of one workgroup each one dispatch takes. */
  readonly most: number
  /** The kernel for so many leaves. */
  readonly on: (leaves: number) => Pipeline
}

/** The kernels for a leaf's outputs, of which some are written in place. */
export interface OutputKernels {
  /** By what they go over: first that of elements, and what fewer axes have the later, whose inputs all before may read. */
  readonly kernels: readonly (readonly Compiled[])[]
  /** The outputs that take the memory of an input. */
  readonly inPlace: ReadonlySet<string>
}

/** What the leaves with one plan have in common. */
export interface PlanProgram {
  /** Outputs that are inputs as they are. */
  readonly copies: readonly { readonly name: string; readonly atom: ElementAtom }[]
  /** Names of the outputs with several values that are computed, of what extent, and the input whose memory each may take. */
  readonly several: readonly { readonly name: string; readonly scope: Extent; readonly own: ElementAtom }[]
  /** The leaf's slots that are read, and where among its values. */
  readonly leafSlots: PlanLayout['slots']
  /** Names of the other outputs that are computed, in the order of the leaf's results. */
  readonly scalars: readonly string[]
  /** The kernels for the reductions, per stage, by what they go over. */
  readonly reductions: (width: Width) => readonly (readonly (readonly Compiled[])[])[]
  /** The kernels for the outputs, where these of them may be written in place; `null` for a leaf of no elements. */
  readonly outputs: (mayTake: readonly boolean[] | null, width: Width) => OutputKernels
}

/** What combines a stage's shares. */
export interface Combining {
  readonly pipeline: GPUComputePipeline
  readonly group: GPUBindGroup
  /** How many workgroups do it. */
  readonly groups: number
}

/** A job on a device. */
export interface Program {
  readonly layout: Layout
  readonly plans: ReadonlyMap<LeafPlan, PlanProgram>
  readonly planOf: (plan: LeafPlan) => PlanProgram
  readonly values: GPUBuffer | null
  readonly records: GPUBuffer
  readonly partials: GPUBuffer | null
  /** The values of reductions along axes. */
  readonly cells: GPUBuffer | null
  readonly results: GPUBuffer | null
  /** Per stage, what combines its shares; `null` where there are none. */
  readonly combine: readonly (Combining | null)[]
  /** The host's values in float32, as they were written last; `null` before the first step. */
  host: Float32Array<ArrayBuffer> | null
}

const compile = (device: GPUDevice, unit: string, kernel: Kernel, limits: Limits): Compiled => {
  const made = new Map<number, Pipeline>()
  return {
    kernel,
    unit,
    most: leavesAtOnce(kernel, limits.storageBuffers, limits.uniformBuffers),
    on: (leaves) => {
      const known = made.get(leaves)
      if (known !== undefined) return known
      const pipeline = pipelineOf(device, kernel.code(leaves))
      const compiled = { pipeline, bindings: pipeline.getBindGroupLayout(0) }
      made.set(leaves, compiled)
      return compiled
    },
  }
}

/** The input whose memory an output may take. */
const ownInput = (name: string, scope: Extent): ElementAtom =>
  name === UPDATE ? Parameter : Slot(name, scope)

/** Along how many axes a value differs, of so many: of elements all. */
const axesOf = (scope: Extent): number =>
  isAxes(scope) ? [...scope].filter((digit) => digit === '1').length : 99

const planProgram = (
  device: GPUDevice,
  plan: LeafPlan,
  layout: Layout,
  limits: Limits,
  sharing: Sharing,
): PlanProgram => {
  const own = layout.plans.get(plan)
  const places: Places | undefined = own?.places
  if (own === undefined || places === undefined) throw new Error('a plan of the job')
  const all = Object.entries(plan.outputs).map(([name, output]) => ({ name, output, atom: copied(output) }))
  const several = all
    .filter(({ output, atom }) => isSeveral(output.scope) && atom === null)
    .map(({ name, output: { expr, scope } }) => ({ name, expr, scope, own: ownInput(name, scope) }))
  const variants = new Map<string, OutputKernels>()
  const reductions = new Map<Width, ReturnType<PlanProgram['reductions']>>()
  const { threads } = sharing.computing
  const compiled = (
    outputs: readonly (ElementOutput & { readonly scope: Extent })[],
    width: Width,
  ): OutputKernels => {
    const along = [...apart(outputs, ({ scope }) => scope)].sort(
      ([a], [b]) => axesOf(b?.scope ?? 'element') - axesOf(a?.scope ?? 'element'),
    )
    const ofElements = along.filter(([first]) => first?.scope === 'element').flat()
    const units = [
      ...(ofElements.length + own.scalars.length === 0
        ? []
        : [{ domain: 'element' as const, outputs: ofElements, scalars: own.scalars }]),
      ...along.flatMap((each) => {
        const domain = each[0]?.scope ?? 'element'
        return domain === 'element' ? [] : [{ domain, outputs: each, scalars: [] }]
      }),
    ].map(({ domain, outputs: elements, scalars }) => ({
      domain,
      shares: shareOut(elements, scalars, limits.storageBuffers) ?? [],
    }))
    return {
      kernels: units.map(({ domain, shares }) =>
        shares.map(({ elements, scalars }) =>
          compile(
            device,
            domain,
            outputKernel(elements, scalars, {
              places,
              domain,
              width: domain === 'element' ? width : 1,
              threads,
            }),
            limits,
          ),
        ),
      ),
      inPlace: new Set(
        units.flatMap(({ shares }) =>
          shares.flatMap(({ elements }) =>
            elements.filter(({ inPlace }) => inPlace !== null).map(({ name }) => name),
          ),
        ),
      ),
    }
  }
  const reducing = ({ unit, domain, cells, reductions: all }: Together, width: Width): readonly Compiled[] =>
    (shareReductions(all, limits.storageBuffers, cells === null ? undefined : MOST_CELLS) ?? []).map(
      (group) => {
        const shape = { places, threads: sharing.reducing.threads }
        const kernel =
          cells === null
            ? reduceKernel(group, { ...shape, domain, width: domain === 'element' ? width : 1 })
            : cellKernel(group, cells, shape)
        return compile(device, unit, kernel, limits)
      },
    )
  return {
    copies: all.flatMap(({ name, atom }) => (atom === null ? [] : [{ name, atom }])),
    several,
    leafSlots: own.slots,
    scalars: own.scalars.map(({ name }) => name),
    reductions: (width) => {
      const known = reductions.get(width)
      if (known !== undefined) return known
      const made = own.reductions.map((stage) => stage.map((each) => reducing(each, width)))
      reductions.set(width, made)
      return made
    },
    outputs: (mayTake, width) => {
      const key = `${width} ${mayTake}`
      const known = variants.get(key)
      if (known !== undefined) return known
      const outputs = (mayTake === null ? [] : several).map(({ name, expr, scope, own: input }, i) => ({
        name,
        expr,
        scope,
        inPlace: mayTake?.[i] === true ? input : null,
      }))
      const made = compiled(outputs, width)
      variants.set(key, made)
      return made
    },
  }
}

/** The values before the first step: what the host knows of the leaves. */
const knownIn = (job: Job, { plans, leafAt, valuesLength }: Layout): Float32Array<ArrayBuffer> => {
  const values = new Float32Array(valuesLength)
  for (const [leaf, { plan, scalars }] of job.leaves.entries())
    for (const { node, at } of plans.get(plan)?.known ?? [])
      values[leafAt(leaf) + at] = scalars.get(node) ?? Number.NaN
  return values
}

/** A job's program on a device. */
export const programOf = (device: GPUDevice, job: Job, limits: Limits): Program | Refusal => {
  const sharing = sharingOf(device)
  const layout = layoutOf(job, limits, sharing)
  const found = obstacle(job, layout, limits)
  if (found !== null) return found
  const buffer = (length: number, usage: number): GPUBuffer =>
    device.createBuffer({ size: length * 4, usage })
  const written = (data: Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>, usage: number): GPUBuffer => {
    const made = buffer(data.length, usage | GPUBufferUsage.COPY_DST)
    device.queue.writeBuffer(made, 0, data)
    return made
  }
  const { STORAGE, UNIFORM, COPY_SRC } = GPUBufferUsage
  const reduces = layout.table.length > 0
  const values = layout.valuesLength === 0 ? null : written(knownIn(job, layout), STORAGE | UNIFORM)
  const partials = reduces ? buffer(Math.max(1, layout.partialsLength), STORAGE) : null
  const table = reduces ? written(layout.table, STORAGE) : null
  const plans = new Map(
    [...layout.plans.keys()].map(
      (plan) => [plan, planProgram(device, plan, layout, limits, sharing)] as const,
    ),
  )
  const combine = layout.rows.map(({ start, count }): Combining | null => {
    if (table === null || partials === null || values === null || count === 0) return null
    const pipeline = pipelineOf(device, combineKernel)
    const group = device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [
        { binding: 0, resource: { buffer: table, offset: start * 16, size: count * 16 } },
        { binding: 1, resource: { buffer: partials } },
        { binding: 2, resource: { buffer: values } },
      ],
    })
    return { pipeline, group, groups: Math.min(count, device.limits.maxComputeWorkgroupsPerDimension) }
  })
  return {
    layout,
    plans,
    planOf: (plan) => {
      const own = plans.get(plan)
      if (own === undefined) throw new Error('a plan of another job')
      return own
    },
    values,
    records: written(layout.records, UNIFORM),
    partials,
    cells: layout.cellsLength === 0 ? null : buffer(layout.cellsLength, STORAGE),
    results:
      layout.resultStride === 0 ? null : buffer(layout.resultStride * job.leaves.length, STORAGE | COPY_SRC),
    combine,
    host: null,
  }
}
