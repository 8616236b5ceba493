/**
 * A state as weights of TensorFlow.js, and back, without the loss of a bit.
 *
 * A tensor goes by its path in the state: `state.0.mu.dense_Dense1/kernel`. What is not a tensor has a mark behind its path
 * that says what it is, `state.0.count:float64`, and its bytes as int32: weights are float32, int32 or bool.
 */
import * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../../error.js'
import { cloneTensor, isTensor } from '../../host/tfjs/tensor.js'
import { shown } from '../../options.js'
import { dispose } from '../../program/dispose.js'
import { NdArray, ndarray } from '../../rule/ndarray.js'
import { type Path, showPath } from '../../tree/path.js'

// model

/** A weight, as `tf.Optimizer` has it; its type has no name among TensorFlow.js's exports. */
export type NamedTensor = Awaited<ReturnType<tf.Optimizer['getWeights']>>[number]

/** A state that was saved. */
export interface Saved {
  /** The variables that it is of. */
  readonly variables: readonly string[]
  /** Its leaves by their paths; the tensors are clones. */
  readonly leaves: ReadonlyMap<string, unknown>
}

/** Nothing was saved. */
export const nothingSaved: Saved = { variables: [], leaves: new Map() }

const VARIABLES = 'variables'

/** The path of a leaf, as weights and errors have it. */
export const weightPath = (path: Path): string => showPath(['state', ...path])

// what is not a tensor

const marks = ['float64', 'float64s', 'float32s', 'ndarray64', 'ndarray32', 'json'] as const

type Mark = (typeof marks)[number]

const isMark = (mark: string): mark is Mark => marks.some((known) => known === mark)

const wordsOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Int32Array =>
  new Int32Array(buffer.slice(byteOffset, byteOffset + byteLength))

/** A value as a mark, and bytes by fours; names and flags are text, filled up with spaces. */
const encode = (value: unknown): readonly [Mark, Int32Array] => {
  if (typeof value === 'number') return ['float64', wordsOf(Float64Array.of(value))]
  if (value instanceof Float64Array) return ['float64s', wordsOf(value)]
  if (value instanceof Float32Array) return ['float32s', wordsOf(value)]
  if (value instanceof NdArray) {
    const { data, dtype, shape } = value
    // the number of axes and their lengths come first
    const words = Int32Array.of(shape.length, ...shape, ...wordsOf(data))
    return [dtype === 'float64' ? 'ndarray64' : 'ndarray32', words]
  }
  const text = new TextEncoder().encode(JSON.stringify(value ?? null))
  const filled = new Uint8Array(4 * Math.ceil(text.length / 4)).fill(32)
  filled.set(text)
  return ['json', wordsOf(filled)]
}

const decode = (mark: Mark, words: Int32Array): unknown => {
  const { buffer } = words.slice()
  if (mark === 'float32s') return new Float32Array(buffer)
  if (mark === 'ndarray32' || mark === 'ndarray64') {
    const from = 1 + (words[0] ?? 0)
    const bytes = words.slice(from).buffer
    const data = mark === 'ndarray32' ? new Float32Array(bytes) : new Float64Array(bytes)
    return ndarray(data, [...words.subarray(1, from)])
  }
  if (mark === 'json') return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(buffer))
  const all = new Float64Array(buffer)
  return mark === 'float64' ? all[0] : all
}

// weights

/** A state's leaves, and those that no variable has claimed yet, as weights; the tensors are new. */
export const toWeights = (
  variables: readonly string[],
  leaves: Iterable<readonly [path: string, leaf: unknown]>,
): readonly NamedTensor[] => {
  const asWeight = (name: string, value: unknown): NamedTensor => {
    if (isTensor(value)) return { name, tensor: cloneTensor(value) }
    const [mark, words] = encode(value)
    return { name: `${name}:${mark}`, tensor: tf.tensor1d(words, 'int32') }
  }
  return [asWeight(VARIABLES, variables), ...[...leaves].map(([path, leaf]) => asWeight(path, leaf))]
}

/** What is thrown for a weight that is not what it should be. */
export const wrongWeight = (name: string, expected: string, given: string): GradpipeError =>
  new GradpipeError('InvalidArgument', `setWeights.${name}`, expected, given)

const readWeight = async ({ name, tensor }: NamedTensor): Promise<readonly [string, unknown]> => {
  const [, path, mark] = /^(.*?)(?::([a-z0-9]+))?$/s.exec(name) ?? []
  if (path === undefined || mark === undefined || !isMark(mark)) return [name, tensor]
  if (tensor.dtype !== 'int32' || tensor.rank !== 1 || (mark.startsWith('float64') && tensor.size % 2 !== 0))
    throw wrongWeight(
      name,
      `a vector of int32 that is of ${mark}`,
      `${tensor.dtype} [${tensor.shape.join(', ')}]`,
    )
  try {
    return [path, decode(mark, Int32Array.from(await tensor.data()))]
  } catch (error) {
    throw wrongWeight(name, 'text of JSON', String(error))
  }
}

/** Reads weights, which may be freed once this has returned its promise. Throws `InvalidArgument`; then nothing is made. */
export const fromWeights = async (weights: readonly NamedTensor[]): Promise<Saved> => {
  const held = weights.map(({ name, tensor }) => ({ name, tensor: tf.keep(cloneTensor(tensor)) }))
  const read = new Map<string, unknown>()
  try {
    for (const [path, leaf] of await Promise.all(held.map(readWeight))) read.set(path, leaf)
    const variables = read.get(VARIABLES)
    read.delete(VARIABLES)
    if (!Array.isArray(variables) || !variables.every((name) => typeof name === 'string'))
      throw wrongWeight(
        VARIABLES,
        'the names of the variables',
        variables === undefined ? 'nothing' : shown(variables),
      )
    return { variables, leaves: read }
  } catch (error) {
    read.clear()
    throw error
  } finally {
    const kept = new Set(read.values())
    for (const { tensor } of held) if (!kept.has(tensor)) tensor.dispose()
  }
}

/** Frees what was saved. */
export const disposeSaved = ({ leaves }: Saved): void => dispose([...leaves.values()])
