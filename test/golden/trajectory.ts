/**
 * Feeds a transformation as the golden run was fed, and compares what comes out at every recorded step.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { LeafSpec } from '../../src/rule/leaf.js'
import { leaves, showPath, type Tree } from '../../src/tree/index.js'
import { catalogue, type Library } from './catalogue.js'
import {
  compare,
  compareState,
  type Difference,
  decode,
  encode,
  type GoldenCase,
  type GoldenInputs,
  type GoldenTree,
  type Json,
  type Kind,
  type Leaf,
  type Numbers,
  type StateNotes,
  tensor,
} from './golden.js'

type Leaves = Tree<Leaf>

/** What the harness needs of a transformation; its state is looked at as data. */
export interface Transformation {
  readonly init: (params: Leaves) => unknown
  readonly update: (
    grads: Leaves,
    state: unknown,
    params?: Leaves,
    extra?: { readonly value: number },
  ) => readonly [updates: Leaves, state: unknown]
}

/** The two ways to move parameters. */
export interface Stepping {
  readonly applyUpdates: (params: Leaves, updates: Leaves) => Leaves
  readonly step: (
    tx: Transformation,
  ) => (params: Leaves, state: unknown, grads: Leaves) => readonly [params: Leaves, state: unknown]
}

/** A case's inputs as trees of numbers. */
interface Fed {
  readonly params0: Tree<Numbers>
  readonly grads: readonly Tree<Numbers>[]
  readonly values: readonly number[]
}

const feed = (inputs: GoldenInputs): Fed => ({
  params0: decode(inputs.params0),
  grads: inputs.grads.map(decode),
  values: inputs.values.map(({ data }) => Number(data[0])),
})

/** The transformation that a case describes, for inputs of these shapes, on leaves of this kind. */
export const transformationOf = (
  library: Library,
  spec: Pick<GoldenCase, 'name' | 'args' | 'config' | 'call'>,
  params: Tree<Numbers>,
  kind: Kind,
): Transformation => {
  const ranks = new Map(leaves(params).map(([path, { shape }]) => [showPath(path), shape.length]))
  const rankOf = ({ path, shape }: LeafSpec): number =>
    kind === tensor ? shape.length : (ranks.get(showPath(path)) ?? Number.NaN)
  const { name, args, config, call } = spec
  const json: Json = { name, config, ...(args && { args }), ...(call && { call }) }
  // the catalogue calls functions that it finds by name; that this one made a transformation shows when it runs
  return catalogue(library, rankOf)(json) as Transformation
}

const tensorsIn = (node: unknown): readonly tf.Tensor[] =>
  node instanceof tf.Tensor
    ? [node]
    : typeof node === 'object' && node !== null && !ArrayBuffer.isView(node)
      ? Object.values(node).flatMap(tensorsIn)
      : []

/** Runs `make`; what it leaves behind beyond the tensors that it returns is a difference. */
const watched = <A>(what: string, leaks: Difference[], make: () => A): A => {
  const before = tf.memory().numTensors
  const made = make()
  const [grown, returned] = [tf.memory().numTensors - before, new Set(tensorsIn(made)).size]
  if (grown !== returned) {
    const message = `${grown} more tensors are alive, of which ${returned} were returned`
    leaks.push({ path: what, ratio: Number.POSITIVE_INFINITY, message })
  }
  return made
}

const recordedAt = (trees: Readonly<Record<string, GoldenTree>>, step: number): GoldenTree | undefined =>
  trees[String(step)]

/**
 * A building block: update n (from 1) is given the parameters `params0 · (1 + (n − 1)/16)`, and nothing is
 * applied.
 */
const followUpdates = (
  tx: Transformation,
  golden: GoldenCase,
  { params0, grads, values }: Fed,
  kind: Kind,
  notes: StateNotes,
): readonly Difference[] => {
  const tolerance = kind.tolerance(golden.f32_dev)
  const differences: Difference[] = []
  const first = encode(kind, params0)
  let state = watched('init', differences, () => tx.init(first))
  for (const [i, gradients] of grads.entries()) {
    const [given, params] = [encode(kind, gradients), encode(kind, params0, 1 + i / 16)]
    const extra = golden.extra?.includes('value') ? [{ value: values[i] ?? Number.NaN }] : []
    const [updates, next] = watched(`update ${i + 1}`, differences, () =>
      tx.update(given, state, params, ...extra),
    )
    state = next
    const expected = recordedAt(golden.updates ?? {}, i + 1)
    if (expected !== undefined) differences.push(...compare(`update ${i + 1}`, expected, updates, tolerance))
  }
  return [...differences, ...compareState('state', golden.state, state, tolerance, notes)]
}

/** An optimizer: the parameters move by its updates. */
const followParams = (
  tx: Transformation,
  { applyUpdates, step }: Stepping,
  golden: GoldenCase,
  { params0, grads, values }: Fed,
  kind: Kind,
  notes: StateNotes,
): readonly Difference[] => {
  const tolerance = kind.tolerance(golden.f32_dev)
  const differences: Difference[] = []
  const extra = (i: number): readonly [] | readonly [{ readonly value: number }] =>
    golden.extra?.includes('value') ? [{ value: values[i] ?? Number.NaN }] : []
  type Step = (params: Leaves, state: unknown, grads: Leaves, i: number) => readonly [Leaves, unknown]
  const byHand: Step = (params, state, given, i) => {
    const [updates, next] = tx.update(given, state, params, ...extra(i))
    const applied = applyUpdates(params, updates)
    tf.dispose([...tensorsIn(updates)])
    return [applied, next]
  }
  const both: readonly (readonly [string, Step])[] = [
    ['update and applyUpdates', byHand],
    // an extra argument goes to `update` only
    ...(golden.extra === undefined ? [['step', step(tx)] as const] : []),
  ]
  for (const [how, move] of both) {
    let params = encode(kind, params0)
    let state = tx.init(params)
    for (const [i, gradients] of grads.entries()) {
      const given = encode(kind, gradients)
      const where = `${how}, params ${i + 1}`
      const before = [params, state] as const
      const [moved, next] = watched(where, differences, () => move(...before, given, i))
      params = moved
      state = next
      const expected = recordedAt(golden.params ?? {}, i + 1)
      if (expected !== undefined) differences.push(...compare(where, expected, params, tolerance))
    }
    differences.push(...compareState(`${how}, state`, golden.state, state, tolerance, notes))
  }
  return differences
}

/** Every recorded leaf's distance from its golden value, and every tensor that was left behind. */
export const follow = (
  library: Library,
  stepping: Stepping,
  golden: GoldenCase,
  inputs: GoldenInputs,
  kind: Kind,
  notes: StateNotes,
): readonly Difference[] =>
  tidily(() => {
    const fed = feed(inputs)
    const tx = transformationOf(library, golden, fed.params0, kind)
    return golden.params === undefined
      ? followUpdates(tx, golden, fed, kind, notes)
      : followParams(tx, stepping, golden, fed, kind, notes)
  })

/** Frees all tensors that `run` has made; what it returns holds none. */
export const tidily = <A>(run: () => A): A => {
  tf.engine().startScope()
  try {
    return run()
  } finally {
    tf.engine().endScope()
  }
}
