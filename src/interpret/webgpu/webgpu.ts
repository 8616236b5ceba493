/**
 * The fused interpreter for TensorFlow.js's WebGPU backend: a step is one compute pass, with one dispatch per leaf
 * for the outputs and, per stage of reductions, one per leaf and one for all. Nothing is read back.
 */
import { remember } from '../../rule/intern.js'
import { type Refusal, refusal } from '../fallback.js'
import { count } from '../statistics.js'
import type { Done, Job, Work } from '../work.js'
import type { Memory, Tensor } from './backend.js'
import { BINDING } from './kernel.js'
import type { Limits } from './layout.js'
import { expectAlive } from './lost.js'
import { type Compiled, type Program, programOf } from './program.js'
import { inputOf, inputs, type LeafRun, makeResults, type Results } from './results.js'

const limitsOf = ({ limits }: GPUDevice): Limits => ({
  storageBuffers: limits.maxStorageBuffersPerShaderStage,
  storageBytes: limits.maxStorageBufferBindingSize,
  uniformBytes: limits.maxUniformBufferBindingSize,
})

/** What a kernel that writes no tensor is launched on. */
const nothing = { start: 0, count: 0, reducing: 1, computing: 1 }

/** Records a step's commands. */
const record = (
  encoder: GPUCommandEncoder,
  work: Work<Tensor>,
  program: Program,
  results: Results,
  memory: Memory,
): void => {
  const { layout } = program

  const launch = (pass: GPUComputePassEncoder, compiled: Compiled, leaf: LeafRun, window: number): void => {
    const { kernel, pipeline, bindings } = compiled
    const { start, count: length, reducing, computing } = layout.windows[leaf.index]?.[window] ?? nothing
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
      bind(BINDING.tensors + i, buffer ?? null, start, length)
    }
    pass.setPipeline(pipeline)
    pass.setBindGroup(0, memory.device.createBindGroup({ layout: bindings, entries }))
    pass.dispatchWorkgroups(kernel.results === 'shares' ? reducing : computing)
    count('launches')
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
      for (const compiled of leaf.program.reductions(leaf.width)[stage] ?? [])
        layout.windows[leaf.index]?.forEach((_, window) => {
          launch(pass, compiled, leaf, window)
        })
    if (combining === null) continue
    pass.setPipeline(combining.pipeline)
    pass.setBindGroup(0, combining.group)
    pass.dispatchWorkgroups(combining.groups)
    count('launches')
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
}

type WebgpuInterpreter = (work: Work<Tensor>) => Done<Tensor> | Refusal

/** The interpreter for tensors of a WebGPU backend. It refuses what its device cannot bind. */
export const webgpuInterpreter: (memory: Memory) => WebgpuInterpreter = remember((memory: Memory) => {
  const { device } = memory
  const limits = limitsOf(device)
  const programFor = remember((job: Job) => programOf(device, job, limits))
  return (work: Work<Tensor>) => {
    expectAlive(device)
    const program = programFor(work.job)
    if ('_tag' in program) return program
    if (inputs(work).some((tensor) => tensor.size > 0 && memory.bufferOf(tensor) === null))
      return refusal('webgpu', 'a tensor is not in a buffer of the device')

    const results = makeResults(work, program, memory)
    program.host.set(work.host)
    if (program.values !== null && program.host.length > 0)
      device.queue.writeBuffer(program.values, 0, program.host)
    memory.submit((encoder) => {
      record(encoder, work, program, results, memory)
    })
    for (const tensor of results.taken) tensor.dispose()
    return results.done
  }
})
