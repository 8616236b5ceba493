/** Tensors' steps computed once more by the reference, which is told their shapes. */
import type * as tf from '@tensorflow/tfjs-core'
import { bring } from '../../src/host/brought.js'
import type { MatrixHost } from '../../src/host/host.js'
import { numberInterpreter } from '../../src/host/numbers/number.js'
import type { NumberValue } from '../../src/host/numbers/values.js'
import { tensorHost } from '../../src/host/tfjs/host.js'
import type { Column, Done, Work } from '../../src/host/work.js'
import type { Elements } from '../../src/rule/ndarray.js'

const numbersOf = (tensor: tf.Tensor | null): NumberValue | null => {
  if (tensor === null) return null
  const data = Float32Array.from(tensor.dataSync())
  return tensor.rank === 0 ? (data[0] ?? Number.NaN) : data
}

const columnOf = (column: Column<tf.Tensor>): Column<NumberValue> => column.map(numbersOf)

const mapValues = <A, B>(
  record: Readonly<Record<string, A>>,
  f: (value: A, name: string) => B,
): Readonly<Record<string, B>> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value, name)]))

/** An output of a step, by both. */
export interface Both {
  readonly what: string
  readonly tensor: Elements
  readonly reference: Elements
}

const elementsOf = (value: NumberValue | null | undefined): Elements =>
  typeof value === 'number' ? Float32Array.of(value) : (value ?? new Float32Array(0))

const bothOf = (done: Done<tf.Tensor>, reference: Done<NumberValue>): readonly Both[] => [
  ...Object.entries(done.columns).flatMap(([name, column]) =>
    column.map((tensor, i) => ({
      what: `${name || 'update'} of leaf ${i}`,
      tensor: elementsOf(numbersOf(tensor)),
      reference: elementsOf(reference.columns[name]?.[i]),
    })),
  ),
  ...Object.entries(done.tree).map(([name, tensor]) => ({
    what: name,
    tensor: elementsOf(numbersOf(tensor)),
    reference: elementsOf(reference.tree[name]),
  })),
]

/** Runs a function whose every step on tensors is also computed by the reference; the outputs of all, by both. */
export const byBoth = (run: () => void): readonly Both[] => {
  const all: Both[] = []
  const both: MatrixHost<tf.Tensor> = {
    ...tensorHost,
    run: (work: Work<tf.Tensor>) => {
      const reference = numberInterpreter({
        ...work,
        donate: false,
        gradients: columnOf(work.gradients),
        parameters: columnOf(work.parameters),
        slots: mapValues(work.slots, columnOf),
        treeSlots: mapValues(work.treeSlots, numbersOf),
      })
      const done = tensorHost.run(work)
      all.push(...bothOf(done, reference))
      return done
    },
  }
  bring({ tensors: both })
  try {
    run()
  } finally {
    bring({ tensors: tensorHost })
  }
  return all
}
