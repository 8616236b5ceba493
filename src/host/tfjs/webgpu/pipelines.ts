/**
 * Compiled kernels, remembered by their text: it holds no hyperparameter and no size of a leaf, so that equal structure
 * is equal text.
 */
import { remember } from '../../../rule/intern.js'
import { boundedCache } from '../../boundedCache.js'
import { count } from '../../statistics.js'

/** How many compiled kernels of a device are kept; those in use are held by their programs as well. */
const KEPT = 256

const compiler = remember((device: GPUDevice) => {
  const cache = boundedCache<GPUComputePipeline>(KEPT)
  return (code: string): GPUComputePipeline => {
    let found = true
    const pipeline = cache(code, () => {
      found = false
      return device.createComputePipeline({
        layout: 'auto',
        compute: { module: device.createShaderModule({ code }), entryPoint: 'main' },
      })
    })
    count(found ? 'hits' : 'compilations')
    return pipeline
  }
})

/** The compiled kernel of a text, whose entry is `main`. */
export const pipelineOf = (device: GPUDevice, code: string): GPUComputePipeline => compiler(device)(code)
