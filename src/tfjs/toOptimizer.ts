/** toOptimizer: the optimizer of a transformation, for `model.compile` and wherever else TensorFlow.js wants one. */
import { GradpipeError } from '../error.js'
import { options, shown } from '../options.js'
import { GradpipeOptimizer } from './optimizer.js'
import { type Drive, stepperOf } from './stepper.js'

/**
 * Options of {@link toOptimizer}.
 *
 * @category LayersModel
 */
export interface ToOptimizerOptions {
  /** What the transformation is called in saved models. Default `'gradpipe'`. */
  readonly name?: string
}

export const toOptimizer = <S>(tx: Drive<S>, given?: ToOptimizerOptions): GradpipeOptimizer => {
  const { name } = options('toOptimizer', { name: 'gradpipe' }, given)
  if (typeof name !== 'string' || name === '')
    throw new GradpipeError('InvalidArgument', 'toOptimizer.name', 'a text that is not empty', shown(name))
  const stepper = stepperOf(tx)
  GradpipeOptimizer.register(name, stepper)
  return new GradpipeOptimizer(stepper, name)
}
