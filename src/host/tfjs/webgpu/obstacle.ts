/** What of a job a device cannot bind. */
import { printed } from '../../../compile/statements.js'
import { readBuffers } from '../../../compile/wgsl/split.js'
import { sizeOf } from '../../../rule/leaf.js'
import { type Refusal, refusal } from '../../fallback.js'
import type { Job } from '../../work.js'
import { copied } from '../inputs.js'
import type { Layout, Limits } from './layout.js'

/** What a dispatch cannot bind, in words; `null` if all is well. */
export const obstacle = (job: Job, layout: Layout, limits: Limits): Refusal | null => {
  for (const { outputs, stages } of layout.plans.keys()) {
    const terms = [
      ...Object.values(outputs)
        .filter((output) => copied(output) === null)
        .map(({ expr }) => expr),
      ...stages.flat().map(({ arg }) => arg),
    ]
    const wide = terms.find((term) => readBuffers([term]) + 1 > limits.storageBuffers)
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
  const isLarge = job.leaves.some(
    ({ plan, spec }) => plan.byAxes && sizeOf(spec.shape) * 4 > limits.storageBytes,
  )
  // first: of such a leaf, the values of rows may be too many as well
  if (isLarge)
    return refusal(
      'webgpu',
      `a leaf with rows and columns is larger than the ${limits.storageBytes} bytes that a storage buffer binds`,
    )
  const lengths = [
    layout.valuesLength,
    layout.partialsLength,
    layout.cellsLength,
    layout.resultStride * job.leaves.length,
  ]
  return Math.max(...lengths) * 4 > limits.storageBytes
    ? refusal(
        'webgpu',
        `the tree has more leaves than the ${limits.storageBytes} bytes of a buffer have room for`,
      )
    : null
}
