/**
 * gradpipe/export: transformations as programs for other engines.
 *
 * @module gradpipe/export
 */
export { type ToOptaxOptions, toOptax } from './toOptax.js'
export { type ToTorchOptions, toTorch } from './toTorch.js'
