/**
 * Compiled kernels, remembered by their text: it holds no hyperparameter and no size, so that equal structure is equal
 * text. The least recently used are forgotten.
 */

/** What steps on WebGPU have cost in this process. */
export interface WebgpuStatistics {
  /** Kernels that were asked for and had been compiled before. */
  readonly hits: number
  /** Kernels that were compiled. */
  readonly compilations: number
  /** Steps that were taken. */
  readonly steps: number
  /** Kernels that were launched. */
  readonly dispatches: number
}

const counts = { hits: 0, compilations: 0, steps: 0, dispatches: 0 }

/** The counts so far. */
export const webgpuStatistics = (): WebgpuStatistics => ({ ...counts })

/** Counts a step. */
export const countStep = (dispatches: number): void => {
  counts.steps += 1
  counts.dispatches += dispatches
}

/** How many compiled kernels of a device are kept. */
const KEPT = 256

const devices = new WeakMap<GPUDevice, Map<string, GPUComputePipeline>>()

/** The compiled kernel, whose entry is `main`. */
export const pipelineOf = (device: GPUDevice, code: string): GPUComputePipeline => {
  const known = devices.get(device) ?? new Map<string, GPUComputePipeline>()
  devices.set(device, known)
  const before = known.get(code)
  if (before !== undefined) {
    counts.hits += 1
    // to the end: what was used last
    known.delete(code)
    known.set(code, before)
    return before
  }
  counts.compilations += 1
  const pipeline = device.createComputePipeline({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code }), entryPoint: 'main' },
  })
  known.set(code, pipeline)
  for (const oldest of known.keys()) {
    if (known.size <= KEPT) break
    known.delete(oldest)
  }
  return pipeline
}
