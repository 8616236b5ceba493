/** `objax.nn`: layers. */

export { BatchNorm, BatchNorm0D, type BatchNormCall, type BatchNormOptions } from './batchNorm.js'
/**
 * Initial values of layers: `objax.nn.init`.
 *
 * @category Layers
 */
export * as init from './init.js'
export { Linear, type LinearOptions } from './linear.js'
export { type Keywords, type Layer, Sequential } from './sequential.js'
