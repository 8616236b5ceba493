/** A tree with a leaf of every sort, as what it is and as the library `safetensors` should read it. */
import * as tf from '@tensorflow/tfjs-core'

/** What Python reads of a file: test/checkpoint/fixtures/read.py. */
export interface PythonRead {
  readonly tensors: Readonly<
    Record<string, { readonly dtype: string; readonly shape: readonly number[]; readonly bytes: string }>
  >
  readonly metadata: Readonly<Record<string, string>>
}

/** The tree. Its tensors are the caller's. */
export const goldenTree = (): object => ({
  params: {
    kernel: tf.tensor2d([1, -2, 3.5, -0, 1e-45, 65504], [2, 3]),
    steps: tf.tensor1d([1, -2147483648], 'int32'),
    mask: tf.tensor1d([true, false, true], 'bool'),
    scalar: tf.scalar(0.1),
    empty: tf.zeros([0, 2]),
  },
  state: [
    {
      count: 3,
      best: Number.POSITIVE_INFINITY,
      mu: { '': Float64Array.of(0.1, -0), 'a.b': Float32Array.of(2) },
    },
    { a: { b: Uint8Array.of(1, 2, 3) }, 'a.b': BigInt64Array.of(-5n), __metadata__: null },
    ['naïve', undefined, true, -0],
  ],
  'ключ "😀"': Int16Array.of(-1, 2),
  __metadata__: Int8Array.of(-7),
})

/** The dtypes, shapes and numbers of its tensors, as NumPy calls them. */
export const goldenTensors: Readonly<
  Record<string, readonly [dtype: string, shape: readonly number[], numbers: ArrayBufferView]>
> = {
  'params.kernel': ['<f4', [2, 3], Float32Array.of(1, -2, 3.5, -0, 1e-45, 65504)],
  'params.steps': ['<i4', [2], Int32Array.of(1, -2147483648)],
  'params.mask': ['|b1', [3], Uint8Array.of(1, 0, 1)],
  'params.scalar': ['<f4', [], Float32Array.of(0.1)],
  'params.empty': ['<f4', [0, 2], new Float32Array(0)],
  'state.0.mu.': ['<f8', [2], Float64Array.of(0.1, -0)],
  'state.0.mu.a.b': ['<f4', [1], Float32Array.of(2)],
  'state.1.a.b': ['|u1', [3], Uint8Array.of(1, 2, 3)],
  'state.1.a%2Eb': ['<i8', [1], BigInt64Array.of(-5n)],
  'ключ "😀"': ['<i2', [2], Int16Array.of(-1, 2)],
  '%5F_metadata__': ['|i1', [1], Int8Array.of(-7)],
}
