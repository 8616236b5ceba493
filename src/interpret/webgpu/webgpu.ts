/**
 * The fused interpreter for TensorFlow.js's WebGPU backend: a step is one compute pass, with one dispatch per leaf
 * for the outputs and, per stage of reductions, one per leaf and one for all. Nothing is read back.
 */
import type { Done, Job, Work } from '../work.js'
import { activeMemory, type Memory, type Tensor } from './backend.js'
import { BINDING, THREADS } from './kernel.js'
import type { Limits } from './layout.js'
import { expectAlive } from './lost.js'
import { countStep } from './pipelines.js'
import { type Compiled, type Declined, declined, type Program, programOf } from './program.js'
import { inputOf, inputs, type LeafRun, makeResults, type Results } from './results.js'

const limitsOf = ({ limits }: GPUDevice, given: Partial<Limits>): Limits => ({
  storageBuffers: limits.maxStorageBuffersPerShaderStage,
  storageBytes: limits.maxStorageBufferBindingSize,
  uniformBytes: limits.maxUniformBufferBindingSize,
  workgroups: limits.maxComputeWorkgroupsPerDimension,
  ...given,
})

const whole = { start: 0, count: 0, groups: 1 }

/** Records a step's commands; gives the number of dispatches. */
const record = (
  encoder: GPUCommandEncoder,
  work: Work<Tensor>,
  program: Program,
  results: Results,
  memory: Memory,
  limits: Limits,
): number => {
  const { layout } = program
  let dispatches = 0

  const launch = (pass: GPUComputePassEncoder, compiled: Compiled, leaf: LeafRun, window: number): void => {
    const { kernel, pipeline, bindings } = compiled
    const { start, count, groups } = layout.windows[leaf.index]?.[window] ?? whole
    const entries: GPUBindGroupEntry[] = []
    const bind = (binding: number, buffer: GPUBuffer | null, from: number, length: number): void => {
      if (buffer !== null) entries.push({ binding, resource: { buffer, offset: from * 4, size: length * 4 } })
    }
    const { recordStride, leafStride, resultStride } = layout
    const recordAt = ((layout.recordOf[leaf.index] ?? 0) + window) * recordStride
    bind(BINDING.record, program.records, recordAt, recordStride)
    if (kernel.usesShared) bind(BINDING.shared, program.values, 0, layout.sharedStride)
    if (kernel.usesLeaf) bind(BINDING.leaf, program.values, layout.leafAt(leaf.index), leafStride)
    if (kernel.results === 'shares') bind(BINDING.results, program.partials, 0, layout.partialsLength)
    if (kernel.results === 'leaf')
      bind(BINDING.results, program.results, leaf.index * resultStride, resultStride)
    for (const [i, { input, output }] of kernel.tensors.entries()) {
      const tensor = input === null ? null : inputOf(work, leaf.index, input)
      const buffer = output === null ? tensor && memory.bufferOf(tensor) : leaf.written.get(output)
      bind(BINDING.tensors + i, buffer ?? null, start, count)
    }
    pass.setPipeline(pipeline)
    pass.setBindGroup(0, memory.device.createBindGroup({ layout: bindings, entries }))
    const wanted = kernel.results === 'shares' ? groups : Math.max(1, Math.ceil(count / THREADS))
    pass.dispatchWorkgroups(Math.min(wanted, limits.workgroups))
    dispatches += 1
  }

  const copyIn = (tensor: Tensor | null | undefined, at: number): void => {
    const source = tensor ? memory.bufferOf(tensor) : null
    if (source !== null && program.values !== null)
      encoder.copyBufferToBuffer(source, 0, program.values, at * 4, 4)
  }
  for (const { name, at } of layout.treeSlots) copyIn(work.treeSlots[name], at)
  for (const { index, program: own } of results.leaves)
    for (const { name, at } of own.leafSlots) copyIn(work.slots[name]?.[index], layout.leafAt(index) + at)

  const pass = encoder.beginComputePass()
  for (const [stage, combining] of program.combine.entries()) {
    for (const leaf of results.leaves)
      for (const compiled of leaf.program.reductions[stage] ?? [])
        layout.windows[leaf.index]?.forEach((_, window) => {
          launch(pass, compiled, leaf, window)
        })
    if (combining === null) continue
    pass.setPipeline(combining.pipeline)
    pass.setBindGroup(0, combining.group)
    pass.dispatchWorkgroups(Math.min(combining.count, limits.workgroups))
    dispatches += 1
  }
  for (const leaf of results.leaves)
    for (const compiled of leaf.kernels.kernels)
      if (compiled.kernel.tensors.length === 0) launch(pass, compiled, leaf, 0)
      else
        layout.windows[leaf.index]?.forEach((_, window) => {
          launch(pass, compiled, leaf, window)
        })
  pass.end()

  for (const { at, target } of results.singles)
    if (program.results !== null) encoder.copyBufferToBuffer(program.results, at * 4, target, 0, 4)
  return dispatches
}

/** Computes a step on the active WebGPU backend, or says why it does not. Limits other than the device's are for tests. */
export const webgpuInterpreter = (
  given: Partial<Limits> = {},
): ((work: Work<Tensor>) => Done<Tensor> | Declined) => {
  const programs = new WeakMap<Job, { readonly device: GPUDevice; readonly program: Program | Declined }>()

  const programFor = (job: Job, device: GPUDevice, limits: Limits): Program | Declined => {
    const before = programs.get(job)
    if (before?.device === device) return before.program
    const program = programOf(device, job, limits)
    programs.set(job, { device, program })
    return program
  }

  return (work) => {
    const memory = activeMemory()
    if (memory === null) return declined('the backend is not WebGPU as it is known')
    const { device } = memory
    expectAlive(device)
    const limits = limitsOf(device, given)
    const program = programFor(work.job, device, limits)
    if ('_tag' in program) return program
    if (inputs(work).some((tensor) => tensor.size > 0 && memory.bufferOf(tensor) === null))
      return declined('a tensor is not in a buffer of the device')

    const results = makeResults(work, program, memory)
    program.host.set(work.host)
    if (program.values !== null && program.host.length > 0)
      device.queue.writeBuffer(program.values, 0, program.host)
    let dispatches = 0
    memory.submit((encoder) => {
      dispatches = record(encoder, work, program, results, memory, limits)
    })
    countStep(dispatches)
    for (const tensor of results.taken) tensor.dispose()
    return results.done
  }
}
