/** `objax.optimizer`: optimizers, moving averages and schedulers. */

export { Adam, type AdamOptions } from './adam.js'
export {
  ExponentialMovingAverage,
  ExponentialMovingAverageModule,
  type ExponentialMovingAverageOptions,
} from './ema.js'
export { LARS, type LARSOptions } from './lars.js'
export { Momentum, type MomentumOptions } from './momentum.js'
export * as scheduler from './scheduler.js'
export { SGD } from './sgd.js'
