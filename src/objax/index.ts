/**
 * `gradpipe/objax`: the class API of Objax on the rules of gradpipe.
 *
 * @module gradpipe/objax
 */
import '../tfjs/tensors.js'

export { Function } from './function.js'
export { Grad, type GradOptions, GradValues, type LossOutput, type LossValues } from './gradient.js'
export { Module, type ModuleConstructor } from './module.js'
export { ModuleList } from './moduleList.js'
/**
 * Layers: `objax.nn`.
 *
 * @category Namespaces
 */
export * as nn from './nn/index.js'
/**
 * Optimizers: `objax.optimizer`.
 *
 * @category Namespaces
 */
export * as optimizer from './optimizer/index.js'
/**
 * Random numbers: `objax.random`.
 *
 * @category Namespaces
 */
export * as random from './random/index.js'
export { RandomState } from './randomState.js'
/**
 * Helpers for variables: `objax.util`.
 *
 * @category Namespaces
 */
export * as util from './util/index.js'
export { type AnyVarClass, type NamedVars, type VarClass, VarCollection } from './varCollection.js'
export { BaseState, BaseVar, StateVar, TrainRef, TrainVar } from './variable.js'
