/** A job's kernels and buffers on a device: made once, used in every step. */

import { type ElementAtom, printed, reads } from '../../../compile/statements.js'
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
import { type Refusal, refusal } from '../../fallback.js'
import type { Job } from '../../work.js'
import { copied } from '../inputs.js'
import { type Layout, type Limits, layoutOf, type PlanLayout } from './layout.js'
import { pipelineOf } from './pipelines.js'

/** A compiled kernel, and the layout of what it binds. */
export interface Pipeline {
  readonly pipeline: GPUComputePipeline
  readonly bindings: GPUBindGroupLayout
}

/** A kernel that a device has. */
export interface Compiled {
  readonly kernel: Kernel
  /** How many leaves of one workgroup each one dispatch takes. */
  readonly most: number
  /** The kernel for so many leaves. */
  readonly on: (leaves: number) => Pipeline
}

/** The kernels for a leaf's outputs, of which some are written in place. */
export interface OutputKernels {
  readonly kernels: readonly Compiled[]
  /** The outputs that take the memory of an input. */
  readonly inPlace: ReadonlySet<string>
}

/** What the leaves with one plan have in common. */
export interface PlanProgram {
  /** Outputs that are inputs as they are. */
  readonly copies: readonly { readonly name: string; readonly atom: ElementAtom }[]
  /** Names of the outputs with a value per element that are computed, and the input whose memory each may take. */
  readonly elements: readonly { readonly name: string; readonly own: ElementAtom }[]
  /** The leaf's slots that are read, and where among its values. */
  readonly leafSlots: PlanLayout['slots']
  /** Names of the other outputs that are computed, in the order of the leaf's results. */
  readonly scalars: readonly string[]
  /** The kernels for the reductions, per stage. */
  readonly reductions: (width: Width) => readonly (readonly Compiled[])[]
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
  readonly results: GPUBuffer | null
  /** Per stage, what combines its shares; `null` where there are none. */
  readonly combine: readonly (Combining | null)[]
  /** The host's values in float32, as they were written last; `null` before the first step. */
  host: Float32Array<ArrayBuffer> | null
}

const compile = (device: GPUDevice, kernel: Kernel, limits: Limits): Compiled => {
  const made = new Map<number, Pipeline>()
  return {
    kernel,
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
const ownInput = (name: string): ElementAtom => (name === UPDATE ? Parameter : Slot(name, 'element'))

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
  const elements = all
    .filter(({ output, atom }) => output.scope === 'element' && atom === null)
    .map(({ name, output }) => ({ name, expr: output.expr, own: ownInput(name) }))
  const variants = new Map<string, OutputKernels>()
  const reductions = new Map<Width, readonly (readonly Compiled[])[]>()
  const compiled = (outputs: readonly ElementOutput[], width: Width): OutputKernels => {
    const shares =
      outputs.length + own.scalars.length === 0
        ? []
        : (shareOut(outputs, own.scalars, limits.storageBuffers) ?? [])
    return {
      kernels: shares.map((share) =>
        compile(
          device,
          outputKernel(share.elements, share.scalars, { places, width, threads: sharing.computing.threads }),
          limits,
        ),
      ),
      inPlace: new Set(
        shares.flatMap((share) =>
          share.elements.filter(({ inPlace }) => inPlace !== null).map(({ name }) => name),
        ),
      ),
    }
  }
  return {
    copies: all.flatMap(({ name, atom }) => (atom === null ? [] : [{ name, atom }])),
    elements,
    leafSlots: own.slots,
    scalars: own.scalars.map(({ name }) => name),
    reductions: (width) => {
      const known = reductions.get(width)
      if (known !== undefined) return known
      const made = own.reductions.map((stage) =>
        (shareReductions(stage, limits.storageBuffers) ?? []).map((group) =>
          compile(device, reduceKernel(group, { places, width, threads: sharing.reducing.threads }), limits),
        ),
      )
      reductions.set(width, made)
      return made
    },
    outputs: (mayTake, width) => {
      const key = `${width} ${mayTake}`
      const known = variants.get(key)
      if (known !== undefined) return known
      const outputs = (mayTake === null ? [] : elements).map(
        ({ name, expr, own: input }, i): ElementOutput => ({
          name,
          expr,
          inPlace: mayTake?.[i] === true ? input : null,
        }),
      )
      const made = compiled(outputs, width)
      variants.set(key, made)
      return made
    },
  }
}

/** What a dispatch cannot bind, in words; `null` if all is well. */
const obstacle = (job: Job, layout: Layout, limits: Limits): Refusal | null => {
  for (const { outputs, stages } of layout.plans.keys()) {
    const terms = [
      ...Object.values(outputs)
        .filter((output) => copied(output) === null)
        .map(({ expr }) => expr),
      ...stages.flat().map(({ arg }) => arg),
    ]
    const wide = terms.find((term) => reads([term]).elements.length + 1 > limits.storageBuffers)
    if (wide !== undefined)
      return refusal(
        'webgpu',
        `a term reads more tensors than the ${limits.storageBuffers} buffers that a dispatch binds have room for`,
        printed(wide),
      )
  }
  const uniform = [...layout.plans.values()].map(({ places }) =>
    Math.max(places.shared, places.leaf, places.record),
  )
  if (Math.max(0, ...uniform) * 4 + 16 > limits.uniformBytes)
    return refusal(
      'webgpu',
      `the tree has more scalars than the ${limits.uniformBytes} bytes that a uniform buffer binds`,
    )
  const lengths = [layout.valuesLength, layout.partialsLength, layout.resultStride * job.leaves.length]
  if (Math.max(...lengths) * 4 > limits.storageBytes)
    return refusal(
      'webgpu',
      `the tree has more leaves than the ${limits.storageBytes} bytes of a buffer have room for`,
    )
  return null
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
    results:
      layout.resultStride === 0 ? null : buffer(layout.resultStride * job.leaves.length, STORAGE | COPY_SRC),
    combine,
    host: null,
  }
}
