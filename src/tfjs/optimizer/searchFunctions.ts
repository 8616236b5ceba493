/** A loss over variables as functions of the variables' values, for transformations that look elsewhere: line searches. */
import * as tf from '@tensorflow/tfjs-core'
import type { Params } from '../../rule/leaf.js'
import { withValues } from './inPlace.js'
import type { MinimizeArgs } from './stepper.js'

/** Computes a loss, and its gradient by the variables' names. */
export type ComputeGradients = (
  f: () => tf.Scalar,
  variables: tf.Variable[],
) => { readonly value: tf.Scalar; readonly grads: Readonly<Record<string, tf.Tensor | null>> }

/** The functions of a loss; the variables are those with a gradient, by the keys that they have among the parameters. */
export const searchFunctions = (
  f: () => tf.Scalar,
  variables: ReadonlyMap<string, tf.Variable>,
  computeGradients: ComputeGradients,
): Pick<MinimizeArgs, 'valueFn' | 'valueAndGradFn'> => {
  const at = <T>(params: Params, compute: (keys: readonly string[]) => T): T => {
    // parameters are a record of tensors, as those that are stepped
    const values = new Map(Object.entries(params as Readonly<Record<string, tf.Tensor>>))
    const pairs = [...variables].flatMap(([key, variable]) => {
      const value = values.get(key)
      return value === undefined ? [] : [[variable, value] as const]
    })
    return withValues(pairs, () => compute([...values.keys()]))
  }
  return {
    valueFn: (params) => at(params, () => tf.tidy(f)),
    valueAndGradFn: (params) =>
      at(params, (keys) => {
        const { value, grads } = computeGradients(f, [...variables.values()])
        const gradOf = (key: string): tf.Tensor | null => grads[variables.get(key)?.name ?? ''] ?? null
        return { value, grads: Object.fromEntries(keys.map((key) => [key, gradOf(key)])) }
      }),
  }
}
