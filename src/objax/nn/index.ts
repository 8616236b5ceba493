/** `objax.nn`: layers. */

export { BatchNorm, BatchNorm0D, type BatchNormCall, type BatchNormOptions } from './batchNorm.js'
export * as init from './init.js'
export { Linear, type LinearOptions } from './linear.js'
export { type Keywords, type Layer, Sequential } from './sequential.js'
