/** The fused interpreter for WebGL in a page. */
export { ofCatalogue, operations, random, special, steps } from '../../webgl/agreement.js'
export { donated, readAround, shared } from '../../webgl/donation.js'
export { different, lost, recorded, refused } from '../../webgl/fallbacks.js'
export { goldens } from '../../webgl/goldens.js'
export { layoutsOf } from '../../webgl/layouts.js'
export { compiled, draws, limited, norms, reduced } from '../../webgl/limits.js'
export { trained } from '../../webgl/training.js'
