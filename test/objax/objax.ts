/** What the tests of the class API share: the golden values of Objax. */
import * as tf from '@tensorflow/tfjs'
import { expect } from 'vitest'
import {
  assertAgreement,
  compare,
  type GoldenLeaf,
  type GoldenTree,
  isGoldenLeaf,
  type Json,
  readGoldens,
  tensor,
} from '../golden/golden.js'

// model

/** A golden tree with its leaves in a list. */
type Values = readonly GoldenLeaf[]

interface Run {
  readonly name: string
  readonly f32_dev: number
}

/** Arguments of `opt(lr, grads, …)`. */
export type Call = { readonly lr: number } & Readonly<Record<string, number>>

type Options = Readonly<Record<string, never>>

interface ObjaxFile {
  readonly inputs: Readonly<
    Record<string, { readonly params0: GoldenTree; readonly grads: readonly GoldenTree[] }>
  >
  readonly optimizers: readonly (Run & {
    readonly config: Options
    readonly inputs: string
    readonly call: Call
    readonly call_from?: Readonly<Record<string, Call>>
    readonly params: Readonly<Record<string, GoldenTree>>
    readonly state: Readonly<Record<string, GoldenTree>>
  })[]
  readonly ema_inputs: string
  readonly ema: readonly (Run & {
    readonly config: Options
    readonly s_values: Values
    readonly order: readonly string[]
    readonly averages: Readonly<Record<string, Values>>
    readonly values: Readonly<Record<string, Values>>
    readonly inside_replace_vars: Values
    readonly after_replace_vars: Values
    readonly step: GoldenLeaf
  })[]
  readonly ema_module: readonly (Run & {
    readonly config: { readonly ema: Options; readonly batch_norm: Options }
    readonly weights: Readonly<Record<'w' | 'b' | 'beta' | 'gamma', GoldenLeaf>>
    readonly x: Values
    readonly x_test: GoldenLeaf
    readonly rounds: readonly GoldenTree[]
    readonly vars: readonly string[]
    readonly refs_order: readonly string[]
    readonly ema_order: readonly string[]
  })[]
  readonly schedulers: readonly (Run & {
    readonly config: Readonly<Record<string, Json>>
    readonly values: readonly number[]
  })[]
  readonly layers: readonly (Run & {
    readonly nin: number
    readonly nout?: number
    readonly use_bias?: boolean
    readonly config?: Options
    readonly weights: Readonly<Record<string, GoldenLeaf>>
    readonly x: Values
    readonly outputs: readonly GoldenTree[]
  })[]
  readonly gradients: readonly (Run & {
    readonly weights: Readonly<Record<'w' | 'b', GoldenLeaf>>
    readonly x: GoldenLeaf
    readonly y: GoldenLeaf
    readonly values: Readonly<Record<string, GoldenTree>>
  })[]
  readonly errors: readonly {
    readonly name: string
    readonly misuse: string
    readonly type: string | null
    readonly value?: GoldenTree
  }[]
}

// reading

/** What Objax 1.8 computes. */
export const goldens: ObjaxFile = readGoldens<ObjaxFile>('objax')

/** A leaf as a tensor. */
export const toTensor = ({ shape, data }: GoldenLeaf): tf.Tensor =>
  tf.tensor(Float32Array.from(data, Number), [...shape], 'float32')

/**
 * The leaves in the order in which they stand in the file, which is the order in which Objax was given them.
 */
export const leavesOf = (node: GoldenTree): readonly GoldenLeaf[] =>
  node === null
    ? []
    : isGoldenLeaf(node)
      ? [node]
      : Object.values(node).flatMap((child: GoldenTree) => leavesOf(child))

/** `weight_decay: 0.1` → `weightDecay: 0.1`. */
export const camelKeys = <V>(record: Readonly<Record<string, V>>): Readonly<Record<string, V>> =>
  Object.fromEntries(
    Object.entries(record).map(([key, value]) => [
      key.replace(/_(.)/g, (_, c: string) => c.toUpperCase()),
      value,
    ]),
  )

// comparing

const shapesOf = (node: GoldenTree): readonly (readonly number[])[] =>
  leavesOf(node).map(({ shape }) => shape)

/** Tensors agree with golden ones in their shapes, and in their numbers as far as float32 can. */
export const expectGolden = (label: string, golden: GoldenTree, actual: unknown, f32Dev: number): void => {
  assertAgreement(label, compare('', golden, actual, tensor.tolerance(f32Dev)))
  expect(tensorsIn(actual).map(({ shape }) => shape)).toEqual(shapesOf(golden))
}

const tensorsIn = (node: unknown): readonly tf.Tensor[] =>
  node instanceof tf.Tensor
    ? [node]
    : typeof node === 'object' && node !== null
      ? Object.values(node).flatMap(tensorsIn)
      : []
