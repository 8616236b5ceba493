/** The fused interpreter for WebGL in a page. */
export { ofCatalogue, operations, random, special, steps } from '../../webgl/agreement.js'
