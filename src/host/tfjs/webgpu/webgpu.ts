/**
 * The fused interpreter for TensorFlow.js's WebGPU backend: a step is one compute pass, with one dispatch per leaf
 * for the outputs and, per stage of reductions, one per leaf and one for all. Nothing is read back.
 */

import type { TensorBinding } from '../../../compile/wgsl/kernel.js'
import { remember } from '../../../rule/intern.js'
import { type Refusal, refusal } from '../../fallback.js'
import { count } from '../../statistics.js'
import type { Done, Job, Work } from '../../work.js'
import { inputOf, inputs } from '../inputs.js'
import type { Memory, Tensor } from './backend.js'
import { bindGroup } from './binding.js'
import type { Limits } from './layout.js'
import { expectAlive } from './lost.js'
import { type Compiled, type Program, programOf } from './program.js'
import { type LeafRun, makeResults, type Results } from './results.js'

const limitsOf = ({ limits }: GPUDevice): Limits => ({
  storageBuffers: limits.maxStorageBuffersPerShaderStage,
  storageBytes: limits.maxStorageBufferBindingSize,
  uniformBuffers: limits.maxUniformBuffersPerShaderStage,
  uniformBytes: limits.maxUniformBufferBindingSize,
  groups: limits.maxComputeWorkgroupsPerDimension,
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

  const bufferOf = ({ index, written }: LeafRun, { input, output }: TensorBinding): GPUBuffer | null => {
    if (output !== null) return written.get(output) ?? null
    const tensor = input === null ? null : inputOf(work, index, input)
    return tensor && memory.bufferOf(tensor)
  }

  const launch = (
    pass: GPUComputePassEncoder,
    compiled: Compiled,
    leaves: readonly LeafRun[],
    groups: number,
    window = 0,
  ): void => {
    const dispatch = {
      compiled,
      leaves: leaves.map(({ index }) => index),
      window,
      tensors: leaves.flatMap((leaf) => compiled.kernel.tensors.map((tensor) => bufferOf(leaf, tensor))),
    }
    pass.setPipeline(compiled.on(leaves.length).pipeline)
    pass.setBindGroup(0, bindGroup(memory.device, program, dispatch, launched))
    pass.dispatchWorkgroups(groups)
    launched += 1
    count('launches')
  }

  /** Launches kernels that go over the same of all leaves: on several small ones with the same kernels at once, on large ones by windows. */
  const launchAll = (
    pass: GPUComputePassEncoder,
    kernelsOf: (leaf: LeafRun) => readonly Compiled[],
    groups: 'computing' | 'reducing',
  ): void => {
    const small = new Map<readonly Compiled[], LeafRun[]>()
    for (const leaf of results.leaves) {
      const kernels = kernelsOf(leaf)
      const windows = layout.units[leaf.index]?.get(kernels[0]?.unit ?? 'element')?.windows ?? []
      if (windows.length === 1 && windows[0]?.[groups] === 1) {
        const together = small.get(kernels) ?? []
        together.push(leaf)
        small.set(kernels, together)
      } else
        for (const compiled of kernels)
          if (groups === 'computing' && compiled.kernel.tensors.length === 0)
            launch(pass, compiled, [leaf], 1)
          else for (const [i, window] of windows.entries()) launch(pass, compiled, [leaf], window[groups], i)
    }
    for (const [kernels, leaves] of small)
      for (const compiled of kernels)
        for (let i = 0; i < leaves.length; i += compiled.most) {
          const some = leaves.slice(i, i + compiled.most)
          launch(pass, compiled, some, some.length)
        }
  }

  const copyIn = (tensor: Tensor | null | undefined, at: number): void => {
    const source = tensor ? memory.bufferOf(tensor) : null
    if (source !== null && program.values !== null)
      encoder.copyBufferToBuffer(source, 0, program.values, at * 4, 4)
  }
  for (const { name, at } of layout.treeSlots) copyIn(work.treeSlots[name], at)
  for (const { index, program: own } of results.leaves)
    for (const { name, at } of own.leafSlots) copyIn(work.slots[name]?.[index], layout.leafAt(index) + at)

  const most = (of: (leaf: LeafRun) => readonly unknown[]): number =>
    Math.max(0, ...results.leaves.map((leaf) => of(leaf).length))
  const pass = encoder.beginComputePass()
  for (const [stage, combining] of program.combine.entries()) {
    const ofStage = ({ program: own, width }: LeafRun): readonly (readonly Compiled[])[] =>
      own.reductions(width)[stage] ?? []
    for (let i = 0; i < most(ofStage); i++) launchAll(pass, (leaf) => ofStage(leaf)[i] ?? [], 'reducing')
    if (combining === null) continue
    pass.setPipeline(combining.pipeline)
    pass.setBindGroup(0, combining.group)
    pass.dispatchWorkgroups(combining.groups)
    count('launches')
  }
  const outputs = ({ kernels }: LeafRun): readonly (readonly Compiled[])[] => kernels.kernels
  for (let i = 0; i < most(outputs); i++) launchAll(pass, (leaf) => outputs(leaf)[i] ?? [], 'computing')
  pass.end()

  for (const { at, target } of results.singles)
    if (program.results !== null) encoder.copyBufferToBuffer(program.results, at * 4, target, 0, 4)
}

/** Brings the host's values to the device, rounded to float32, unless it has them from the step before. */
const writeHost = (device: GPUDevice, program: Program, given: Float64Array): void => {
  const { values, host } = program
  if (values === null || given.length === 0) return
  if (host?.every((x, i) => Object.is(x, Math.fround(given[i] ?? 0)))) return
  program.host = Float32Array.from(given)
  device.queue.writeBuffer(values, 0, program.host)
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
    writeHost(device, program, work.host)
    memory.submit((encoder) => {
      record(encoder, work, program, results, memory)
    })
    for (const tensor of results.taken) tensor.dispose()
    return results.done
  }
})
