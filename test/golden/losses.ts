/** The golden losses: their cases as calls. */
import * as tf from '@tensorflow/tfjs-core'
import { losses } from '../../src/tfjs/index.js'
import { camel, type GoldenLeaf, isGoldenLeaf, type Json, readGoldens } from './golden.js'

/** A loss of optax_losses.json. */
export interface GoldenLoss {
  readonly name: string
  readonly config: Readonly<Record<string, Json>>
  readonly args: readonly GoldenLeaf[]
  readonly value: GoldenLeaf
  /** Of the sum of the value, in the first argument. */
  readonly grad: GoldenLeaf
  readonly f32_dev: number
}

/** A loss of optax_loss_options.json. */
export interface GoldenOptions extends Omit<GoldenLoss, 'value' | 'grad'> {
  /** Several where the function gives several. */
  readonly value: GoldenLeaf | readonly GoldenLeaf[]
  /** Which arguments are integers. */
  readonly integers: readonly number[]
  /** Of the sum of the (first) value, by argument. */
  readonly grads: Readonly<Record<string, GoldenLeaf>>
}

/** Losses as Optax calls them by default, for the most part. */
export const goldens: readonly GoldenLoss[] = readGoldens<{ readonly losses: readonly GoldenLoss[] }>(
  'optax_losses',
).losses

/** Losses with other options. */
export const others: readonly GoldenOptions[] = readGoldens<{ readonly losses: readonly GoldenOptions[] }>(
  'optax_loss_options',
).losses

/** A loss as a function of whatever it takes. */
export type Loss = (...args: readonly unknown[]) => tf.Tensor
const functions: Readonly<Record<string, unknown>> = losses

/** Which argument is a class per example; the file writes all numbers alike. */
const classes: Readonly<Record<string, number>> = {
  softmax_cross_entropy_with_integer_labels: 1,
  multiclass_hinge_loss: 1,
  multiclass_perceptron_loss: 1,
  multiclass_sparsemax_loss: 1,
  ntxent: 1,
  ctc_loss: 2,
}

const tensorOf = ({ shape, data }: GoldenLeaf, integer: boolean): tf.Tensor =>
  data.every((x) => typeof x === 'boolean')
    ? tf.tensor(data.map(Number), [...shape], 'bool')
    : tf.tensor(Float32Array.from(data, Number), [...shape], integer ? 'int32' : 'float32')

/** The call of a case: the parameters that Optax takes by position and we by name go into the options. */
export const callOf = ({ name, config }: Pick<GoldenLoss, 'name' | 'config'>): Loss => {
  if (name === 'make_fenchel_young_loss') {
    if (config.max_fun !== 'logsumexp') throw new Error(`there is no function ${String(config.max_fun)}`)
    const loss = losses.makeFenchelYoungLoss((scores) => tf.logSumExp(scores, -1))
    return (scores, targets) => loss(scores as tf.Tensor, targets as tf.Tensor)
  }
  const loss = functions[camel(name)]
  if (typeof loss !== 'function') throw new Error(`there is no loss ${camel(name)}`)
  // the file is trusted to call what it names as Optax does
  const call = loss as Loss
  const { alpha, ...rest } = config
  const given = Object.entries(name === 'smooth_labels' ? rest : config).map(
    ([key, value]) => [camel(key), isGoldenLeaf(value) ? tensorOf(value, false) : value] as const,
  )
  const options = given.length === 0 ? [] : [Object.fromEntries(given)]
  if (name === 'smooth_labels') return (labels) => call(labels, alpha, ...options)
  // targets may be left out, before the options
  const absent = name === 'huber_loss' ? [undefined] : []
  return (...args) => call(...args, ...(args.length === 1 ? absent : []), ...options)
}

/** The arguments of a case. */
export const argumentsOf = (golden: GoldenLoss | GoldenOptions): readonly [tf.Tensor, ...tf.Tensor[]] => {
  const integers = 'integers' in golden ? golden.integers : [classes[golden.name]]
  const [first, ...rest] = golden.args.map((arg, i) => tensorOf(arg, integers.includes(i)))
  if (first === undefined) throw new Error(`${golden.name} is called without arguments`)
  return [first, ...rest]
}

/** A loss, or the first of several tensors. */
export const lossOf = (value: unknown): tf.Tensor => (Array.isArray(value) ? value[0] : value) as tf.Tensor // as all losses give it
