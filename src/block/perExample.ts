/** perExampleGlobalNormClip and perExampleLayerNormClip: every example's gradient within bounds, summed. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { GradpipeError } from '../error.js'
import { isTensor } from '../host/tfjs/tensor.js'
import { sumClippedExamples } from '../matrix/examples.js'
import { required } from '../options.js'
import { disposingOnError } from '../program/dispose.js'
import { inspectGradient } from '../program/expect.js'
import { notNegative } from '../range.js'
import {
  type AnyTensor,
  type Leaf,
  type Leafwise,
  type Params,
  type ScalarTensor,
  showShape,
  sizeOf,
} from '../rule/leaf.js'
import { formOf } from '../tree/align.js'
import { buildForm } from '../tree/form.js'
import { showPath } from '../tree/path.js'

/** Gradients per example. */
interface Examples {
  readonly tensors: readonly AnyTensor[]
  /** How many there are. */
  readonly count: number
  /** A tree of their structure, of other leaves beside the tensors. */
  readonly tree: (leaves: readonly AnyTensor[]) => Params
}

/**
 * Looks at gradients per example, and lists their tensors, in the canonical order.
 *
 * Throws `DtypeMismatch` for a leaf that is not a tensor of floats, `ShapeMismatch` for one without a first axis, with no
 * examples, or with another number of them than the first leaf has.
 */
export const examplesOf = (grads: Params): Examples => {
  const { form, leaves } = formOf<Leaf>('grads', grads)
  const [first] = leaves.map(({ leaf }) => leaf).filter(isTensor)
  const count = first?.shape[0] ?? 0
  const tensors = leaves.map(({ path, leaf }) => {
    const at = showPath(['grads', ...path])
    const spec = inspectGradient({ tree: 'grads', path }, leaf)
    if (!isTensor(leaf))
      throw new GradpipeError('DtypeMismatch', at, 'a tensor, whose first axis counts examples', 'numbers')
    if (count === 0 || leaf.shape[0] !== count) {
      const shape = `float32 [${[count || 'examples', ...leaf.shape.slice(1)].join(', ')}]`
      throw new GradpipeError('ShapeMismatch', at, shape, showShape(spec))
    }
    return leaf
  })
  // all its leaves are tensors now
  return { tensors, count, tree: (leaves) => buildForm<Leaf>(form, leaves) }
}

/**
 * Options of {@link perExampleGlobalNormClip}.
 *
 * @category Building blocks
 */
export interface PerExampleGlobalNormClipOptions {
  /** The greatest norm of one example's gradient, from 0. */
  readonly l2NormClip: number
}

/**
 * Scales each example's gradient so that its norm over the whole tree is at most `l2NormClip`, and sums over the
 * examples.
 *
 * $$\sum_i g_i \min\!\left(1, \frac{C}{\lVert g_i \rVert}\right)$$
 *
 * Every leaf is a tensor whose first axis counts the examples; the sums do not have it. Returns the sums, and an
 * integer scalar tensor with the number of clipped examples; both are yours. A zero gradient is never clipped. Nor is
 * one whose norm is NaN: it makes the sum NaN.
 *
 * Throws `DtypeMismatch` for a leaf that is not a tensor of floats; `ShapeMismatch` for one without examples or with
 * another number of them; `InvalidArgument` for a bound below 0.
 *
 * @category Building blocks
 * @see Abadi et al., Deep Learning with Differential Privacy, 2016; Optax, `per_example_global_norm_clip`
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core'
 * import { dispose, perExampleGlobalNormClip } from 'gradpipe'
 * import 'gradpipe/tfjs'
 *
 * const grads = tf.tensor2d([[0, 0, 0], [0, 3, 4], [4, 0, 3], [3, 4, 0]])
 * const [sum, clipped] = perExampleGlobalNormClip(grads, { l2NormClip: 1.25 })
 * assert.deepEqual(sum.arraySync(), [1.75, 1.75, 1.75])
 * assert.equal(clipped.arraySync(), 3)
 * dispose(grads, sum, clipped)
 * ```
 */
