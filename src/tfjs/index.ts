/** gradpipe/tfjs: gradient transformations where TensorFlow.js expects its own. */
export type { GradpipeOptimizer } from './optimizer.js'
export type { Drive, MinimizeArgs } from './stepper.js'
export { type ToOptimizerOptions, toOptimizer } from './toOptimizer.js'
