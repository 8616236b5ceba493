/**
 * The fused interpreter for TensorFlow.js's WebGPU backend: a step is one compute pass, with one dispatch per leaf
 * for the outputs and, per stage of reductions, one per leaf and one for all. Nothing is read back.
 */
import { remember } from '../../rule/intern.js'
import { type Refusal, refusal } from '../fallback.js'
import { count } from '../statistics.js'
import type { Done, Job, Work } from '../work.js'
import type { Memory, Tensor } from './backend.js'
import { bindGroup, windowOf } from './binding.js'
import type { Limits } from './layout.js'
import { expectAlive } from './lost.js'
import { type Compiled, type Program, programOf } from './program.js'
import { inputOf, inputs, type LeafRun, makeResults, type Results } from './results.js'

const limitsOf = ({ limits }: GPUDevice): Limits => ({
  storageBuffers: limits.maxStorageBuffersPerShaderStage,
  storageBytes: limits.maxStorageBufferBindingSize,
  uniformBytes: limits.maxUniformBufferBindingSize,
})

/** Records a step's commands. */
const record = (
  encoder: GPUCommandEncoder,
  work: Work<Tensor>,
  program: Program,
  results: Results,
  memory: Memory,
): void => {
  const { layout } = program

  let launched = 0

  const launch = (pass: GPUComputePassEncoder, compiled: Compiled, leaf: LeafRun, window: number): void => {
    const { kernel, pipeline } = compiled
    const tensors = kernel.tensors.map(({ input, output }) => {
      if (output !== null) return leaf.written.get(output) ?? null
      const tensor = input === null ? null : inputOf(work, leaf.index, input)
      return tensor && memory.bufferOf(tensor)
    })
    pass.setPipeline(pipeline)
    pass.setBindGroup(
      0,
      bindGroup(memory.device, program, { compiled, leaf: leaf.index, window, tensors }, launched),
    )
    const { reducing, computing } = windowOf(layout, leaf.index, window)
    pass.dispatchWorkgroups(kernel.results === 'shares' ? reducing : computing)
    launched += 1
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
