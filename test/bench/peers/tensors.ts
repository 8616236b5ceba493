/** What sessions on TensorFlow.js share: tensors of a problem, and fresh handles on its gradients. */
import * as tf from '@tensorflow/tfjs-core'
import type { Problem } from '../peer.js'

/** Tensors of a problem's numbers. */
export const tensorsOf = (
  { layout }: Pick<Problem, 'layout'>,
  values: readonly Float32Array[],
): tf.Tensor[] => values.map((v, i) => tf.tensor(v, [...(layout.shapes[i] ?? [])], 'float32'))

/** The numbers of tensors. */
export const valuesOf = async (tensors: readonly tf.Tensor[]): Promise<readonly Float32Array[]> =>
  Promise.all(tensors.map(async (t) => Float32Array.from(await t.data())))

/**
 * Gradients for every step: new handles on the same memory, as some peers consume them. Made and freed while no
 * time is taken.
 */
export const gradientsOf = (
  problem: Pick<Problem, 'layout' | 'grads'>,
): {
  readonly prepare: (steps: number) => void
  readonly next: () => tf.Tensor[]
  readonly close: () => void
} => {
  const grads = tensorsOf(problem, problem.grads)
  let ready: tf.Tensor[][] = []
  let at = 0
  const close = (): void => {
    tf.dispose(ready)
    tf.dispose(grads)
  }
  return {
    prepare: (steps) => {
      tf.dispose(ready)
      ready = Array.from({ length: steps }, () => grads.map((g) => g.clone()))
      at = 0
    },
    next: () => {
      const next = ready[at++]
      if (next === undefined) throw new Error('more steps than were prepared')
      return next
    },
    close,
  }
}
