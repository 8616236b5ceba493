/** `@tensorflow/tfjs-backend-cpu` for examples. */
export * from '@tensorflow/tfjs-backend-cpu'
