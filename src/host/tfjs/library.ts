/**
 * TensorFlow.js for code that is loaded without it: `gradpipe/tfjs` brings it along.
 *
 * `gradpipe` imports nothing of TensorFlow.js, and still has transformations and projections that work on tensors. They
 * find its operations here. Whoever hands them a tensor has loaded it, or was told to import `gradpipe/tfjs`.
 */
import type * as tf from '@tensorflow/tfjs-core'
import type { Params } from '../../rule/leaf.js'

/** What is needed, and no more, so that a bundler can leave out the rest. */
export type Library = Pick<
  typeof tf,
  | (
      | 'Tensor'
      | 'Variable'
      | 'abs'
      | 'add'
      | 'addN'
      | 'cast'
      | 'concat1d'
      | 'cumsum'
      | 'customGrad'
      | 'div'
      | 'divNoNan'
    )
  | (
      | 'engine'
      | 'expandDims'
      | 'fill'
      | 'getBackend'
      | 'greater'
      | 'io'
      | 'keep'
      | 'less'
      | 'lessEqual'
      | 'matMul'
      | 'max'
    )
  | (
      | 'maximum'
      | 'mean'
      | 'minimum'
      | 'mul'
      | 'notEqual'
      | 'ones'
      | 'onesLike'
      | 'range'
      | 'relu'
      | 'reshape'
      | 'rsqrt'
    )
  | (
      | 'scalar'
      | 'slice'
      | 'sqrt'
      | 'square'
      | 'squeeze'
      | 'sub'
      | 'sum'
      | 'tensor'
      | 'tensor_util'
      | 'tidy'
      | 'tile'
    )
  | ('topk' | 'transpose' | 'where' | 'zeros' | 'zerosLike')
>

/** The gradient of a function of a tree of tensors; it can be differentiated in its turn. */
export type Grad = (f: (params: Params) => tf.Tensor) => (params: Params) => Params

/** The library; there is none until it is brought. */
export let tfjs: Library

/** Its gradients. */
export let grad: Grad

/** Brings the library and its gradients. */
export const bringLibrary = (library: Library, gradient: Grad): void => {
  tfjs = library
  grad = gradient
}

/** Whether the library is there. */
export const isBrought = (): boolean => tfjs !== undefined
