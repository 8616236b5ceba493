/** gradpipe/tfjs: gradient transformations where TensorFlow.js expects its own. */
export { toOptimizer } from './optimizer.js'
