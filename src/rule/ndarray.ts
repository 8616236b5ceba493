/** NdArray: numbers in an array, with a shape; and what all leaves without a tensor library have in common. */
import { GradpipeError } from '../error.js'
import { shown } from '../options.js'

// model

/**
 * The numbers of a leaf, row by row.
 *
 * @category Trees
 */
export type Elements = Float32Array | Float64Array

/**
 * A leaf of parameters, gradients and state: a Float64Array or a Float32Array with a shape. Made by {@link ndarray}.
 *
 * It is called as NumPy, JAX and scijs call it. A `TensorBuffer` of TensorFlow.js is less: it is there to be filled, and
 * has no float64. A class, so that it is a leaf, and no record of two.
 *
 * @category Trees
 * @example
 * ```ts
 * import { NdArray, ndarray } from 'gradpipe'
 *
 * const a = ndarray(Float32Array.of(1, 2, 3, 4), [2, 2])
 * assert.ok(a instanceof NdArray)
 * assert.deepEqual([a.dtype, a.shape, a.data[3]], ['float32', [2, 2], 4])
 * ```
 */
export class NdArray<out D extends Elements = Elements> {
  /** The numbers, row by row: the last index is the fastest. They are not copied. */
  readonly data: D
  /** Lengths of the axes; at least one. */
  readonly shape: readonly number[]

  /** @internal Takes what is known to fit; {@link ndarray} looks at it first. */
  constructor(data: D, shape: readonly number[]) {
    this.data = data
    this.shape = Object.freeze([...shape])
    Object.freeze(this)
  }

  /** `float64` or `float32`. */
  get dtype(): 'float64' | 'float32' {
    return this.data instanceof Float64Array ? 'float64' : 'float32'
  }
}

/**
 * A leaf that needs no tensor library: a number, an array, or an array with a shape.
 *
 * @category Trees
 */
export type NumberLeaf = number | Elements | NdArray

// constructors

const showLengths = (shape: readonly number[]): string => `[${shape.join(', ')}]`

const checked = (data: unknown, shape: unknown): void => {
  const wrong = (of: string, expected: string, given: string): GradpipeError =>
    new GradpipeError(of === 'data' ? 'InvalidLeaf' : 'ShapeMismatch', `ndarray.${of}`, expected, given)
  if (!isElements(data)) throw wrong('data', 'a Float64Array or a Float32Array', shown(data))
  expectMemory('ndarray.data', data)
  const lengths: readonly unknown[] = Array.isArray(shape) ? shape : []
  if (lengths.length === 0)
    throw wrong('shape', 'a list of at least one length; a leaf without axes is a number', shown(shape))
  for (const [i, n] of lengths.entries())
    if (typeof n !== 'number' || !Number.isSafeInteger(n) || n < 0)
      throw wrong(`shape.${i}`, 'a whole number, 0 or more', shown(n))
  const all = lengths as readonly number[] // each was looked at
  if (all.reduce((size, n) => size * n, 1) !== data.length)
    throw wrong(
      'shape',
      `lengths whose product is ${data.length}, as many as there are numbers`,
      showLengths(all),
    )
}

/**
 * An array with a shape, as a leaf: a matrix, or a stack of them, for whoever has no tensors, or wants float64.
 *
 * It is computed as a flat array is, bit for bit: in float64 on a `Float64Array`, in float32, each operation rounded, on a
 * `Float32Array`. Rules that look at axes, and masks that look at `shape`, see a matrix. The array is not copied; what a
 * step gives back has an array of its own. Gradients have the kind and the shape of their parameters.
 *
 * Throws `InvalidLeaf` for another array, `ShapeMismatch` for a shape that does not fit it or has no axes (a leaf without
 * axes is a number), and `Disposed` for an array that a donating step has emptied.
 *
 * @category Trees
 * @see NumPy, `ndarray`
 * @example
 * ```ts
 * import { adamw, ndarray, step } from 'gradpipe'
 *
 * const tx = adamw(0.1, { mask: ({ shape }) => shape.length === 2 })
 * const params = { kernel: ndarray(Float64Array.of(1, 2, 3, 4, 5, 6), [2, 3]), bias: new Float64Array(3) }
 * const grads = { kernel: ndarray(new Float64Array(6).fill(1), [2, 3]), bias: new Float64Array(3) }
 * const [next] = step(tx)(params, tx.init(params), grads)
 * assert.deepEqual(next.kernel.shape, [2, 3])
 * assert.ok(next.kernel.data.every((x, i) => x < i + 1))
 * ```
 */
export const ndarray = <D extends Elements>(data: D, shape: readonly number[]): NdArray<D> => {
  checked(data, shape)
  return new NdArray(data, shape)
}

/** An array of numbers in the precision of another. */
const inPrecisionOf = (like: Elements, values: Elements): Elements => {
  if (like instanceof Float32Array) return values instanceof Float32Array ? values : Float32Array.from(values)
  return values instanceof Float64Array ? values : Float64Array.from(values)
}

/**
 * A leaf of the kind and shape of another, with these numbers. An array of the right precision is taken for the leaf's own,
 * and not copied.
 */
export const likeLeaf = (like: NumberLeaf, values: Elements): NumberLeaf =>
  typeof like === 'number'
    ? (values[0] ?? Number.NaN)
    : like instanceof NdArray
      ? new NdArray(inPrecisionOf(like.data, values), like.shape)
      : inPrecisionOf(like, values)

/** The same numbers in an array of its own. */
export const cloneLeaf = (leaf: NumberLeaf): NumberLeaf => {
  const numbers = numbersOf(leaf)
  return typeof numbers === 'number' ? numbers : likeLeaf(leaf, numbers.slice())
}

// destructors

/** Whether something is an array of floats. */
export const isElements = (leaf: unknown): leaf is Elements =>
  leaf instanceof Float64Array || leaf instanceof Float32Array

/** Whether a leaf needs no tensor library. */
export const isNumberLeaf = (leaf: unknown): leaf is NumberLeaf =>
  typeof leaf === 'number' || isElements(leaf) || leaf instanceof NdArray

/** A leaf's number, or the array that holds its numbers. */
export const numbersOf = (leaf: NumberLeaf): number | Elements => (leaf instanceof NdArray ? leaf.data : leaf)

/** How many numbers a leaf has. */
export const countOf = (leaf: NumberLeaf): number => {
  const numbers = numbersOf(leaf)
  return typeof numbers === 'number' ? 1 : numbers.length
}

const gone: readonly [expected: string, given: string] = [
  'an array with memory of its own',
  'an array that was given up to a step with donate, which took its memory',
]

/** Throws `Disposed` for an array whose memory was handed over. */
export const expectMemory = (path: string, data: Elements): void => {
  if (isGivenUp(data)) throw new GradpipeError('Disposed', path, ...gone)
}

/** Whether an array's memory was handed over, so that it has none. */
export const isGivenUp = (data: Elements): boolean => {
  // the buffer is left alone: engines make none for a small array until it is asked for
  if (data.length > 0) return false
  try {
    // a buffer without memory can have no view: so an engine is asked that knows no better
    new Uint8Array(data.buffer)
    return false
  } catch {
    return true
  }
}
