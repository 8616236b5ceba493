/** Inputs and targets of a LayersModel: one tensor for each place, of the right shape. */
import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { GradpipeError } from '../../error.js'
import { shown } from '../../options.js'
import { expectTensor } from './expectTensor.js'

/**
 * Inputs or targets, as `fit` takes them: a tensor, one for each input or output, or a record of them by name.
 *
 * @category Models
 */
export type ModelData = tf.Tensor | readonly tf.Tensor[] | Readonly<Record<string, tf.Tensor>>

/** A place for data: its name, and its shape with `null` where any length will do. */
export interface Slot {
  readonly name: string
  readonly shape: readonly (number | null)[]
}

const show = (shape: readonly (number | null)[]): string => `[${shape.map((n) => n ?? 'any').join(', ')}]`

/** Tensors in the order of the slots. Throws `InvalidArgument` or `TreeMismatch` where there are others. */
const inOrder = (at: string, slots: readonly Slot[], data: ModelData): readonly unknown[] => {
  const expected = slots.length === 1 ? 'a tensor' : `${slots.length} tensors`
  if (data instanceof tf.Tensor || Array.isArray(data)) {
    const tensors: readonly unknown[] = data instanceof tf.Tensor ? [data] : data
    if (tensors.length === slots.length) return tensors
    throw new GradpipeError('InvalidArgument', at, expected, `${tensors.length}`)
  }
  if (typeof data !== 'object' || data === null)
    throw new GradpipeError('InvalidArgument', at, expected, shown(data))
  const byName = new Map<string, unknown>(Object.entries(data))
  const wrong = [...byName.keys()].find((name) => !slots.some((slot) => slot.name === name))
  if (wrong !== undefined) throw new GradpipeError('TreeMismatch', `${at}.${wrong}`, 'nothing', 'a value')
  return slots.map(({ name }) => byName.get(name))
}

/**
 * The tensors for some slots, those of rank 1 as columns: borrowed or new, so to be called within a tidy.
 *
 * Losses broadcast, and would take targets of another shape for what they are not: so the shapes are looked at, as `fit`
 * does. Throws `InvalidArgument`, `TreeMismatch`, `InvalidLeaf`, `Disposed`, `ShapeMismatch`.
 */
export const tensorsFor = (name: string, slots: readonly Slot[], data: ModelData): readonly tf.Tensor[] =>
  inOrder(name, slots, data).map((given, i) => {
    const slot = slots[i] as Slot // one for each
    const at = slots.length === 1 ? name : `${name}.${slot.name}`
    const tensor = expectTensor(at, given)
    const column = tensor.rank === 1 ? tf.expandDims(tensor, 1) : tensor
    const fits =
      column.rank === slot.shape.length &&
      slot.shape.every((n, axis) => n === null || n === column.shape[axis])
    if (fits) return column
    throw new GradpipeError('ShapeMismatch', at, show(slot.shape), show(tensor.shape))
  })

const named = (names: readonly string[], symbols: LayersModel['outputs']): readonly Slot[] =>
  symbols.map(({ shape }, i) => ({ name: names[i] ?? '', shape }))

/** The places of a model's inputs. */
export const inputSlots = (model: LayersModel): readonly Slot[] => named(model.inputNames, model.inputs)

/** The places of a model's outputs. */
export const outputSlots = (model: LayersModel): readonly Slot[] => named(model.outputNames, model.outputs)
