/** `@tensorflow/tfjs` for examples: tensors and layers. What loads data and converted models is left out. */
export * from '@tensorflow/tfjs-layers'
export * from './tfjsCore.js'