export const perExampleGlobalNormClip = <P extends Params>(
  grads: P,
  given: PerExampleGlobalNormClipOptions,
): readonly [sum: Leafwise<P, AnyTensor>, numClipped: ScalarTensor] => {
  const { l2NormClip } = hyperparameters('perExampleGlobalNormClip', { l2NormClip: required.number }, given, {
    l2NormClip: notNegative,
  })
  const examples = examplesOf(grads)
  const { sums, clipped } = sumClippedExamples(examples.tensors, l2NormClip)
  const sum: unknown = examples.tree(sums)
  // the same structure
  return [sum as Leafwise<P, AnyTensor>, clipped]
}

/**
 * Options of {@link perExampleLayerNormClip}.
 *
 * @category Building blocks
 */
export interface PerExampleLayerNormClipOptions {
  /** The greatest norm of one example's gradient over the whole tree, from 0. */
  readonly globalL2NormClip: number
  /** Whether each leaf has the same share of the bound, or one by its number of elements. Default true. */
  readonly uniform?: boolean
}

/**
 * Scales each example's gradient, leaf by leaf, so that its norm over the leaf is at most the leaf's bound, and sums
 * over the examples.
 *
 * The bound of a leaf is $C / \sqrt{K}$ for $K$ leaves; without `uniform`, it is $C \sqrt{n / N}$ for a leaf of $n$ of
 * the $N$ elements of one example's gradient. Either way the whole gradient has a norm of at most $C$.
 *
 * Gives back the sums, and a tree of how many examples were clipped in each leaf. Leaves, and what throws, as for
 * {@link perExampleGlobalNormClip}.
 *
 * @category Building blocks
 * @see McMahan et al., Learning Differentially Private Recurrent Language Models, 2018; Optax,
 * `per_example_layer_norm_clip`
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core'
 * import { dispose, perExampleLayerNormClip } from 'gradpipe'
 * import 'gradpipe/tfjs'
 *
 * const grads = { w: tf.tensor2d([[3, 4], [0, 0]]), b: tf.tensor1d([1, -1]) }
 * const [sum, clipped] = perExampleLayerNormClip(grads, { globalL2NormClip: Math.SQRT2 })
 * assert.deepEqual(Array.from(sum.w.dataSync(), (x) => x.toFixed(2)), ['0.60', '0.80'])
 * assert.deepEqual([clipped.w, clipped.b].map((n) => n.arraySync()), [1, 0])
 * dispose(grads, sum, clipped)
 * ```
 */
export const perExampleLayerNormClip = <P extends Params>(
  grads: P,
  given: PerExampleLayerNormClipOptions,
): readonly [sum: Leafwise<P, AnyTensor>, numClipped: Leafwise<P, ScalarTensor>] => {
  const name = 'perExampleLayerNormClip'
  const { globalL2NormClip, uniform } = hyperparameters(
    name,
    { globalL2NormClip: required.number, uniform: true },
    given,
    { globalL2NormClip: notNegative },
  )
  const examples = examplesOf(grads)
  const sizes = examples.tensors.map(({ shape }) => sizeOf(shape.slice(1)))
  const all = sizes.reduce((sum, n) => sum + n, 0)
  return disposingOnError((made) => {
    const leaves = examples.tensors.map((tensor, i) => {
      const share = uniform ? 1 / sizes.length : (sizes[i] ?? 0) / all
      return made(sumClippedExamples([tensor], globalL2NormClip * Math.sqrt(share)))
    })
    const sums: unknown = examples.tree(leaves.flatMap(({ sums }) => sums))
    const clipped: unknown = examples.tree(leaves.map(({ clipped }) => clipped))
    // the same structure
    return [sums as Leafwise<P, AnyTensor>, clipped as Leafwise<P, ScalarTensor>]
  })
}
