/** Inputs and targets of a LayersModel: one tensor of the right shape for each slot. */
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

/** A slot for data: its name, and its shape, with `null` for any length. */
export interface Slot {
  readonly name: string
  readonly shape: readonly (number | null)[]
}

const show = (shape: readonly (number | null)[]): string => `[${shape.map((n) => n ?? 'any').join(', ')}]`

/**
 * Tensors in the order of the slots. Throws `InvalidArgument` or `TreeMismatch` if there are more or fewer, or other
 * names.
 */
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
 * The tensors for some slots, those of rank 1 as columns. They are borrowed or new, so call this within a tidy.
 *
 * Losses broadcast, so targets of another shape would silently give a wrong loss. Therefore shapes are checked, as in
 * `fit`. Throws `InvalidArgument`, `TreeMismatch`, `InvalidLeaf`, `Disposed`, `ShapeMismatch`.
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

/** The slots of a model's inputs. */
export const inputSlots = (model: LayersModel): readonly Slot[] => named(model.inputNames, model.inputs)

/** The slots of a model's outputs. */
export const outputSlots = (model: LayersModel): readonly Slot[] => named(model.outputNames, model.outputs)
