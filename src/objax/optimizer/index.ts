/** `objax.optimizer`: optimizers, moving averages and schedulers. */

export { Adam, type AdamOptions, type AdamState } from './adam.js'
export {
  ExponentialMovingAverage,
  ExponentialMovingAverageModule,
  type ExponentialMovingAverageOptions,
} from './ema.js'
export { LARS, type LARSOptions, type LARSState } from './lars.js'
export { Momentum, type MomentumOptions, type MomentumState } from './momentum.js'
/**
 * Schedules of learning rates: `objax.optimizer.scheduler`.
 *
 * @category Optimizers
 */
export * as scheduler from './scheduler.js'
export { SGD } from './sgd.js'
